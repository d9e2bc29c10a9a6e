/** From the text of a whole request head to its parts. */

import { checkTransferEncoding, ConnectionOption } from "./framing.ts";
import { type HeaderFields, parseHeaderFields } from "./header_fields.ts";
import type { HeaderName, HeaderNames } from "./header_names.ts";
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
  /** `HTTP/1.1`, `HTTP/1.0`, or a higher minor version, which is treated as HTTP/1.1 (RFC 9110 section 2.5). */
  readonly protocol: string;
  /** Decoded, normalised path, which starts with a slash; `*` for `OPTIONS *`; `""` for one that is answered with 404. */
  readonly path: string;
  /** What follows the first `?` of the target, as sent; `""` without one. */
  readonly query: string;
  /** The host this request is for, or `undefined` (HTTP/1.0 without a Host header). */
  readonly authority: Authority | undefined;
  /** The header lines as sent: the same object in the next request of a connection that sends the same lines. */
  readonly fields: HeaderFields;
  /** Header names in the order sent; `values` at the same index. */
  readonly names: readonly HeaderName[];
  /** Header values without surrounding white space. In absolute form the value of Host is that of the target. */
  readonly values: readonly string[];
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
const VERSION_1 = /^HTTP\/1\.[0-9]$/;

/** The Host values seen last: a connection, and mostly the whole server, is asked for one. */
let lastHost = "";
let lastAuthority: Authority | undefined;

/**
 * Cuts the text of a head into its parts. `lineEnds` holds the positions of the CR of each of
 * `lineCount` lines, too large by `offset`; `length` is passed through. `last`: the header lines of the request before.
 */
export function parseRequestHead(
  text: string,
  lineEnds: Int32Array,
  lineCount: number,
  offset: number,
  headerNames: HeaderNames,
  length: number,
  last?: HeaderFields,
): RequestHead | RequestFailure {
  // Request line: method SP target SP version.
  const lineEnd = lineEnds[0]! - offset;
  const methodEnd = text.indexOf(" ");
  const targetEnd = text.indexOf(" ", methodEnd + 1);
  if (methodEnd <= 0 || targetEnd < 0 || targetEnd >= lineEnd) return malformedRequestLine();
  const method = text.slice(0, methodEnd);
  if (!USUAL_METHODS.has(method) && !METHOD.test(method)) return malformedRequestLine();
  const protocol = text.slice(targetEnd + 1, lineEnd);
  const isVersion10 = protocol === "HTTP/1.0";
  if (protocol !== "HTTP/1.1" && !isVersion10 && !VERSION_1.test(protocol)) {
    return VERSION.test(protocol)
      ? requestFailure(505, "HTTP version other than 1")
      : malformedRequestLine();
  }
  const target = text.slice(methodEnd + 1, targetEnd);
  if (target === "") return malformedRequestLine();
  const parts = parseRequestTarget(method, target);
  if (parts.kind === "failure") return parts;

  const fields = last !== undefined && text.slice(lineEnd) === last.text
    ? last
    : parseHeaderFields(text, lineEnds, lineCount, offset, headerNames);
  if (fields.kind === "failure") return fields;
  const { hostIndex, contentLength, transferEncoding, options } = fields;
  let { names, values } = fields;

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
  } else if (!isVersion10) {
    return requestFailure(400, "no Host header");
  }
  if (parts.authority !== "") {
    authority = parseAuthority(parts.authority);
    if (hostIndex < 0) names = [...names, headerNames.find("host")!];
    values = values.toSpliced(hostIndex < 0 ? values.length : hostIndex, 1, parts.authority);
  }

  if (transferEncoding !== undefined) {
    if (isVersion10) return requestFailure(400, "Transfer-Encoding in HTTP/1.0");
    if (contentLength >= 0) return requestFailure(400, "Transfer-Encoding beside Content-Length");
    const failure = checkTransferEncoding(transferEncoding);
    if (failure !== undefined) return failure;
  }

  return {
    kind: "head",
    method,
    target,
    protocol,
    path: parts.path,
    query: parts.query,
    authority,
    fields,
    names,
    values,
    repeated: fields.repeated,
    contentLength,
    chunked: transferEncoding !== undefined,
    expectContinue: fields.expectContinue && !isVersion10,
    keepAlive: (options & ConnectionOption.close) === 0 &&
      (!isVersion10 || (options & ConnectionOption.keepAlive) !== 0),
    upgrade: fields.upgrade,
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

function malformedRequestLine(): RequestFailure {
  return requestFailure(400, "malformed request line");
}
