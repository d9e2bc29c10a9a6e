/**
 * The part of the WSGI environ that differs from request to request (PEP 3333, "environ Variables"),
 * as one text: values in the order of the names of a shape (`environ_shape.ts`), or names and values in
 * turn, NUL between them. The rest is a template that the Python half keeps. No name and no value can
 * hold a NUL: the request parser refuses it, and a path with `%00` is answered before an environ is made.
 */

import { namedPairs, ShapeNode } from "./environ_shape.ts";
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

/** What depends on the connection, but for the last two: they are those that the client names. */
export const CONNECTION_NAMES = [
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
const QUEUE_NAMES = ["mod_wsgi.queue_start"];
/** Of a request that went through the queue, as long as no process has given it back. */
const FIRST_TRY_NAMES = ["mod_wsgi.daemon_connects", "mod_wsgi.daemon_restarts"];
const FIRST_TRY_VALUES = "\x001\x000";

/** What the names of a text begin with. */
export interface Start {
  /** Those that the request line gives. */
  readonly line: readonly string[];
  /** Those that are different in each request. */
  readonly request: readonly string[];
  /** Values of those behind them, which are always the same, with a NUL before each; and as pairs. */
  readonly constantValues: string;
  readonly constantPairs: string;
  /** Where header names begin. */
  readonly node: ShapeNode;
}

function start(line: readonly string[], queued: boolean): Start {
  const request = queued ? [...REQUEST_NAMES, ...QUEUE_NAMES] : REQUEST_NAMES;
  const constant = queued ? FIRST_TRY_NAMES : [];
  const constantValues = queued ? FIRST_TRY_VALUES : "";
  return {
    line,
    request,
    constantValues,
    constantPairs: queued ? `\0${namedPairs(constant, constantValues.slice(1))}` : "",
    node: new ShapeNode([...CONNECTION_NAMES, ...line, ...request, ...constant]),
  };
}

/** Of requests that go through a queue, and those that do not. */
export interface Starts {
  readonly direct: Start;
  readonly queued: Start;
}

function starts(line: readonly string[]): Starts {
  return { direct: start(line, false), queued: start(line, true) };
}

/** Without and with extra path. */
export const WITHOUT_EXTRA = starts(LINE_NAMES);
export const WITH_EXTRA = starts([...LINE_NAMES, "PATH_TRANSLATED"]);

/**
 * The rest of a path behind a mount point (PATH_INFO), or `undefined` where the path lies elsewhere:
 * `/app` holds `/app` and `/app/…`, not `/apple`. `*` and `""` lie nowhere.
 */
export function pathBelow(mountPoint: string, path: string): string | undefined {
  if (mountPoint === "") return path.charCodeAt(0) === 47 ? path : undefined;
  if (!path.startsWith(mountPoint)) return undefined;
  if (path.length !== mountPoint.length && path.charCodeAt(mountPoint.length) !== 47) {
    return undefined;
  }
  return path.slice(mountPoint.length);
}

/** Repeated headers become one value (RFC 9110 section 5.3; Cookie by RFC 6265 section 5.4). */
export function joinedHeaders({ names, values }: EnvironRequest): string {
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
