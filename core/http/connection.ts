/**
 * One client connection: request heads in, one exchange after the other, time limits, and how it closes.
 *
 * @module
 */
import type { Stream, StreamHandler } from "../net/transport.ts";
import type { ConnectionEnviron } from "../wsgi/connection_environ.ts";
import { decodeLatin1 } from "../wsgi/latin1.ts";
import { errorResponse } from "./error_page.ts";
import { headText } from "./access_record.ts";
import { Exchange } from "./exchange.ts";
import { ownResponse } from "./own_response.ts";
import { allowance } from "./pace.ts";
import { PendingBytes } from "./pending_bytes.ts";
import { type RequestFailure, requestFailure, RequestParser } from "./request_parser.ts";
import type { HttpService } from "./service.ts";

/** What the connection waits for. */
const State = {
  /** The first byte of a request. */
  IDLE: 0,
  /** The rest of a head. */
  HEAD: 1,
  /** An exchange is under way. */
  BUSY: 2,
  /** The answer is sent and no more is wanted: what still arrives is dropped until the client closes. */
  LINGERING: 3,
  CLOSED: 4,
} as const;
type State = typeof State[keyof typeof State];

/** How long a closing connection waits for the client's end (RFC 9112 section 9.6). */
const LINGER_MS = 2000;
const CR = 13;
const LF = 10;
/** Bytes that a client may send ahead of its turn before it has to wait. */
const READ_AHEAD = 64 * 1024;

/** A client connection. */
export class HttpConnection implements StreamHandler {
  readonly stream: Stream;
  readonly service: HttpService;
  readonly environ: ConnectionEnviron;
  #parser: RequestParser;
  #state: State = State.IDLE;
  #exchange: Exchange | undefined;
  /** When the head that is being read began. */
  #headStarted = 0;
  #pending = new PendingBytes();
  /** Set while received bytes are looked at: what ends an exchange then must not look at the next ones itself. */
  #consuming = false;
  #paused = false;
  #inputEnded = false;
  #served = 0;
  /** When the client must have sent something, and when it must have taken something. */
  #readBy: number;
  #writeBy = Infinity;
  /** Bytes written, and how many of them the client had taken when `#writeBy` was set. */
  #written = 0;
  #takenBefore = 0;
  /** How many of them the access log knows. */
  #logged = 0;

  constructor(service: HttpService, stream: Stream) {
    this.service = service;
    this.stream = stream;
    this.#parser = new RequestParser(service.headLimits);
    this.environ = service.connectionEnviron(stream);
    const { header, socket } = service.timeouts;
    this.#readBy = service.now() + Math.min(header.first, socket);
    stream.handler = this;
  }

