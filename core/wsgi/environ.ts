/**
 * The part of the WSGI environ that differs from request to request (PEP 3333, "environ Variables"),
 * as one text: names and values in turn, NUL between them. The rest is a template that the Python
 * half keeps. No name and no value can hold a NUL: the request parser refuses it, and a path with
 * `%00` is answered before an environ is made.
 */

import { bytesAsLatin1 } from "./latin1.ts";

/** What is the same for all requests of a server. */
export interface ServerContext {
  /** URL path of the application: `""` for the root, else with a leading and no trailing slash. */
  readonly mountPoint: string;
  /** DOCUMENT_ROOT, an absolute path without a slash at its end. */
  readonly documentRoot: string;
  /** SERVER_NAME of a request that names no host. */
  readonly serverName: string;
}

/** What is the same for all requests of a connection. Ports are digits. */
export interface ConnectionFacts {
  readonly scheme: "http" | "https";
  readonly serverAddress: string;
  readonly serverPort: string;
  readonly remoteAddress: string;
  readonly remotePort: string;
  /** `mod_wsgi.connection_id`. */
  readonly connectionId: string;
}

/** What is measured or counted for one request. */
export interface RequestFacts {
  /** `mod_wsgi.request_id`. */
  readonly requestId: string;
  /** When the head was read, in microseconds since the epoch. */
  readonly requestStart: number;
  /** When it entered the queue, in microseconds since the epoch; 0 in embedded mode, which has no queue. */
  readonly queueStart: number;
}

/** What an environ needs of a request head; `core/http/request_parser.ts` gives it. */
export interface EnvironRequest {
  readonly method: string;
  readonly target: string;
  readonly protocol: string;
  readonly path: string;
  readonly query: string;
  readonly authority: { readonly name: string; readonly port: string } | undefined;
  readonly names: readonly EnvironHeaderName[];
  readonly values: readonly string[];
  readonly repeated: boolean;
}

/** A header name with its environ key between NUL characters, `""` where it is not passed on. */
export interface EnvironHeaderName {
  readonly pair: string;
  readonly separator: string;
}

/**
 * Prepares a {@linkcode ServerContext} from settings: any number of slashes around the mount point,
 * letters outside ASCII as the bytes of their UTF-8 form.
 */
export function serverContext(settings: ServerContext): ServerContext {
  const mountPoint = settings.mountPoint.replace(/\/+/g, "/").replace(/^\/|\/$/g, "");
  return {
    mountPoint: mountPoint === "" ? "" : "/" + bytesAsLatin1(mountPoint),
    documentRoot: bytesAsLatin1(settings.documentRoot.replace(/\/+$/, "")),
    serverName: bytesAsLatin1(settings.serverName),
  };
}

/** Builds the environ texts of one connection. */
export class ConnectionEnviron {
  readonly #server: ServerContext;
  readonly #serverPort: string;
  readonly #constants: string;
  #authority: EnvironRequest["authority"];
  #serverPairs: string;

  /** `server` as {@linkcode serverContext} returns it. */
  constructor(server: ServerContext, connection: ConnectionFacts) {
    this.#server = server;
    this.#serverPort = connection.serverPort;
    this.#constants =
      `REQUEST_SCHEME\0${connection.scheme}\0SERVER_ADDR\0${connection.serverAddress}` +
      `\0REMOTE_ADDR\0${connection.remoteAddress}\0REMOTE_PORT\0${connection.remotePort}` +
      `\0mod_wsgi.connection_id\0${connection.connectionId}`;
    this.#serverPairs = this.#constants + serverPair(server.serverName, connection.serverPort);
  }

