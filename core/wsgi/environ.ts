/**
 * The part of the WSGI environ that differs from request to request (PEP 3333, "environ Variables"),
 * as one text: values in the order of the names of a shape (`environ_shape.ts`), or names and values in
 * turn, NUL between them. The rest is a template that the Python half keeps. No name and no value can hold a NUL: the request parser refuses it, and a path with
 * `%00` is answered before an environ is made.
 */

import {
  type ConnectionShapes,
  type EnvironShape,
  namedPairs,
  ShapeNode,
} from "./environ_shape.ts";
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
  /** The header lines as sent: the same object where they are those of the request before. */
  readonly fields: { readonly values: readonly string[] };
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

const CONNECTION_NAMES = [
  "REQUEST_SCHEME",
  "SERVER_ADDR",
  "REMOTE_ADDR",
  "REMOTE_PORT",
  "mod_wsgi.connection_id",
  "SERVER_NAME",
  "SERVER_PORT",
];
const LINE_NAMES = [
  "REQUEST_METHOD",
  "REQUEST_URI",
  "SERVER_PROTOCOL",
  "SCRIPT_NAME",
  "PATH_INFO",
  "QUERY_STRING",
  "SCRIPT_FILENAME",
  "mod_wsgi.script_name",
  "mod_wsgi.path_info",
];
const REQUEST_NAMES = ["mod_wsgi.request_id", "mod_wsgi.request_start"];
const QUEUE_NAMES = [
  "mod_wsgi.queue_start",
  "mod_wsgi.daemon_connects",
  "mod_wsgi.daemon_restarts",
];
const FIRST_TRY = "\x001\x000";

/** What the names of a text begin with. */
interface Start {
  /** Those that the request line gives. */
  readonly line: readonly string[];
  /** Where header names begin, without and with a queue. */
  readonly direct: ShapeNode;
  readonly queued: ShapeNode;
}

/** Without and with extra path. */
const STARTS: readonly Start[] = [[], ["PATH_TRANSLATED"]].map((extra) => {
  const line = [...LINE_NAMES, ...extra];
  const names = [...CONNECTION_NAMES, ...line, ...REQUEST_NAMES];
  return { line, direct: new ShapeNode(names), queued: new ShapeNode([...names, ...QUEUE_NAMES]) };
});

/** Requests in a row with the same header lines, or head, before a shape is made for them: it takes as long as it saves
 * in a few. Twice as many each time. */
const PATIENCE = 3;
const MOST_PATIENCE = 96;

/** Builds the environ texts of one connection. */
export class ConnectionEnviron {
  /** Names of the text that was built last; undefined where it is made of pairs. */
  shape: EnvironShape | undefined;
  readonly #server: ServerContext;
  readonly #serverPort: string;
  readonly #constants: string;
  readonly #shapes: ConnectionShapes | undefined;
  #authority: EnvironRequest["authority"];
  #serverValues: string;
  /** The request before and how many it was like before, its header lines likewise. */
  #request: EnvironRequest | undefined;
  #requests = 0;
  #fields: EnvironRequest["fields"] | undefined;
  #fieldsTimes = 0;
  /** Values of its request line, and what they begin. */
  #line = "";
  #start = STARTS[0]!;
  /** Values of its headers and the marker of their shape; where the names of that begin. */
  #headers = "";
  #headersShape: EnvironShape | undefined;
  #headersStart: ShapeNode | undefined;
  /** Shapes for requests with this head, and for others with these header lines. */
  #sameHead: EnvironShape | undefined;
  #sameFields: EnvironShape | undefined;
  #sameFieldsStart: Start | undefined;
  #patience = PATIENCE;