  /** The time, on the transport's clock, at which `onDeadline` is due. */
  get deadline(): number {
    return Math.min(this.#readBy, this.#writeBy);
  }

  /** Whether it waits for another request and has nothing left to write. */
  get kept(): boolean {
    return this.#served > 0 && this.#state === State.IDLE && this.stream.queued === 0;
  }

  /** Requests before the one that is under way. */
  get served(): number {
    return this.#served;
  }

  /** Bytes written since this was asked for the last time. */
  takeSentBytes(): number {
    const bytes = this.#written - this.#logged;
    this.#logged = this.#written;
    return bytes;
  }

  /** Whether more waits for the client than is good to keep for it. */
  get congested(): boolean {
    return this.stream.queued > this.service.responseBuffer;
  }

  onData(buffer: Uint8Array, start: number, end: number): void {
    if (this.#state === State.LINGERING) return;
    if (this.#pending.length > 0) {
      this.#pending.append(buffer, start, end);
      this.#advance();
      return;
    }
    const at = this.#consume(buffer, start, end);
    if (at < end && this.#state < State.LINGERING) this.#pending.append(buffer, at, end);
    this.#afterInput();
  }

  onEnd(): void {
    this.#inputEnded = true;
    this.#afterInput();
  }

  onDrain(): void {
    const { service } = this;
    this.#writeBy = Infinity;
    switch (this.#state) {
      case State.IDLE:
        this.#readBy = service.now() + service.timeouts.keepAlive;
        break;
      case State.BUSY:
        this.#exchange!.onResponseDrained();
        break;
      case State.LINGERING:
        this.#readBy = service.now() + LINGER_MS;
        if (this.#inputEnded) this.stream.close();
    }
    this.#advance();
  }

  onClose(): void {
    const exchange = this.#exchange;
    this.#state = State.CLOSED;
    this.#exchange = undefined;
    this.#pending.clear();
    exchange?.onConnectionLost();
    this.environ.close();
    this.service.forget(this);
  }

  /** The time of `deadline` has come. */
  onDeadline(now: number): void {
    if (this.#writeBy <= now) return this.#checkWriting(now);
    switch (this.#state) {
      case State.HEAD:
        return this.#refuseUnfinishedHead();
      case State.BUSY:
        this.#readBy = Infinity;
        return this.#exchange!.onInputTimeout();
      default:
        this.stream.close();
    }
  }

  /**
   * Writes `buffer[start, end)` to the client. A client that does not take it at once must show progress within each
   * `responseSocket` time limit.
   *
   * @returns true when nothing is queued.
   */
  write(buffer: Uint8Array, start: number, end: number): boolean {
    this.#written += end - start;
    if (this.stream.write(buffer, start, end)) return true;
    if (this.#writeBy === Infinity) this.#watchWriting(this.service.now());
    return false;
  }

  /** The exchange may want bytes now that it did not want before. */
  readOn(): void {
    this.#advance();
    if (this.#exchange !== undefined) this.#readBy = this.#exchange.inputDeadline;
  }

  /** The exchange is over and all of its request was read: the next one may come. */
  next(): void {
    this.#exchange = undefined;
    this.#served++;
    if (this.#state === State.CLOSED) return;
    const { service } = this;
    if (service.closing) return this.finish();
    this.#state = State.IDLE;
    // A client that still reads its response is not idle: see `onDrain`.
    this.#readBy = this.stream.queued > 0 ? Infinity : service.now() + service.timeouts.keepAlive;
    this.#advance();
  }

  /** Closes the connection if it waits between two requests, so that none is lost. */
  endIfIdle(): void {
    const { IDLE, HEAD } = State;
    // A request may have come that nobody has looked at.
    if (this.#state === IDLE) this.stream.readNow?.();
    if (this.#state !== IDLE && (this.#state !== HEAD || this.#parser.started)) return;
    if (this.stream.queued === 0) this.stream.close();
    else this.finish();
  }

  /** Ends the connection behind what was written: the client gets all of it, then the end. */
  finish(): void {
    this.#exchange = undefined;
    if (this.#state === State.CLOSED) return;
    this.#pending.clear();
    if (this.#inputEnded && this.stream.queued === 0) return this.stream.close();
    this.#state = State.LINGERING;
    this.stream.end();
    this.#regulate();
    this.#readBy = this.stream.queued > 0 ? Infinity : this.service.now() + LINGER_MS;
  }

  /** Looks at what has waited, unless that is being done. */
  #advance(): void {
    if (this.#consuming) return;
    const pending = this.#pending;
    // Also where nothing waits: an exchange may have all of its body and not have been asked for more.
    const at = this.#consume(pending.buffer, pending.start, pending.end);
    if (this.#state < State.LINGERING) pending.advance(at);
    this.#afterInput();
  }

  /**
   * Gives bytes to whom they belong, heads to the parser and bodies to their exchange, one request after the other.
   *
   * @returns where the bytes begin that nobody wants yet.
   */
  #consume(buffer: Uint8Array, start: number, end: number): number {
    let at = start;
    this.#consuming = true;
    try {
      while (this.#state < State.LINGERING) {
        const exchange = this.#exchange;
        if (exchange !== undefined) {
          at = exchange.receive(buffer, at, end);
          if (this.#exchange === exchange) break;
        } else {
          // A client that reads no answers gets no more of them.
          if (at === end || this.congested) break;
          const head = this.#parse(buffer, at, end);
          if (head === undefined) break;
          at += head.length;
          this.#state = State.BUSY;
          this.#exchange = new Exchange(this, head);
          this.#exchange.begin();
        }
      }
    } finally {
      this.#consuming = false;
    }
    return at;
  }

  #parse(buffer: Uint8Array, start: number, end: number) {
    const { service } = this;
    if (this.#state === State.IDLE) {
      this.#state = State.HEAD;
      this.#headStarted = service.now();
    }
    const head = this.#parser.parse(buffer, start, end);
    if (head === undefined) {
      const { header, socket } = service.timeouts;
      this.#readBy = Math.min(
        this.#headStarted + allowance(header, end - start),
        service.now() + socket,
      );
    } else if (head.kind === "failure") {
      this.#refuse(head, this.#firstLine(buffer, start, end), end - start);
    } else {
      return head;
    }
    return undefined;
  }

  /** Brings everything else up to date with what has been received. */
  #afterInput(): void {
    const exchange = this.#exchange;
    if (this.#state === State.BUSY && exchange !== undefined) {
      if (this.#inputEnded) exchange.onInputEnd();
      if (this.#exchange === exchange) this.#readBy = exchange.inputDeadline;
    } else if (this.#inputEnded && this.#state < State.CLOSED && !this.congested) {
      // No further request can become complete.
      this.finish();
    }
    this.#regulate();
  }

  /** A client that sends too much ahead of its turn has to wait. */
  #regulate(): void {
    const full = this.#pending.length > READ_AHEAD &&
        (this.#state === State.BUSY || this.congested) ||
      this.#exchange !== undefined && this.#exchange.inputCongested;
    if (full === this.#paused) return;
    this.#paused = full;
    if (full) this.stream.pause();
    else this.stream.resume();
  }

  #refuseUnfinishedHead(): void {
    if (!this.#parser.started) return this.stream.close();
    const failure = requestFailure(408, "request head took too long");
    const { buffer, start, end } = this.#pending;
    // A part of a request line is none.
    const line = this.#parser.lines > 0 ? this.#firstLine(buffer, start, end) : "-";
    this.#refuse(failure, line, end - start);
  }

  /**
   * Answers a request that can't be understood; the connection can't be either from here on.
   *
   * @param line its first line, for the access log.
   * @param receivedBytes how many bytes have come of it.
   */
  #refuse({ status, reason }: RequestFailure, line: string, receivedBytes: number): void {
    const { service, stream } = this;
    const method = line.startsWith("HEAD ") ? "HEAD" : "GET";
    service.log("info", `refused a request with ${status}: ${reason}`, stream);
    const { bytes, bodyBytes } = ownResponse(
      { method, protocol: "HTTP/1.1", keepAlive: false },
      errorResponse(status),
    );
    this.write(bytes, 0, bytes.length);
    service.logAccess(this, {
      head: undefined,
      line,
      requestId: "",
      receivedBytes,
      status,
      bodyBytes,
      responseHead: service.logsResponseHeaders ? headText(bytes, bytes.length) : "",
      receivedAt: this.#headStarted,
      end: "-",
    });
    this.finish();
  }

  /** The first line of `bytes[start, end)` that is not empty, as far as it is there and may be long. */
  #firstLine(bytes: Uint8Array, start: number, end: number): string {
    let from = start;
    while (from < end && (bytes[from] === CR || bytes[from] === LF)) from++;
    const most = Math.min(end, from + this.service.headLimits.requestLine);
    let to = from;
    while (to < most && bytes[to] !== LF) to++;
    if (to > from && bytes[to - 1] === CR) to--;
    return to > from ? decodeLatin1(bytes, from, to) : "-";
  }

  #watchWriting(now: number): void {
    this.#writeBy = now + this.service.timeouts.responseSocket;
    this.#takenBefore = this.#written - this.stream.queued;
  }

  /** A slow client has the time limit anew as long as it takes something. */
  #checkWriting(now: number): void {
    const { service, stream } = this;
    if (stream.queued === 0) {
      this.#writeBy = Infinity;
    } else if (this.#written - stream.queued > this.#takenBefore) {
      this.#watchWriting(now);
    } else {
      service.log("info", "a client did not read its response within the time limit", stream);
      stream.reset();
    }
  }
}
