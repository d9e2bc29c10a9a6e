/** Limits on what a client may send, and buffers. */

import { choice, flag, integer, type OptionDetails } from "../option.ts";

const amount = (flag: string, valueName: string, details: OptionDetails & { default: number }) =>
  integer(flag, valueName, { minimum: 0, ...details });

/** Options of the group "Client protocol and buffers". */
export const protocol = {
  limitRequestBody: amount("--limit-request-body", "NUMBER", {
    default: 10485760,
    since: "4.1.0",
    text: "Largest request body in bytes; a larger one is answered with 413. 0 is no limit.",
  }),
  headerTimeout: amount("--header-timeout", "SECONDS", {
    default: 15,
    since: "4.4.0",
    text: "Time for a client to send the request headers. 0 is no limit.",
  }),
  headerMaxTimeout: amount("--header-max-timeout", "SECONDS", {
    default: 30,
    since: "4.4.0",
    text: "Most time for the request headers while data keeps coming. 0 is no limit.",
  }),
  headerMinRate: amount("--header-min-rate", "BYTES", {
    default: 500,
    since: "4.4.0",
    text: "Bytes of request headers that extend the time for them by one second.",
  }),
  bodyTimeout: amount("--body-timeout", "SECONDS", {
    default: 15,
    since: "4.4.0",
    text: "Time for a client to send the request body. 0 is no limit.",
  }),
  bodyMaxTimeout: amount("--body-max-timeout", "SECONDS", {
    default: 0,
    since: "4.4.0",
    text: "Most time for the request body while data keeps coming. 0 is no limit.",
  }),
  bodyMinRate: amount("--body-min-rate", "BYTES", {
    default: 500,
    since: "4.4.0",
    text: "Bytes of request body that extend the time for it by one second.",
  }),
  keepAliveTimeout: amount("--keep-alive-timeout", "SECONDS", {
    default: 2,
    since: "4.1.0",
    text: "How long an idle client connection is kept. 0 closes it after each response.",
  }),
  chunkedRequest: flag("--chunked-request", {
    since: "4.4.0",
    text:
      "Accept request bodies in chunks, without a length; otherwise they are answered with 411.",
  }),
  sendBufferSize: amount("--send-buffer-size", "NUMBER", {
    default: 0,
    platform: "unix",
    effect: "none-yet",
    since: "4.1.0",
    text: "Send buffer, in bytes, of the sockets between server and application processes.",
  }),
  receiveBufferSize: amount("--receive-buffer-size", "NUMBER", {
    default: 0,
    platform: "unix",
    effect: "none-yet",
    since: "4.1.0",
    text: "Receive buffer, in bytes, of the sockets between server and application processes.",
  }),
  headerBufferSize: amount("--header-buffer-size", "NUMBER", {
    default: 0,
    since: "4.1.0",
    text: "Largest block of response headers, in bytes, that the application may send. " +
      "0 is 32768.",
  }),
  responseBufferSize: amount("--response-buffer-size", "NUMBER", {
    default: 0,
    since: "4.4.7",
    text: "Bytes of a response that may wait in the server for a slow client. 0 is 65536.",
  }),
  responseSocketTimeout: amount("--response-socket-timeout", "SECONDS", {
    default: 0,
    since: "4.5.13",
    text: "How long writing to a slow client may stand still. 0 takes --socket-timeout.",
  }),
  enableSendfile: flag("--enable-sendfile", {
    effect: "none-yet",
    since: "4.6.8",
    text: "Let the system send files.",
  }),
  mapHeadToGet: choice("--map-head-to-get", "OFF|ON|AUTO", ["Off", "On", "Auto"], {
    default: "Auto",
    effect: "none-yet",
    since: "4.3.0",
    text: "Whether the application sees GET for a HEAD request. Auto: only where something in " +
      "between needs the body.",
  }),
  compressResponses: flag("--compress-responses", {
    effect: "none-yet",
    since: "4.3.0",
    text: "Compress responses of common text types.",
  }),
};
