/**
 * One client connection: request heads in, one exchange after the other, time limits, and how it closes.
 *
 * @module
 */
import { DATA_MARGIN, type Stream, type StreamHandler } from "../net/transport.ts";
import { ConnectionEnviron } from "../wsgi/environ.ts";
import { planResponse, writeResponse } from "../wsgi/response.ts";
import { errorResponse } from "./error_page.ts";
import { Exchange } from "./exchange.ts";
import { type RequestFailure, type RequestHead, RequestParser } from "./request_parser.ts";
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
/** Bytes that a client may send ahead of its turn before it has to wait. */
const READ_AHEAD = 64 * 1024;

/** A client connection. */
export class HttpConnection implements StreamHandler {
  readonly stream: Stream;
  readonly service: HttpService;
  readonly environ: ConnectionEnviron;
  /** The time, on the transport's clock, at which `onDeadline` is due. */
  deadline = Infinity;
  #parser: RequestParser;
  #state: State = State.IDLE;
  #exchange: Exchange | undefined;
  /** When the head that is being read began. */
  #headStarted = 0;
  /** Received and not looked at yet: `#pending[#pendingStart, #pendingEnd)`. */
  #pending: Uint8Array<ArrayBuffer> | undefined;
  #pendingStart = 0;
  #pendingEnd = 0;
  #paused = false;
  #inputEnded = false;
  #served = 0;
  /** Progress of a slow client, looked at by `onDeadline`. */
  #queuedBefore = 0;

  constructor(service: HttpService, stream: Stream) {
    this.service = service;
    this.stream = stream;
    this.#parser = new RequestParser(service.headLimits);
    this.environ = service.connectionEnviron(stream);
    stream.handler = this;
    this.deadline = service.now() + service.timeouts.header.first;
  }

  /** Requests answered on this connection. */
  get served(): number {
    return this.#served;
  }

  /** The client will send no more. */
  get inputEnded(): boolean {
    return this.#inputEnded;
  }

  /** Whether the connection waits between two requests: it may be closed without losing one. */
  get idle(): boolean {
    return this.#state === State.IDLE;
  }

