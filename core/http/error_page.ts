/** The small pages the server answers with where no application does. */

import { encodeLatin1 } from "../wsgi/latin1.ts";

interface ErrorText {
  readonly reason: string;
  readonly text: string;
}

const TEXTS: Readonly<Record<number, ErrorText>> = {
  400: { reason: "Bad Request", text: "The request is not valid HTTP and was not understood." },
  401: {
    reason: "Unauthorized",
    text: "This address needs a user name and a password that are known here.",
  },
  403: { reason: "Forbidden", text: "You are not allowed to see what is at this address." },
  404: { reason: "Not Found", text: "There is nothing at this address." },
  405: {
    reason: "Method Not Allowed",
    text: "The method of the request cannot be used at this address.",
  },
  408: { reason: "Request Timeout", text: "The request did not arrive in time." },
  411: {
    reason: "Length Required",
    text: "The request has a body but does not say how long it is.",
  },
  413: {
    reason: "Content Too Large",
    text: "The body of the request is larger than is accepted here.",
  },
  414: {
    reason: "URI Too Long",
    text: "The address in the request is longer than is accepted here.",
  },
  417: { reason: "Expectation Failed", text: "The request expects something that cannot be met." },
  421: { reason: "Misdirected Request", text: "The host in the request is not served here." },
  431: {
    reason: "Request Header Fields Too Large",
    text: "The headers of the request are larger than is accepted here.",
  },
  500: {
    reason: "Internal Server Error",
    text: "The application failed to answer the request. Its error log tells why.",
  },
  501: {
    reason: "Not Implemented",
    text: "The request needs something that this server does not do.",
  },
  502: { reason: "Bad Gateway", text: "The server behind this one gave no valid answer." },
  503: {
    reason: "Service Unavailable",
    text: "The application cannot take the request now. Try again later.",
  },
  504: { reason: "Gateway Timeout", text: "The application did not answer in time." },
  505: {
    reason: "HTTP Version Not Supported",
    text: "The request uses a version of HTTP that is not served here.",
  },
};

/** A response of the server's own, in the form of an application's: see `writeResponse`. */
export interface ServerResponse {
  readonly status: number;
  /** Status line without its version, then header lines. */
  readonly head: Uint8Array;
  readonly body: Uint8Array;
}

/** The reason phrase of a status (RFC 9110 section 15), `Error` for one not known here. */
export function reasonPhrase(status: number): string {
  return TEXTS[status]?.reason ?? "Error";
}

const made = new Map<number, ServerResponse>();

/**
 * The page for an error status. It names the status and tells nothing of what went wrong inside.
 * `headers` are further header lines, each ended by CRLF (`Allow`, `WWW-Authenticate`).
 */
export function errorResponse(status: number, headers = ""): ServerResponse {
  const kept = headers === "" ? made.get(status) : undefined;
  if (kept !== undefined) return kept;
  const reason = reasonPhrase(status);
  const text = TEXTS[status]?.text ?? "The request could not be answered.";
  const response = {
    status,
    head: encodeLatin1(
      `${status} ${reason}\r\n${headers}Content-Type: text/html; charset=utf-8\r\n`,
    ),
    body: encodeLatin1(
      "<!DOCTYPE html>\n" +
        `<html lang="en"><head><meta charset="utf-8"><title>${status} ${reason}</title></head>\n` +
        `<body><h1>${reason}</h1><p>${text}</p></body></html>\n`,
    ),
  };
  if (headers === "") made.set(status, response);
  return response;
}

/** The answer to `OPTIONS *`, which asks about the server and not the application (RFC 9110 section 9.3.7). */
export const SERVER_OPTIONS_RESPONSE: ServerResponse = {
  status: 200,
  head: encodeLatin1("200 OK\r\n"),
  body: encodeLatin1(""),
};
