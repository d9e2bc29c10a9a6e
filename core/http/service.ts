/**
 * The HTTP side of a process: its client connections, their settings and time limits, the access log.
 *
 * @module
 */
import type { GatewayRequest } from "../gateway/request.ts";
import type { AccessLog } from "../log/access_log.ts";
import type { ErrorLog } from "../log/error_log.ts";
import type { LogLevelName } from "../log/levels.ts";
import type { Listener, Stream, Transport } from "../net/transport.ts";
import type { Plan } from "../plan.ts";
import { WallClock } from "../wall_clock.ts";
import { ConnectionEnviron } from "../wsgi/connection_environ.ts";
import { serverContext } from "../wsgi/environ.ts";
import type { ConnectionShapes } from "../wsgi/environ_shape.ts";
import { IdSequence } from "../wsgi/request_id.ts";
import { type RequestOutcome, RequestRecord } from "./access_record.ts";
import { HttpConnection } from "./connection.ts";
import type { Pace } from "./pace.ts";
import type { InputLimits } from "./request_input.ts";
import { DEFAULT_HEAD_LIMITS, type HeadLimits } from "./request_parser.ts";

/** Where requests go. */
export interface RequestTaker {
  submit(request: GatewayRequest): void;
  /** The client is gone: the request is not to be started, or its answer is not wanted. */
  withdraw(request: GatewayRequest): void;
  /** Where connections may have environ shapes of their own. */
  readonly connectionShapes?: ConnectionShapes;
}

/** Time limits in milliseconds; `Infinity` is no limit. */
export interface HttpTimeouts {
  readonly header: Pace;
  readonly body: Pace;
  readonly keepAlive: number;
  /** Between two reads of a head or a body. */
  readonly socket: number;
  readonly responseSocket: number;
}

const MILLISECONDS = 1000;
/** How often deadlines are looked at. */
const SWEEP_MS = 250;

/** Serves the connections of a listener. */
export class HttpService {
  readonly headLimits: HeadLimits = DEFAULT_HEAD_LIMITS;
  readonly timeouts: HttpTimeouts;
  readonly inputLimits: InputLimits;
  readonly requestBodyLimit: number;
  readonly chunkedRequest: boolean;
  readonly responseBuffer: number;
  /** Bytes of a response's head that an application may send. */
  readonly responseHeaders: number;
  readonly keepAlive: boolean;
  /** Whether requests pass a queue to another process: the environ then tells when. */
  readonly queued: boolean;
  /** Whether there is an access log, and whether its lines tell of headers of the response. */
  readonly logsAccess: boolean;
  readonly logsResponseHeaders: boolean;
  /** Name of the site where a request names none. */
  readonly siteName: string;
  readonly requestIds = new IdSequence();
  /** Set when the server stops: no connection is kept open behind its response. */
  closing = false;
  #clock = new WallClock();
  #transport: Transport;
  #taker: RequestTaker;
  #errorLog: ErrorLog;
  #accessLog: AccessLog | undefined;
  #context: ReturnType<typeof serverContext>;
  #maxClients: number;
  #connectionIds = new IdSequence();
  #connections = new Set<HttpConnection>();
  #listeners: Listener[] = [];
  #full = false;
  #sweeper: ReturnType<typeof setInterval>;
  #empty: PromiseWithResolvers<void> | undefined;

