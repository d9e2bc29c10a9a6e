/** From the text of a whole request head to its parts. */

import { type HeaderName, type HeaderNames, HeaderRole } from "./header_names.ts";
import {
  checkTransferEncoding,
  ConnectionOption,
  connectionOptions,
  parseContentLength,
} from "./framing.ts";
import { type RequestFailure, requestFailure } from "./failure.ts";
import { type Authority, parseAuthority } from "./host.ts";
import { parseRequestTarget } from "./request_target.ts";

/** A request head that may be served. All texts are ISO 8859-1: one character a byte. */
export interface RequestHead {
  readonly kind: "head";
  /** Method as sent; methods are case-sensitive. */
  readonly method: string;
  /** Request target as sent (REQUEST_URI). */
  readonly target: string;
  /** `HTTP/1.1` or `HTTP/1.0`. */
  readonly protocol: "HTTP/1.1" | "HTTP/1.0";
  /** Decoded, normalised path, which starts with a slash; `*` for `OPTIONS *`. */
  readonly path: string;
  /** What follows the first `?` of the target, as sent; `""` without one. */
  readonly query: string;
  /** The host this request is for, or `undefined` (HTTP/1.0 without a Host header). */
  readonly authority: Authority | undefined;
  /** Header names in the order sent; `values` at the same index. */
  readonly names: HeaderName[];
  /** Header values without surrounding white space. In absolute form the value of Host is that of the target. */
  readonly values: string[];
  /** True where a name occurs more than once. */
  readonly repeated: boolean;
  /** Content-Length in bytes, or -1 without one. */
  readonly contentLength: number;
  /** True where the body comes in chunks; `contentLength` is then -1. */
  readonly chunked: boolean;
  /** True where the client waits for `100 Continue` before it sends the body. */
  readonly expectContinue: boolean;
  /** True where the client lets the connection stay open after the response. */
  readonly keepAlive: boolean;
  /** Value of Upgrade where Connection names it, else `""`. */
  readonly upgrade: string;
  /** Bytes of the head, tolerated empty lines before it included: the body begins behind them. */
  readonly length: number;
}

const SPACE = 32;
const TAB = 9;

const USUAL_METHODS: ReadonlySet<string> = new Set([
  "GET",
  "POST",
  "HEAD",
  "PUT",
  "DELETE",
  "PATCH",
  "OPTIONS",
]);
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VERSION = /^HTTP\/[0-9]\.[0-9]$/;

/** The Host values seen last: a connection, and mostly the whole server, is asked for one. */
let lastHost = "";
let lastAuthority: Authority | undefined;

let headNumber = 0;

/**
 * Cuts the text of a head into its parts. `lineEnds` holds the positions of the CR of each of
 * `lineCount` lines, too large by `offset`; `length` is passed through.
 */
export function parseRequestHead(
  text: string,
  lineEnds: Int32Array,
  lineCount: number,
  offset: number,
  headerNames: HeaderNames,
  length: number,
): RequestHead | RequestFailure {
  // Request line: method SP target SP version.
  const lineEnd = lineEnds[0]! - offset;
  const methodEnd = text.indexOf(" ");
  const targetEnd = text.indexOf(" ", methodEnd + 1);
  if (methodEnd <= 0 || targetEnd < 0 || targetEnd >= lineEnd) return malformedRequestLine();
  const method = text.slice(0, methodEnd);
  if (!USUAL_METHODS.has(method) && !METHOD.test(method)) return malformedRequestLine();
  const version = text.slice(targetEnd + 1, lineEnd);
  const isVersion11 = version === "HTTP/1.1";
  if (!isVersion11 && version !== "HTTP/1.0") {
    return VERSION.test(version)
      ? requestFailure(505, "HTTP version other than 1.0 and 1.1")
      : malformedRequestLine();
  }
  const target = text.slice(methodEnd + 1, targetEnd);
  if (target === "") return malformedRequestLine();
  const parts = parseRequestTarget(method, target);
  if (parts.kind === "failure") return parts;

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
        expectContinue = isVersion11;
        break;
      case HeaderRole.upgrade:
        upgrade = value;
        break;
    }
  }

  // Which host: RFC 9112 section 3.2, the target's authority before the Host header's.
  let authority: Authority | undefined;
  if (hostIndex >= 0) {
    const host = values[hostIndex]!;
    if (host === lastHost) {
      authority = lastAuthority;
    } else {
      authority = parseAuthority(host);
      lastHost = host;
      lastAuthority = authority;
    }
    if (authority === undefined) return requestFailure(400, "invalid Host header");
  } else if (isVersion11) {
    return requestFailure(400, "no Host header");
  }
  if (parts.authority !== "") {
    authority = parseAuthority(parts.authority);
    if (hostIndex >= 0) values[hostIndex] = parts.authority;
    else {
      names.push(headerNames.find("host")!);
      values.push(parts.authority);
    }
  }

  if (transferEncoding !== undefined) {
    if (!isVersion11) return requestFailure(400, "Transfer-Encoding in HTTP/1.0");
    if (contentLength >= 0) return requestFailure(400, "Transfer-Encoding beside Content-Length");
    const failure = checkTransferEncoding(transferEncoding);
    if (failure !== undefined) return failure;
  }

  return {
    kind: "head",
    method,
    target,
    protocol: isVersion11 ? "HTTP/1.1" : "HTTP/1.0",
    path: parts.path,
    query: parts.query,
    authority,
    names,
    values,
    repeated,
    contentLength,
    chunked: transferEncoding !== undefined,
    expectContinue,
    keepAlive: (options & ConnectionOption.close) === 0 &&
      (isVersion11 || (options & ConnectionOption.keepAlive) !== 0),
    upgrade: (options & ConnectionOption.upgrade) !== 0 ? upgrade : "",
    length,
  };
}

/**
 * The value of a header, given its name in lower case: the lines of that name joined in the order
 * sent, or `undefined` without one.
 */
export function headerValue(head: RequestHead, name: string): string | undefined {
  const { names, values } = head;
  let joined: string | undefined;
  for (let index = 0; index < names.length; index++) {
    if (names[index]!.name !== name) continue;
    joined = joined === undefined
      ? values[index]!
      : joined + names[index]!.separator + values[index]!;
  }
  return joined;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function malformedRequestLine(): RequestFailure {
  return requestFailure(400, "malformed request line");
}
