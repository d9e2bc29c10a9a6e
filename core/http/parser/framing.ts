/** Header values that say where a message ends and what becomes of the connection. */

import { type RequestFailure, requestFailure } from "./failure.ts";

/**
 * The number in a Content-Length header (RFC 9112 section 6.3). A list such as `5, 5` is refused, and
 * so is what no number can hold exactly.
 */
export function parseContentLength(value: string): number | RequestFailure {
  const length = value.length;
  if (length === 0) return requestFailure(400, "empty Content-Length");
  let number = 0;
  for (let index = 0; index < length; index++) {
    const digit = value.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return requestFailure(400, "Content-Length is not a number");
    number = number * 10 + digit;
  }
  if (number > Number.MAX_SAFE_INTEGER) return requestFailure(413, "Content-Length is too large");
  return number;
}

/**
 * Why the joined values of Transfer-Encoding can't be served, or `undefined` for exactly `chunked`
 * (RFC 9112 sections 6.1 and 6.3).
 */
export function checkTransferEncoding(value: string): RequestFailure | undefined {
  if (value.toLowerCase() === "chunked") return undefined;
  const codings = value.split(",").map((coding) => coding.trim().toLowerCase());
  if (codings.some((coding) => coding !== "" && coding !== "chunked")) {
    return requestFailure(501, "transfer coding other than chunked");
  }
  return requestFailure(400, "chunked is not the one transfer coding");
}

/** Option of a Connection header, as bits. */
export const ConnectionOption = { close: 1, keepAlive: 2, upgrade: 4 } as const;

/** The options of a Connection header that mean something to the server, as bits. */
export function connectionOptions(value: string): number {
  let options = 0;
  for (const item of value.split(",")) {
    const option = item.trim().toLowerCase();
    if (option === "close") options |= ConnectionOption.close;
    else if (option === "keep-alive") options |= ConnectionOption.keepAlive;
    else if (option === "upgrade") options |= ConnectionOption.upgrade;
  }
  return options;
}
