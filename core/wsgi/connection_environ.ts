/** The environ texts of one connection, and what is remembered from one request to the next. */

import {
  CONNECTION_NAMES,
  type ConnectionFacts,
  type EnvironRequest,
  joinedHeaders,
  microsecondsText,
  pathBelow,
  type RequestFacts,
  type ServerContext,
  type Start,
  type Starts,
  WITH_EXTRA,
  WITHOUT_EXTRA,
} from "./environ.ts";
import { type ConnectionShapes, type EnvironShape, namedPairs } from "./environ_shape.ts";

/**
 * Requests in a row with the same header lines, or head, before a shape is made for them: it takes as long as it saves
 * in a few. Twice as many each time.
 */
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
  #starts: Starts = WITHOUT_EXTRA;
  #start: Start = WITHOUT_EXTRA.direct;
  /** Values of its headers and the marker of their shape; where the names of that begin. */
  #headers = "";
  #headersShape: EnvironShape | undefined;
  #headersStart: Start | undefined;
  /** The shape for requests with this head, and those for others with these header lines. */
  #sameHead: EnvironShape | undefined;
  #sameFields = new Map<Start, EnvironShape>();
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
    const queued = facts.queueStart !== 0;
    const start = queued ? this.#starts.queued : this.#starts.direct;
    if (start !== this.#start) {
      this.#endSameHead();
      this.#start = start;
    }
    let values = `${facts.requestId}\0${microsecondsText(facts.requestStart)}`;
    if (queued) values += "\0" + microsecondsText(facts.queueStart);
    if (this.#shapes !== undefined) {
      const own = this.#ownShape(request, this.#shapes);
      if (own !== undefined) {
        this.shape = own;
        const line = own === this.#sameHead ? "" : this.#line;
        return `${line}${values}\0${own.marker}`;
      }
    }
    const text = this.#serverValues + this.#line + values + start.constantValues;
    if (start !== this.#headersStart && !this.#setHeaders(request, start)) {
      this.shape = undefined;
      return namedPairs(start.node.shape.names, text) + joinedHeaders(request);
    }
    this.shape = this.#headersShape;
    return text + this.#headers;
  }

  /** SCRIPT_FILENAME of a request, or `undefined` where its path is not at or below the mount point. */
  scriptFilename({ path }: { readonly path: string }): string | undefined {
    const { mountPoint, documentRoot } = this.#server;
    const below = pathBelow(mountPoint, path);
    if (below === undefined) return undefined;
    return documentRoot + mountPoint + below.slice(0, firstSegmentEnd(below));
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
    this.#endSameHead();
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
    const cut = firstSegmentEnd(below);
    const extra = below.slice(cut);
    const script = mountPoint + below.slice(0, cut);
    const root = this.#server.documentRoot;
    let line = request.method + "\0" + request.target + "\0" + request.protocol + "\0" +
      mountPoint + "\0" + below + "\0" + request.query + "\0" +
      root + script + "\0" + script + "\0" + extra + "\0";
    if (extra !== "") line += root + extra + "\0";
    this.#line = line;
    this.#starts = extra === "" ? WITHOUT_EXTRA : WITH_EXTRA;
    return true;
  }

  /** Prepares the values of the headers; false where they can't be told by a shape. */
  #setHeaders(request: EnvironRequest, start: Start): boolean {
    this.#headersStart = undefined;
    if (request.repeated) return false;
    const { names, values } = request;
    let { node } = start;
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
    const { line, request: requestNames, constantPairs } = this.#start;
    if (this.#requests > this.#patience) {
      const names = [...CONNECTION_NAMES, ...line];
      const common = namedPairs(names, this.#serverValues + this.#line) + constantPairs +
        joinedHeaders(request);
      this.#sameHead = this.#make(shapes, requestNames, common);
      if (this.#sameHead !== undefined) return this.#sameHead;
    }
    if (this.#fields === undefined) return undefined;
    const known = this.#sameFields.get(this.#start);
    if (known !== undefined || this.#fieldsTimes <= this.#patience) return known;
    const common = namedPairs(CONNECTION_NAMES, this.#serverValues) + constantPairs +
      joinedHeaders(request);
    const made = this.#make(shapes, [...line, ...requestNames], common);
    if (made !== undefined) this.#sameFields.set(this.#start, made);
    return made;
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
    this.#endSameHead();
    if (this.#sameFields.size === 0) return;
    for (const shape of this.#sameFields.values()) shape.release();
    this.#sameFields.clear();
  }

  #endSameHead(): void {
    this.#sameHead?.release();
    this.#sameHead = undefined;
  }
}

function firstSegmentEnd(path: string): number {
  const slash = path.indexOf("/", 1);
  return slash < 0 ? path.length : slash;
}