  /**
   * The environ text of a request, or `undefined` where its path is not at or below the mount point.
   *
   * Later names win over earlier ones, so a caller may append `"\0NAME\0VALUE"` pairs: what a trusted
   * proxy header says, the authenticated user, a second try in another process.
   */
  build(request: EnvironRequest, facts: RequestFacts): string | undefined {
    const mountPoint = this.#server.mountPoint;
    const path = request.path;
    const below = pathBelow(mountPoint, path);
    if (below === undefined) return undefined;

    const authority = request.authority;
    if (authority !== this.#authority) {
      this.#authority = authority;
      this.#serverPairs = this.#constants +
        (authority === undefined
          ? serverPair(this.#server.serverName, this.#serverPort)
          : serverPair(authority.name, authority.port === "" ? this.#serverPort : authority.port));
    }

    // Apache's walk through the document root ends behind the first segment below the mount point.
    const cut = below.indexOf("/", 1);
    const extra = cut < 0 ? "" : below.slice(cut);
    const script = mountPoint + (cut < 0 ? below : below.slice(0, cut));

    let text = this.#serverPairs +
      "\0REQUEST_METHOD\0" + request.method +
      "\0REQUEST_URI\0" + request.target +
      "\0SERVER_PROTOCOL\0" + request.protocol +
      "\0SCRIPT_NAME\0" + mountPoint +
      "\0PATH_INFO\0" + below +
      "\0QUERY_STRING\0" + request.query +
      "\0SCRIPT_FILENAME\0" + this.#server.documentRoot + script +
      "\0mod_wsgi.script_name\0" + script +
      "\0mod_wsgi.path_info\0" + extra;
    if (extra !== "") text += "\0PATH_TRANSLATED\0" + this.#server.documentRoot + extra;
    text += "\0mod_wsgi.request_id\0" + facts.requestId +
      "\0mod_wsgi.request_start\0" + microsecondsText(facts.requestStart);
    if (facts.queueStart !== 0) {
      text += "\0mod_wsgi.queue_start\0" + microsecondsText(facts.queueStart) +
        "\0mod_wsgi.daemon_connects\x001\0mod_wsgi.daemon_restarts\x000";
    }
    return text + (request.repeated ? joinedHeaders(request) : singleHeaders(request));
  }
}

/**
 * The rest of a path behind a mount point (PATH_INFO), or `undefined` where the path lies elsewhere:
 * `/app` holds `/app` and `/app/…`, not `/apple`.
 */
export function pathBelow(mountPoint: string, path: string): string | undefined {
  if (mountPoint === "") return path === "*" ? undefined : path;
  if (!path.startsWith(mountPoint)) return undefined;
  if (path.length !== mountPoint.length && path.charCodeAt(mountPoint.length) !== 47) {
    return undefined;
  }
  return path.slice(mountPoint.length);
}

function serverPair(name: string, port: string): string {
  return `\0SERVER_NAME\0${name}\0SERVER_PORT\0${port}`;
}

function singleHeaders({ names, values }: EnvironRequest): string {
  let text = "";
  for (let index = 0; index < names.length; index++) {
    const pair = names[index]!.pair;
    if (pair !== "") text += pair + values[index]!;
  }
  return text;
}

/** Repeated headers become one value (RFC 9110 section 5.3; Cookie by RFC 6265 section 5.4). */
function joinedHeaders({ names, values }: EnvironRequest): string {
  const joined = new Map<EnvironHeaderName, string>();
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    if (name.pair === "") continue;
    const before = joined.get(name);
    joined.set(
      name,
      before === undefined ? values[index]! : before + name.separator + values[index]!,
    );
  }
  let text = "";
  for (const [name, value] of joined) text += name.pair + value;
  return text;
}

let lastSecond = -1;
let lastSecondText = "";

/** Microseconds since the epoch as digits; the digits of the second are kept for the next call. */
export function microsecondsText(microseconds: number): string {
  const second = Math.floor(microseconds / 1_000_000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastSecondText = String(second);
  }
  const fraction = Math.floor(microseconds - second * 1_000_000);
  return lastSecondText + String(1_000_000 + fraction).slice(1);
}
