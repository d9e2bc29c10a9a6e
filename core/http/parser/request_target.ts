/** The four forms of a request target (RFC 9112 section 3.2). */

import { parseAuthority } from "./host.ts";
import { requestPath } from "./request_path.ts";
import { type RequestFailure, requestFailure } from "./failure.ts";

/** A request target, cut into what the server needs of it. */
export interface RequestTarget {
  readonly kind: "target";
  /** Decoded, normalised path; `*` for the asterisk form of OPTIONS; `""` for a path that no resource can have. */
  readonly path: string;
  /** What follows the first `?`, as sent; `""` without one. */
  readonly query: string;
  /** Host and port of an absolute-form target, which replace the Host header; else `""`. */
  readonly authority: string;
}

const ABSOLUTE = /^https?:\/\/([^/?]*)/i;

/** Cuts a target that is known to hold no space and no control character. */
export function parseRequestTarget(method: string, target: string): RequestTarget | RequestFailure {
  if (method === "CONNECT") return connectFailure(target);
  if (target.charCodeAt(0) === 47) return withPath(target, "");
  if (target === "*") {
    if (method !== "OPTIONS") {
      return requestFailure(400, "target * for another method than OPTIONS");
    }
    return { kind: "target", path: "*", query: "", authority: "" };
  }
  const match = ABSOLUTE.exec(target);
  if (match === null) {
    return requestFailure(400, "request target is neither a path nor an http URI");
  }
  const authority = match[1]!;
  if (parseAuthority(authority) === undefined) {
    return requestFailure(400, "invalid host in the request target");
  }
  const rest = target.slice(match[0].length);
  return withPath(rest.startsWith("/") ? rest : "/" + rest, authority);
}

/** CONNECT takes a host and a port, and nothing else (RFC 9112 section 3.2.3, RFC 9110 section 9.3.6). */
function connectFailure(target: string): RequestFailure {
  return parseAuthority(target)?.port
    ? requestFailure(501, "CONNECT is not served")
    : requestFailure(400, "target of CONNECT is not a host and a port");
}

function withPath(target: string, authority: string): RequestTarget | RequestFailure {
  if (target.includes("#")) return requestFailure(400, "fragment in the request target");
  const mark = target.indexOf("?");
  const path = requestPath(mark < 0 ? target : target.slice(0, mark));
  if (path === undefined) return requestFailure(400, "invalid escape or path above the root");
  return { kind: "target", path, query: mark < 0 ? "" : target.slice(mark + 1), authority };
}
