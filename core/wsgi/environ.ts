/**
 * The part of the WSGI environ that differs from request to request (PEP 3333, "environ Variables"),
 * as one text: values in the order of the names of a shape (`environ_shape.ts`), or names and values in
 * turn, NUL between them. The rest is a template that the Python half keeps. No name and no value can hold a NUL: the request parser refuses it, and a path with
 * `%00` is answered before an environ is made.
 */

import { type EnvironShape, pairsOf, ShapeNode } from "./environ_shape.ts";
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
  readonly key: string;
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

const CONSTANT_NAMES = [
  "REQUEST_SCHEME",
  "SERVER_ADDR",
  "REMOTE_ADDR",
  "REMOTE_PORT",
  "mod_wsgi.connection_id",
  "SERVER_NAME",
  "SERVER_PORT",
  "REQUEST_METHOD",
  "REQUEST_URI",
  "SERVER_PROTOCOL",
  "SCRIPT_NAME",
  "PATH_INFO",
  "QUERY_STRING",
  "SCRIPT_FILENAME",
  "mod_wsgi.script_name",
  "mod_wsgi.path_info",
  "mod_wsgi.request_id",
  "mod_wsgi.request_start",
];
const QUEUE_NAMES = [
  "mod_wsgi.queue_start",
  "mod_wsgi.daemon_connects",
  "mod_wsgi.daemon_restarts",
];
const FIRST_TRY = "\x001\x000";

/** Where the header names of a request begin: without and with a queue, without and with extra path. */
const STARTS = [[], ["PATH_TRANSLATED"]].map((extra) => ({
  direct: new ShapeNode([...CONSTANT_NAMES, ...extra]),
  queued: new ShapeNode([...CONSTANT_NAMES, ...extra, ...QUEUE_NAMES]),
}));

/** Builds the environ texts of one connection. */
export class ConnectionEnviron {
  /** Names of the text that was built last; undefined where it is made of pairs. */
  shape: EnvironShape | undefined;
  readonly #server: ServerContext;
  readonly #serverPort: string;
  readonly #constants: string;
  #authority: EnvironRequest["authority"];
  #serverValues: string;

  /** `server` as {@linkcode serverContext} returns it. */
  constructor(server: ServerContext, connection: ConnectionFacts) {
    this.#server = server;
    this.#serverPort = connection.serverPort;
    this.#constants =
      `${connection.scheme}\0${connection.serverAddress}\0${connection.remoteAddress}` +
      `\0${connection.remotePort}\0${connection.connectionId}\0`;
    this.#serverValues = `${this.#constants}${server.serverName}\0${connection.serverPort}\0`;
  }

  /**
   * The environ text of a request, or `undefined` where its path is not at or below the mount point. It is made of the
   * values of the names in `shape` and its marker, or else of pairs.
   */
  build(request: EnvironRequest, facts: RequestFacts): string | undefined {
    const mountPoint = this.#server.mountPoint;
    const path = request.path;
    const below = pathBelow(mountPoint, path);
    if (below === undefined) return undefined;

    const authority = request.authority;
    if (authority !== this.#authority) {
      this.#authority = authority;
      const [name, port] = authority === undefined
        ? [this.#server.serverName, this.#serverPort]
        : [authority.name, authority.port === "" ? this.#serverPort : authority.port];
      this.#serverValues = `${this.#constants}${name}\0${port}\0`;
    }

    // Apache's walk through the document root ends behind the first segment below the mount point.
    const cut = below.indexOf("/", 1);
    const extra = cut < 0 ? "" : below.slice(cut);
    const script = mountPoint + (cut < 0 ? below : below.slice(0, cut));
    const root = this.#server.documentRoot;

    let text = this.#serverValues + request.method + "\0" + request.target + "\0" +
      request.protocol + "\0" + mountPoint + "\0" + below + "\0" + request.query + "\0" +
      root + script + "\0" + script + "\0" + extra + "\0" + facts.requestId + "\0" +
      microsecondsText(facts.requestStart);
    let start = STARTS[0]!;
    if (extra !== "") {
      text += "\0" + root + extra;
      start = STARTS[1]!;
    }
    if (facts.queueStart === 0) return this.#addHeaders(request, text, start.direct);
    text += "\0" + microsecondsText(facts.queueStart) + FIRST_TRY;
    return this.#addHeaders(request, text, start.queued);
  }

  #addHeaders(request: EnvironRequest, values: string, start: ShapeNode): string {
    if (request.repeated) return this.#addPairs(request, values, start);
    const { names } = request;
    let node: ShapeNode = start;
    let text = values;
    for (let index = 0; index < names.length; index++) {
      const name = names[index]!;
      if (name.pair === "") continue;
      const next = node.follow(name.key);
      if (next === undefined) return this.#addPairs(request, values, start);
      node = next;
      text += "\0" + request.values[index]!;
    }
    const shape = this.shape = node.shape;
    return text + "\0" + shape.marker;
  }

  #addPairs(request: EnvironRequest, values: string, start: ShapeNode): string {
    this.shape = undefined;
    return pairsOf(start.shape, values) + joinedHeaders(request);
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
