/**
 * What an application's response becomes on the connection: the head with what the server adds, and
 * how the client finds the end of the body (RFC 9112 section 6.3, RFC 9110 sections 6.4.1 and 8.6).
 */

import { dateAndServerLines, dateLine, SERVER_LINE } from "./http_date.ts";
import { encodeLatin1 } from "./latin1.ts";

/** How the end of a response body is found. */
export const Framing = {
  /** There is no body: HEAD, 1xx, 204, 304. */
  none: 0,
  /** Content-Length bytes. */
  length: 1,
  /** Chunked transfer coding. */
  chunked: 2,
  /** The connection is closed after the body (HTTP/1.0). */
  close: 3,
} as const;

/** What the response rules need of a request. */
export interface ResponseRequest {
  readonly method: string;
  /** `HTTP/1.0`; all others are treated as HTTP/1.1. */
  readonly protocol: string;
  /** False where the connection is to be closed: the client wants it, its body wasn't read, the server stops. */
  readonly keepAlive: boolean;
}

/** What the application's thread says of a response in its head frame. */
export interface ResponseFacts {
  readonly status: number;
  /** Content-Length as the application gave it, -1 where it gave none. */
  readonly contentLength: number;
  /** True where the whole body came with the head. */
  readonly complete: boolean;
  /** True where the application asked for `Connection: close`. */
  readonly close: boolean;
  /** Which lines the application gave that the server otherwise adds: bits, `GIVEN_…`. */
  readonly given: number;
}

/** The decisions for one response. */
export interface ResponsePlan {
  /** One of {@linkcode Framing}. */
  readonly framing: number;
  /** Bytes of body to send with {@linkcode Framing.length}; else -1. */
  readonly length: number;
  /** Content-Length the server adds, or -1. */
  readonly addedLength: number;
  /** True where the head must lose the Content-Length the application gave. */
  readonly dropLength: boolean;
  /** True where the connection stays open after the response. */
  readonly keepAlive: boolean;
  /** As in {@linkcode ResponseFacts}. */
  readonly given: number;
  /** `HTTP/1.0` gets an explicit `Connection: keep-alive`. */
  readonly protocol: string;
}

/** Decides framing and connection of a response; `bodyLength` is what came with the head, in bytes. */
export function planResponse(
  request: ResponseRequest,
  facts: ResponseFacts,
  bodyLength: number,
): ResponsePlan {
  const { status, contentLength, given } = facts;
  const protocol = request.protocol;
  let keepAlive = request.keepAlive && !facts.close;
  let framing: number = Framing.length;
  let length = contentLength;
  let addedLength = -1;
  let dropLength = false;
  if (status < 200 || status === 204 || status === 304) {
    framing = Framing.none;
    length = -1;
    // RFC 9110 section 8.6: never in 1xx and 204. In 304 it is that of the 200.
    dropLength = contentLength >= 0 && status !== 304;
  } else if (request.method === "HEAD") {
    framing = Framing.none;
    length = -1;
    // An application that returns nothing for HEAD doesn't say how long the answer to GET is.
    if (contentLength < 0 && facts.complete && bodyLength > 0) addedLength = bodyLength;
  } else if (contentLength >= 0) {
    // Too short a body: only closing tells the client.
    if (facts.complete && bodyLength < contentLength) keepAlive = false;
  } else if (facts.complete) {
    length = bodyLength;
    addedLength = bodyLength;
  } else if (protocol !== "HTTP/1.0") {
    framing = Framing.chunked;
  } else {
    framing = Framing.close;
    keepAlive = false;
  }
  return { framing, length, addedLength, dropLength, keepAlive, given, protocol };
}

const STATUS_LINE_START = encodeLatin1("HTTP/1.1 ");
const CHUNKED_LINE = encodeLatin1("Transfer-Encoding: chunked\r\n");
const CLOSE_LINE = encodeLatin1("Connection: close\r\n");
const KEEP_ALIVE_LINE = encodeLatin1("Connection: keep-alive\r\n");
const LENGTH_START = encodeLatin1("Content-Length: ");