  constructor(
    plan: Plan,
    transport: Transport,
    taker: RequestTaker,
    errorLog: ErrorLog,
    accessLog: AccessLog | undefined,
  ) {
    const { timeouts, limits } = plan;
    this.#transport = transport;
    this.#taker = taker;
    this.#errorLog = errorLog;
    this.#accessLog = accessLog;
    this.logsAccess = accessLog !== undefined;
    this.logsResponseHeaders = accessLog?.wantsResponseHeaders ?? false;
    this.timeouts = {
      header: pace(timeouts.header),
      body: pace(timeouts.body),
      keepAlive: timeouts.keepAlive * MILLISECONDS,
      socket: limit(timeouts.socket),
      responseSocket: limit(timeouts.responseSocket || timeouts.socket),
    };
    this.inputLimits = {
      pace: this.timeouts.body,
      stall: this.timeouts.socket,
      now: () => transport.now(),
    };
    this.keepAlive = timeouts.keepAlive > 0;
    this.requestBodyLimit = limits.requestBody;
    this.chunkedRequest = limits.chunkedRequest;
    this.responseBuffer = limits.responseBuffer;
    this.responseHeaders = limits.responseHeaders;
    this.queued = plan.mode === "daemon";
    this.#maxClients = limits.clientLimit ?? Infinity;
    this.siteName = plan.listener.host ?? "localhost";
    this.#context = serverContext({
      mountPoint: plan.application.mountPoint,
      documentRoot: plan.server.documentRoot,
      serverName: this.siteName,
    });
    this.#sweeper = setInterval(() => this.sweep(), SWEEP_MS);
  }

  /** Open client connections. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Whether a client still has to take a part of its answer. */
  get writing(): boolean {
    for (const connection of this.#connections) if (connection.stream.queued > 0) return true;
    return false;
  }

  now(): number {
    return this.#transport.now();
  }

  /** Microseconds since the epoch, as coarse as `now`. */
  epochMicroseconds(): number {
    return Math.floor(this.epochMilliseconds() * 1000);
  }

  /** Milliseconds since the epoch, as coarse as `now`. */
  epochMilliseconds(): number {
    return this.#clock.at(this.#transport.now());
  }

  /** A client has connected. */
  accept(stream: Stream): void {
    if (stream.closed) return;
    this.#connections.add(new HttpConnection(this, stream));
    // One more than allowed, or nobody would know that it waits.
    if (this.#connections.size <= this.#maxClients || this.#full || this.#makeRoom()) return;
    this.#full = true;
    for (const listener of this.#listeners) listener.pause();
  }

  /** Whether others wait for a connection to close: none is kept open behind its response then. */
  get full(): boolean {
    return this.#full;
  }

  /** Accepting stops while there are more connections than `--max-clients` allows, and none of them waits idle. */
  limit(listener: Listener): void {
    this.#listeners.push(listener);
  }

  forget(connection: HttpConnection): void {
    this.#connections.delete(connection);
    if (this.#full && this.#connections.size <= this.#maxClients) {
      this.#full = false;
      for (const listener of this.#listeners) listener.resume();
    }
    if (this.#connections.size === 0) this.#empty?.resolve();
  }

  submit(request: GatewayRequest): void {
    this.#taker.submit(request);
  }

  withdraw(request: GatewayRequest): void {
    this.#taker.withdraw(request);
  }

  connectionEnviron(stream: Stream): ConnectionEnviron {
    const facts = {
      scheme: "http",
      serverAddress: stream.local.hostname,
      serverPort: String(stream.local.port),
      remoteAddress: stream.remote.hostname,
      remotePort: String(stream.remote.port),
      connectionId: this.#connectionIds.next(),
    } as const;
    return new ConnectionEnviron(this.#context, facts, this.#taker.connectionShapes);
  }

  log(level: LogLevelName, message: string, stream: Stream): void {
    const { hostname, port } = stream.remote;
    this.#errorLog.write(level, message, { client: `${hostname}:${port}` });
  }

  logAccess(connection: HttpConnection, outcome: RequestOutcome): void {
    this.#accessLog?.write(new RequestRecord(connection, outcome));
  }

  /**
   * Ends what has taken longer than its time limit, writes the access log and looks at the system's clock. Called a few
   * times a second.
   */
  sweep(): void {
    this.#accessLog?.flush();
    this.#clock.follow();
    const now = this.now();
    for (const connection of this.#connections) {
      if (connection.deadline <= now) connection.onDeadline(now);
    }
  }

  /** Lets running exchanges end, closes idle connections, and resolves when all are closed. May be called again. */
  drain(): Promise<void> {
    this.closing = true;
    this.#empty ??= Promise.withResolvers<void>();
    for (const connection of [...this.#connections]) connection.endIfIdle();
    if (this.#connections.size === 0) this.#empty.resolve();
    return this.#empty.promise;
  }

  /**
   * The same without closing idle connections, on which a client may just be sending: each closes behind its next
   * response, or when its keep-alive time ends.
   */
  drainGently(): Promise<void> {
    this.closing = true;
    this.#empty ??= Promise.withResolvers<void>();
    if (this.#connections.size === 0) this.#empty.resolve();
    return this.#empty.promise;
  }

  /** Closes all connections now and stops. */
  close(): void {
    clearInterval(this.#sweeper);
    for (const connection of [...this.#connections]) connection.stream.close();
    this.#accessLog?.flush();
  }

  /** Closes the oldest connection that is kept open without a request. Returns whether there was one. */
  #makeRoom(): boolean {
    for (const connection of this.#connections) {
      if (!connection.kept) continue;
      connection.stream.close();
      return true;
    }
    return false;
  }
}

function limit(seconds: number): number {
  return seconds > 0 ? seconds * MILLISECONDS : Infinity;
}

function pace(timeout: { first: number; most: number; rate: number }): Pace {
  return { first: limit(timeout.first), most: limit(timeout.most), rate: timeout.rate };
}