  /**
   * `server` as {@linkcode serverContext} returns it. `shapes`: where shapes are told that the connection may have for
   * itself; without, it has none.
   */
  constructor(server: ServerContext, connection: ConnectionFacts, shapes?: ConnectionShapes) {
    this.#server = server;
    this.#shapes = shapes;
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
    if (request !== this.#request && !this.#setRequest(request)) return undefined;
    this.#requests++;
    this.#fieldsTimes++;
    const values = `${facts.requestId}\0${microsecondsText(facts.requestStart)}`;
    if (this.#shapes !== undefined && facts.queueStart === 0) {
      const own = this.#ownShape(request, this.#shapes);
      if (own !== undefined) {
        this.shape = own;
        const line = own === this.#sameHead ? "" : this.#line;
        return `${line}${values}\0${own.marker}`;
      }
    }
    let text = this.#serverValues + this.#line + values;
    let start = this.#start.direct;
    if (facts.queueStart !== 0) {
      text += "\0" + microsecondsText(facts.queueStart) + FIRST_TRY;
      start = this.#start.queued;
    }
    if (start !== this.#headersStart && !this.#setHeaders(request, start)) {
      this.shape = undefined;
      return namedPairs(start.shape.names, text) + joinedHeaders(request);
    }
    this.shape = this.#headersShape;
    return text + this.#headers;
  }

  /** The connection is closed. */
  close(): void {
    this.#endShapes();
  }

  /** Prepares what depends on the head; false where its path is none of the application's. */
  #setRequest(request: EnvironRequest): boolean {
    const mountPoint = this.#server.mountPoint;
    const below = pathBelow(mountPoint, request.path);
    if (below === undefined) return false;
    this.#request = request;
    this.#requests = 0;
    if (this.#sameHead !== undefined) this.#shapes!.end(this.#sameHead);
    this.#sameHead = undefined;
    // An authority in the request line takes the place of the header's.
    if (request.fields !== this.#fields || request.values !== request.fields.values) {
      this.#fields = request.values === request.fields.values ? request.fields : undefined;
      this.#fieldsTimes = 0;
      this.#headersStart = undefined;
      this.#endShapes();
    }

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
    let line = request.method + "\0" + request.target + "\0" + request.protocol + "\0" +
      mountPoint + "\0" + below + "\0" + request.query + "\0" +
      root + script + "\0" + script + "\0" + extra + "\0";
    if (extra !== "") line += root + extra + "\0";
    this.#line = line;
    this.#start = STARTS[extra === "" ? 0 : 1]!;
    return true;
  }

  /** Prepares the values of the headers; false where they can't be told by a shape. */
  #setHeaders(request: EnvironRequest, start: ShapeNode): boolean {
    this.#headersStart = undefined;
    if (request.repeated) return false;
    const { names, values } = request;
    let node = start;
    let text = "";
    for (let index = 0; index < names.length; index++) {
      const name = names[index]!;
      if (name.pair === "") continue;
      const next = node.follow(name.key);
      if (next === undefined) return false;
      node = next;
      text += "\0" + values[index]!;
    }
    const shape = node.shape;
    this.#headersShape = shape;
    this.#headers = text + "\0" + shape.marker;
    this.#headersStart = start;
    return true;
  }

  /** The shape that leaves out most, where the connection has one of its own for such a request. */
  #ownShape(request: EnvironRequest, shapes: ConnectionShapes): EnvironShape | undefined {
    if (this.#sameHead !== undefined) return this.#sameHead;
    const { line } = this.#start;
    if (this.#requests > this.#patience) {
      const names = [...CONNECTION_NAMES, ...line];
      const common = namedPairs(names, this.#serverValues + this.#line) + joinedHeaders(request);
      this.#sameHead = this.#make(shapes, REQUEST_NAMES, common);
      if (this.#sameHead !== undefined) return this.#sameHead;
    }
    if (this.#fields === undefined) return undefined;
    if (this.#sameFields !== undefined && this.#sameFieldsStart === this.#start) {
      return this.#sameFields;
    }
    if (this.#fieldsTimes <= this.#patience) return undefined;
    if (this.#sameFields !== undefined) shapes.end(this.#sameFields);
    const common = namedPairs(CONNECTION_NAMES, this.#serverValues) + joinedHeaders(request);
    this.#sameFieldsStart = this.#start;
    return this.#sameFields = this.#make(shapes, [...line, ...REQUEST_NAMES], common);
  }

  #make(
    shapes: ConnectionShapes,
    names: readonly string[],
    common: string,
  ): EnvironShape | undefined {
    this.#patience = Math.min(this.#patience * 2, MOST_PATIENCE);
    const shape = shapes.make(names, common);
    // Not to be tried with each request.
    if (shape === undefined) this.#requests = this.#fieldsTimes = 0;
    return shape;
  }

  #endShapes(): void {
    if (this.#sameHead !== undefined) this.#shapes!.end(this.#sameHead);
    if (this.#sameFields !== undefined) this.#shapes!.end(this.#sameFields);
    this.#sameHead = this.#sameFields = undefined;
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