/** The head of the application has a Date. The bit is that of a head frame. */
export const GIVEN_DATE = 4;
/** It has a Server. */
export const GIVEN_SERVER = 8;

/** More than all lines the server can add, in bytes. */
const ADDED_BYTES = 256;

/**
 * Writes a response head into `target` at `offset` and returns the offset behind its empty line, or
 * -1 where `target` has not enough room (`headEnd - headStart + 256` bytes always are enough).
 *
 * `head[headStart, headEnd)` is what the application gave: `200 OK\r\nName: value\r\n`, ISO 8859-1,
 * without hop-by-hop headers. `now` is in milliseconds since the epoch.
 */
export function writeResponseHead(
  plan: ResponsePlan,
  head: Uint8Array,
  headStart: number,
  headEnd: number,
  now: number,
  target: Uint8Array,
  offset: number,
): number {
  if (offset + (headEnd - headStart) + ADDED_BYTES > target.length) return -1;
  target.set(STATUS_LINE_START, offset);
  let at = offset + STATUS_LINE_START.length;
  if (plan.dropLength) {
    at = copyWithoutLength(head, headStart, headEnd, target, at);
  } else {
    target.set(head.subarray(headStart, headEnd), at);
    at += headEnd - headStart;
  }
  const { given } = plan;
  if (given === 0) at = put(dateAndServerLines(now), target, at);
  else if (given === GIVEN_SERVER) at = put(dateLine(now), target, at);
  else if (given === GIVEN_DATE) at = put(SERVER_LINE, target, at);
  if (plan.addedLength >= 0) {
    at = put(LENGTH_START, target, at);
    at = putNumber(plan.addedLength, target, at);
    at = putLineEnd(target, at);
  }
  if (plan.framing === Framing.chunked) at = put(CHUNKED_LINE, target, at);
  if (!plan.keepAlive) at = put(CLOSE_LINE, target, at);
  else if (plan.protocol === "HTTP/1.0") at = put(KEEP_ALIVE_LINE, target, at);
  return putLineEnd(target, at);
}

/** True where `name` (lower case, with its colon) stands at `start`, in any case. */
function startsWithName(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  if (start + name.length > end) return false;
  for (let index = 0; index < name.length; index++) {
    if ((bytes[start + index]! | 32) !== (name.charCodeAt(index) | 32)) return false;
  }
  return true;
}

function copyWithoutLength(
  head: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  offset: number,
): number {
  let at = offset;
  for (let line = start; line < end;) {
    let next = head.indexOf(10, line) + 1;
    if (next === 0 || next > end) next = end;
    if (!startsWithName(head, line, next, "content-length:")) {
      target.set(head.subarray(line, next), at);
      at += next - line;
    }
    line = next;
  }
  return at;
}

function put(bytes: Uint8Array, target: Uint8Array, offset: number): number {
  target.set(bytes, offset);
  return offset + bytes.length;
}

function putLineEnd(target: Uint8Array, offset: number): number {
  target[offset] = 13;
  target[offset + 1] = 10;
  return offset + 2;
}

function putNumber(value: number, target: Uint8Array, offset: number): number {
  const digits = String(value);
  for (let index = 0; index < digits.length; index++) {
    target[offset + index] = digits.charCodeAt(index);
  }
  return offset + digits.length;
}

/**
 * Writes a whole response, head and the body that came with it, into `target`; the answer to a small
 * request is then one send. Returns the offset behind it, or -1 where `target` has not enough room.
 * For {@linkcode ResponseFacts.complete} responses.
 */
export function writeResponse(
  plan: ResponsePlan,
  source: Uint8Array,
  headStart: number,
  headEnd: number,
  bodyStart: number,
  bodyEnd: number,
  now: number,
  target: Uint8Array,
  offset: number,
): number {
  const wanted = plan.framing === Framing.none ? 0 : Math.min(bodyEnd - bodyStart, plan.length);
  if (offset + (headEnd - headStart) + ADDED_BYTES + wanted > target.length) return -1;
  const at = writeResponseHead(plan, source, headStart, headEnd, now, target, offset);
  if (wanted > 0) target.set(source.subarray(bodyStart, bodyStart + wanted), at);
  return at + wanted;
}
