/** The header lines of a request head. */

import { ConnectionOption, connectionOptions, parseContentLength } from "./framing.ts";
import { type RequestFailure, requestFailure } from "./failure.ts";
import { type HeaderName, type HeaderNames, HeaderRole } from "./header_names.ts";

/** What the header lines say, whatever the request line. All texts are ISO 8859-1: one character a byte. */
export interface HeaderFields {
  readonly kind: "fields";
  /** From the end of the request line to the end of the head. */
  readonly text: string;
  /** Names in the order sent; `values` at the same index. */
  readonly names: readonly HeaderName[];
  /** Values without surrounding white space. */
  readonly values: readonly string[];
  /** True where a name occurs more than once. */
  readonly repeated: boolean;
  /** Where the value of Host is, or -1. */
  readonly hostIndex: number;
  /** Content-Length in bytes, or -1 without one. */
  readonly contentLength: number;
  /** The lines of Transfer-Encoding, joined. */
  readonly transferEncoding: string | undefined;
  /** True where the client expects `100 Continue`. */
  readonly expectContinue: boolean;
  /** Options of Connection, see {@linkcode ConnectionOption}. */
  readonly options: number;
  /** Value of Upgrade where Connection names it, else `""`. */
  readonly upgrade: string;
}

const SPACE = 32;
const TAB = 9;

let headNumber = 0;

/**
 * Reads the header lines of a head. `lineEnds` holds the positions of the CR of each of `lineCount` lines, the request
 * line first, too large by `offset`.
 */
export function parseHeaderFields(
  text: string,
  lineEnds: Int32Array,
  lineCount: number,
  offset: number,
  headerNames: HeaderNames,
): HeaderFields | RequestFailure {
  const names: HeaderName[] = [];
  const values: string[] = [];
  let repeated = false;
  let contentLength = -1;
  let hostIndex = -1;
  let transferEncoding: string | undefined;
  let options = 0;
  let expectContinue = false;
  let upgrade = "";
  headerNames.trim();
  const number = ++headNumber;

  for (let line = 1; line < lineCount; line++) {
    const start = lineEnds[line - 1]! - offset + 2;
    let end = lineEnds[line]! - offset;
    const colon = text.indexOf(":", start);
    if (colon < 0 || colon >= end) return requestFailure(400, "header line without a colon");
    const name = headerNames.find(text.slice(start, colon));
    // A folded line, a space before the colon and an empty name all end here: no token.
    if (name === undefined) return requestFailure(400, "invalid header name");
    let from = colon + 1;
    while (from < end && isBlank(text.charCodeAt(from))) from++;
    while (end > from && isBlank(text.charCodeAt(end - 1))) end--;
    const value = text.slice(from, end);
    const isRepeated = name.lastSeen === number;
    name.lastSeen = number;
    repeated ||= isRepeated;
    names.push(name);
    values.push(value);
    if (name.role === HeaderRole.other) continue;
    switch (name.role) {
      case HeaderRole.host:
        if (isRepeated) return requestFailure(400, "more than one Host header");
        hostIndex = values.length - 1;
        break;
      case HeaderRole.contentLength: {
        if (isRepeated) return requestFailure(400, "more than one Content-Length header");
        const parsed = parseContentLength(value);
        if (typeof parsed !== "number") return parsed;
        contentLength = parsed;
        break;
      }
      case HeaderRole.transferEncoding:
        transferEncoding = isRepeated ? `${transferEncoding},${value}` : value;
        break;
      case HeaderRole.connection:
        options |= connectionOptions(value);
        break;
      case HeaderRole.expect:
        if (value.toLowerCase() !== "100-continue") {
          return requestFailure(417, "unknown expectation");
        }
        expectContinue = true;
        break;
      case HeaderRole.upgrade:
        upgrade = value;
        break;
    }
  }
  return {
    kind: "fields",
    text: text.slice(lineEnds[0]! - offset),
    names,
    values,
    repeated,
    hostIndex,
    contentLength,
    transferEncoding,
    expectContinue,
    options,
    upgrade: (options & ConnectionOption.upgrade) !== 0 ? upgrade : "",
  };
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