  onData(buffer: Uint8Array, start: number, end: number): void {
    if (this.#state === State.LINGERING) return;
    if (this.#state === State.BUSY) {
      const at = this.#pending === undefined ? this.#exchange!.receive(buffer, start, end) : start;
      if (at < end) this.#keep(buffer, at, end);
      return;
    }
    if (this.#pending !== undefined) {
      this.#keep(buffer, start, end);
      this.#resumePending();
    } else {
      this.#read(buffer, start, end);
    }
  }

  onEnd(): void {
    this.#inputEnded = true;
    if (this.#state === State.BUSY) this.#exchange!.onInputEnd();
    else this.stream.close();
  }

  onDrain(): void {
    this.#queuedBefore = 0;
    this.#exchange?.onResponseDrained();
    if (this.#state === State.BUSY) this.deadline = this.#exchange!.inputDeadline;
  }

  onClose(): void {
    const exchange = this.#exchange;
    this.#state = State.CLOSED;
    this.#exchange = undefined;
    this.#pending = undefined;
    exchange?.onConnectionLost();
    this.service.forget(this);
  }

  /** The time set in `deadline` has come. */
  onDeadline(now: number): void {
    const { stream, service } = this;
    if (stream.queued > 0 && this.#state !== State.IDLE) {
      // A slow client has the time limit anew as long as it takes something.
      if (stream.queued < this.#queuedBefore) {
        this.deadline = now + service.timeouts.responseSocket;
        this.#queuedBefore = stream.queued;
        return;
      }
      service.log("info", "a client did not read its response within the time limit", stream);
      stream.reset();
      return;
    }
    switch (this.#state) {
      case State.HEAD:
        this.#refuse({ kind: "failure", status: 408, reason: "request head took too long" });
        break;
      case State.BUSY:
        this.deadline = Infinity;
        this.#exchange!.onInputTimeout();
        break;
      default:
        stream.close();
    }
  }

  /** The client reads too slowly: from now on each `responseSocket` seconds must show progress. */
  watchWriting(): void {
    this.#queuedBefore = this.stream.queued;
    this.deadline = this.service.now() + this.service.timeouts.responseSocket;
  }

  /** Bytes that came while the exchange did not want them: it does now. */
  readAhead(): void {
    const pending = this.#pending;
    if (pending === undefined || this.#exchange === undefined) return;
    const [start, end] = [this.#pendingStart, this.#pendingEnd];
    this.#pending = undefined;
    const at = this.#exchange.receive(pending, start, end);
    if (this.#exchange !== undefined && at < end) {
      this.#pending = pending;
      this.#pendingStart = at;
      this.#pendingEnd = end;
    } else {
      this.#unpause();
    }
  }

  /** The exchange is over and all of its request was read: the next one may come. */
  next(): void {
    this.#exchange = undefined;
    this.#served++;
    if (this.#state === State.CLOSED) return;
    const { service } = this;
    if (service.closing || this.#inputEnded && this.#pending === undefined) {
      this.finish();
      return;
    }
    this.#state = State.IDLE;
    this.deadline = service.now() + service.timeouts.keepAlive;
    // Not from within the exchange's own call: a pipelined request must not grow the stack.
    if (this.#pending !== undefined) queueMicrotask(() => this.#resumePending());
  }

  /** Ends the connection behind what was written: the client gets all of it, then the end. */
  finish(): void {
    this.#exchange = undefined;
    if (this.#state === State.CLOSED) return;
    this.#pending = undefined;
    if (this.#inputEnded && this.stream.queued === 0) {
      this.stream.close();
      return;
    }
    this.#state = State.LINGERING;
    this.stream.end();
    this.#unpause();
    this.deadline = this.service.now() + LINGER_MS;
    if (this.stream.queued > 0) this.watchWriting();
  }

  /** Takes heads out of the bytes until one starts an exchange. */
  #read(buffer: Uint8Array, start: number, end: number): void {
    const { service } = this;
    if (this.#state === State.IDLE) {
      this.#state = State.HEAD;
      this.#headStarted = service.now();
      this.deadline = this.#headStarted + service.timeouts.header.first;
    }
    const head = this.#parser.parse(buffer, start, end);
    if (head === undefined) {
      this.#keep(buffer, start, end);
      this.#extendHead(end - start);
    } else if (head.kind === "failure") {
      this.#refuse(head);
    } else {
      this.#begin(head, buffer, start + head.length, end);
    }
  }

  /** Bytes that arrive buy time for the rest of the head, up to a limit. */
  #extendHead(received: number): void {
    const { first, most, rate } = this.service.timeouts.header;
    const earned = rate > 0 ? first + received / rate * 1000 : first;
    this.deadline = this.#headStarted + Math.min(earned, Math.max(most, first));
  }

  #begin(head: RequestHead, buffer: Uint8Array, start: number, end: number): void {
    this.#state = State.BUSY;
    this.deadline = Infinity;
    const exchange = new Exchange(this, head);
    this.#exchange = exchange;
    const at = exchange.begin(buffer, start, end);
    if (at < end && this.#mayContinue()) {
      this.#keep(buffer, at, end);
      // The exchange may be over already.
      if (this.#exchange === undefined) queueMicrotask(() => this.#resumePending());
    }
  }

  /** Whether what the client sends still matters. */
  #mayContinue(): boolean {
    return this.#state !== State.CLOSED && this.#state !== State.LINGERING;
  }

  /** Answers a request that can't be understood; the connection can't be either from here on. */
  #refuse(failure: RequestFailure): void {
    const { service, stream } = this;
    service.log("info", `refused a request with ${failure.status}: ${failure.reason}`, stream);
    const page = errorResponse(failure.status);
    const plan = planResponse(
      { method: "GET", protocol: "HTTP/1.1", keepAlive: false },
      { status: failure.status, contentLength: -1, complete: true, close: true },
      page.body.length,
    );
    const source = new Uint8Array([...page.head, ...page.body]);
    const answer = new Uint8Array(source.length + 512);
    const headEnd = page.head.length;
    const end = writeResponse(
      plan,
      source,
      0,
      headEnd,
      headEnd,
      source.length,
      Date.now(),
      answer,
      0,
    );
    service.logAccess(stream, "-", failure.status, page.body.length, service.now());
    stream.write(answer, 0, end);
    this.finish();
  }

  #resumePending(): void {
    if (this.#pending === undefined || this.#exchange !== undefined) return;
    if (this.#state !== State.IDLE && this.#state !== State.HEAD) return;
    const pending = this.#pending;
    const [start, end] = [this.#pendingStart, this.#pendingEnd];
    this.#pending = undefined;
    this.#unpause();
    if (end > start) this.#read(pending, start, end);
    if (this.#inputEnded && this.#exchange === undefined) this.stream.close();
  }

  /** Copies what is for later; a client that sends too much ahead has to wait. */
  #keep(buffer: Uint8Array, start: number, end: number): void {
    const kept = this.#pending === undefined ? 0 : this.#pendingEnd - this.#pendingStart;
    const size = kept + end - start;
    const room = new Uint8Array(size + 2 * DATA_MARGIN);
    if (kept > 0) {
      room.set(this.#pending!.subarray(this.#pendingStart, this.#pendingEnd), DATA_MARGIN);
    }
    room.set(buffer.subarray(start, end), DATA_MARGIN + kept);
    this.#pending = room;
    this.#pendingStart = DATA_MARGIN;
    this.#pendingEnd = DATA_MARGIN + size;
    if (size > READ_AHEAD && this.#state === State.BUSY && !this.#paused) {
      this.#paused = true;
      this.stream.pause();
    }
  }

  #unpause(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.stream.resume();
  }
}
