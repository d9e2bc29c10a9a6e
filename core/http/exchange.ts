/**
 * One request and its response: the request's body on its way in, the response on its way out.
 *
 * @module
 */
import { BodyEnd, BodyKind, HEAD_CLOSE, HEAD_COMPLETE } from "../gateway/frames.ts";
import type { BodySink, GatewayRequest } from "../gateway/request.ts";
import { DATA_MARGIN } from "../net/transport.ts";
import { encodeLatin1 } from "../wsgi/latin1.ts";
import {
  planResponse,
  type ResponsePlan,
  writeResponse,
  writeResponseHead,
} from "../wsgi/response.ts";
import {
  CHUNK_END,
  CHUNK_START_BYTES,
  LAST_CHUNK,
  ResponseBody,
  writeChunkStart,
} from "../wsgi/response_body.ts";
import { type BodyDecoder, bodyDecoder, BodyEvent } from "./body.ts";
import type { HttpConnection } from "./connection.ts";
import { errorResponse } from "./error_page.ts";
import type { RequestHead } from "./request_parser.ts";

/** What happens to the bytes of the request's body. */
const Input = {
  /** There is none, or all of it has been read. */
  DONE: 0,
  /** A small body is collected before the request is handed on, so that a slow client holds no thread. */
  COLLECTING: 1,
  /** Nobody has asked for it yet: it waits with the client. */
  UNWANTED: 2,
  /** It goes to the application as it comes. */
  STREAMING: 3,
  /** The response is complete: the rest is dropped so that the connection can go on. */
  DROPPING: 4,
  /** It can't be read to its end. */
  BROKEN: 5,
} as const;
type Input = typeof Input[keyof typeof Input];

/** Bodies up to this length are collected. */
const COLLECT_LIMIT = 64 * 1024;
/** The rest of a body that nobody read is dropped up to this length; beyond it the connection closes. */
const DROP_LIMIT = 1024 * 1024;

const CONTINUE = encodeLatin1("HTTP/1.1 100 Continue\r\n\r\n");
/** Responses are put together here, by all exchanges. */
let scratch = new Uint8Array(256 * 1024);

/** A request under way. */
export class Exchange implements GatewayRequest {
  readonly head: RequestHead;
  readonly receivedAt: number;
  environ = "";
  bodyKind: BodyKind = BodyKind.NONE;
  body: Uint8Array | undefined;
  restarts = 0;
  #connection: HttpConnection;
  #decoder: BodyDecoder | undefined;
  #input: Input = Input.DONE;
  #collected = 0;
  #dropped = 0;
  #congested = false;
  #submitted = false;
  #sink: BodySink | undefined;
  #plan: ResponsePlan | undefined;
  #out: ResponseBody | undefined;
  #status = 0;
  #sentBytes = 0;
  #done = false;

  constructor(connection: HttpConnection, head: RequestHead) {
    this.#connection = connection;
    this.head = head;
    this.receivedAt = connection.service.now();
  }

  /**
   * Starts with what was received behind the head.
   *
   * @returns where the bytes begin that are not the exchange's, or not yet wanted.
   */
  begin(buffer: Uint8Array, start: number, end: number): number {
    const { head } = this;
    const { service } = this.#connection;
    const decoder = bodyDecoder(head, service.requestBodyLimit);
    if (decoder !== undefined && "kind" in decoder) {
      this.#refuse(decoder.status);
      return start;
    }
    if (decoder !== undefined) {
      this.#decoder = decoder;
      this.#input = Input.UNWANTED;
    }
    if (head.chunked && !service.chunkedRequest) {
      this.#refuse(411);
      return start;
    }
    const now = service.epochMicroseconds();
    const environ = this.#connection.environ.build(head, {
      requestId: service.requestIds.next(),
      requestStart: now,
      queueStart: service.queued ? now : 0,
    });
    if (environ === undefined) {
      this.#refuse(404);
      return start;
    }
    this.environ = environ;
    if (decoder === undefined) {
      this.#submit();
      return start;
    }
    if (head.chunked || head.expectContinue || head.contentLength > COLLECT_LIMIT) {
      this.bodyKind = BodyKind.STREAMED;
      this.#submit();
      return start;
    }
    this.bodyKind = BodyKind.WHOLE;
    this.body = new Uint8Array(head.contentLength);
    this.#input = Input.COLLECTING;
    return this.receive(buffer, start, end);
  }

  /** When the client must have sent more of the body, on the transport's clock. */
  get inputDeadline(): number {
    const waits = this.#input === Input.COLLECTING || this.#input === Input.DROPPING ||
      this.#input === Input.STREAMING && !this.#congested;
    const { service } = this.#connection;
    return waits ? service.now() + service.timeouts.body.first : Infinity;
  }

  /**
   * Takes what it wants of `buffer[start, end)`.
   *
   * @returns where the rest begins.
   */
  receive(buffer: Uint8Array, start: number, end: number): number {
    let at = start;
    const decoder = this.#decoder;
    while (decoder !== undefined && !this.#congested) {
      const input = this.#input;
      if (
        input !== Input.STREAMING && input !== Input.COLLECTING && input !== Input.DROPPING
      ) break;
      const event = decoder.next(buffer, at, end);
      at = decoder.position;
      if (event === BodyEvent.data) {
        this.#take(buffer, decoder.dataStart, decoder.dataEnd);
      } else if (event === BodyEvent.end) {
        this.#inputComplete();
        return at;
      } else if (event === BodyEvent.failure) {
        this.#inputFailed(decoder.failure!.status);
        return end;
      } else {
        this.#connection.deadline = this.inputDeadline;
        return at;
      }
    }
    return this.#input === Input.BROKEN ? end : at;
  }

  /** The client sends no more. */
  onInputEnd(): void {
    if (this.#input === Input.COLLECTING) {
      this.#connection.stream.close();
    } else if (this.#input === Input.STREAMING && !this.#congested) {
      this.#endInput(BodyEnd.CLIENT_GONE);
    } else if (this.#input === Input.DROPPING) {
      this.#connection.finish();
    }
  }

  /** The client did not send on in time. */
  onInputTimeout(): void {
    if (this.#input === Input.COLLECTING) this.#refuse(408);
    else if (this.#input === Input.STREAMING) this.#endInput(BodyEnd.TIMED_OUT);
    else if (this.#input === Input.DROPPING) this.#connection.finish();
  }

  /** The connection is gone: nobody waits for the response. */
  onConnectionLost(): void {
    if (this.#done) return;
    this.#done = true;
    if (this.#sink !== undefined) this.#sink.abandon();
    else if (this.#submitted) this.#connection.service.withdraw(this);
    this.#logAccess();
  }

  /** The client has taken all that was written. */
  onResponseDrained(): void {
    this.#sink?.resumeResponse();
  }

  onStarted(): void {
    // It is in the frame now.
    this.body = undefined;
  }

  onBound(sink: BodySink): void {
    this.#sink = sink;
  }

  onWant(): void {
    if (this.#input !== Input.UNWANTED) {
      if (this.#input === Input.DONE) this.#sink?.endBody(BodyEnd.COMPLETE);
      return;
    }
    this.#input = Input.STREAMING;
    if (this.head.expectContinue && this.#plan === undefined) {
      this.#connection.stream.write(CONTINUE, 0, CONTINUE.length);
    }
    this.#connection.deadline = this.inputDeadline;
    this.#connection.readAhead();
    if (this.#connection.inputEnded) this.onInputEnd();
  }

  onBodyDrained(): void {
    if (!this.#congested) return;
    this.#congested = false;
    this.#connection.deadline = this.inputDeadline;
    this.#connection.readAhead();
    if (this.#connection.inputEnded) this.onInputEnd();
  }

  onHead(
    status: number,
    contentLength: number,
    flags: number,
    buffer: Uint8Array,
    headStart: number,
    headEnd: number,
    bodyEnd: number,
  ): void {
    if (this.#done) return;
    const complete = (flags & HEAD_COMPLETE) !== 0;
    this.#status = status;
    const facts = { status, contentLength, complete, close: (flags & HEAD_CLOSE) !== 0 };
    const bodyLength = bodyEnd - headEnd;
    const plan = planResponse(
      { method: this.head.method, protocol: this.head.protocol, keepAlive: this.#mayKeepAlive() },
      facts,
      bodyLength,
    );
    this.#plan = plan;
    const now = Date.now();
    const room = headEnd - headStart + bodyLength + 512;
    if (scratch.length < room) scratch = new Uint8Array(room * 2);
    if (complete) {
      const end = writeResponse(
        plan,
        buffer,
        headStart,
        headEnd,
        headEnd,
        bodyEnd,
        now,
        scratch,
        0,
      );
      this.#sentBytes = this.head.method === "HEAD" ? 0 : bodyLength;
      this.#sink = undefined;
      this.#write(scratch, 0, end);
      this.#finish(plan.keepAlive);
      return;
    }
    this.#out = new ResponseBody(plan);
    const end = writeResponseHead(plan, buffer, headStart, headEnd, now, scratch, 0);
    this.#write(scratch, 0, end);
    if (bodyLength > 0) this.onData(buffer, headEnd, bodyEnd);
  }

  onData(buffer: Uint8Array, start: number, end: number): void {
    const out = this.#out;
    if (out === undefined || this.#done) return;
    const length = out.take(end - start);
    if (length === 0) return;
    this.#sentBytes += length;
    if (out.chunked) this.#writeChunk(buffer, start, start + length);
    else this.#write(buffer, start, start + length);
  }

  onFinish(): void {
    this.#sink = undefined;
    const out = this.#out;
    if (this.#done || out === undefined) return;
    if (out.chunked) this.#write(LAST_CHUNK, 0, LAST_CHUNK.length);
    this.#finish(out.finish() && this.#plan!.keepAlive);
  }

  onAbort(status: number): void {
    this.#sink = undefined;
    if (this.#done) return;
    if (this.#plan === undefined) {
      this.#refuse(status);
      return;
    }
    // The head is sent: only the missing end of the body can tell the client.
    this.#done = true;
    this.#logAccess();
    if (this.#out?.chunked || this.#plan.length > 0) this.#connection.stream.close();
    else this.#connection.stream.reset();
  }

  #submit(): void {
    this.#submitted = true;
    this.#connection.service.submit(this);
  }

  #take(buffer: Uint8Array, start: number, end: number): void {
    switch (this.#input) {
      case Input.COLLECTING:
        this.body!.set(buffer.subarray(start, end), this.#collected);
        this.#collected += end - start;
        break;
      case Input.STREAMING:
        this.#congested = !this.#sink!.sendBody(buffer, start, end);
        if (this.#congested) this.#connection.deadline = Infinity;
        break;
      case Input.DROPPING:
        this.#dropped += end - start;
        if (this.#dropped > DROP_LIMIT) {
          this.#input = Input.BROKEN;
          this.#connection.finish();
        }
    }
  }

  #inputComplete(): void {
    const input = this.#input;
    this.#input = Input.DONE;
    this.#connection.deadline = Infinity;
    if (input === Input.COLLECTING) this.#submit();
    else if (input === Input.STREAMING) this.#sink?.endBody(BodyEnd.COMPLETE);
    else if (input === Input.DROPPING) this.#connection.next();
  }

  #inputFailed(status: number): void {
    if (this.#input === Input.COLLECTING) this.#refuse(status);
    else if (this.#input === Input.STREAMING) {
      this.#endInput(status === 413 ? BodyEnd.TOO_LARGE : BodyEnd.MALFORMED);
    } else if (this.#input === Input.DROPPING) this.#connection.finish();
    this.#input = Input.BROKEN;
  }

  #endInput(cause: BodyEnd): void {
    this.#input = Input.BROKEN;
    this.#connection.deadline = Infinity;
    this.#sink?.endBody(cause);
  }

  /** Whether the connection can go on behind this response, as far as the request is concerned. */
  #mayKeepAlive(): boolean {
    const { service } = this.#connection;
    if (!this.head.keepAlive || service.closing || !service.keepAlive) return false;
    if (this.#input === Input.BROKEN) return false;
    // A client that waits for 100 Continue may or may not send the body now (RFC 9110 section 10.1.1).
    if (this.#input !== Input.UNWANTED) return true;
    return !this.head.expectContinue && this.head.contentLength <= DROP_LIMIT;
  }

  /** Answers with a page of the server's own. */
  #refuse(status: number): void {
    const page = errorResponse(status);
    const keepAlive = this.#mayKeepAlive() && status !== 408 && this.#decoder === undefined;
    this.#status = status;
    this.#sentBytes = this.head.method === "HEAD" ? 0 : page.body.length;
    const plan = planResponse(
      { method: this.head.method, protocol: this.head.protocol, keepAlive },
      { status, contentLength: -1, complete: true, close: false },
      page.body.length,
    );
    this.#plan = plan;
    const source = new Uint8Array(page.head.length + page.body.length);
    source.set(page.head);
    source.set(page.body, page.head.length);
    const end = writeResponse(
      plan,
      source,
      0,
      page.head.length,
      page.head.length,
      source.length,
      Date.now(),
      scratch,
      0,
    );
    this.#write(scratch, 0, end);
    this.#finish(plan.keepAlive);
  }

  #finish(keepAlive: boolean): void {
    const connection = this.#connection;
    if (this.#done) return;
    this.#done = true;
    this.#logAccess();
    if (!keepAlive || this.#input === Input.BROKEN) {
      connection.finish();
    } else if (this.#input === Input.DONE) {
      connection.next();
    } else {
      this.#congested = false;
      this.#input = Input.DROPPING;
      connection.deadline = this.inputDeadline;
      connection.readAhead();
      if (connection.inputEnded) this.onInputEnd();
    }
  }

  #write(buffer: Uint8Array, start: number, end: number): void {
    const { stream, service } = this.#connection;
    if (stream.write(buffer, start, end)) return;
    if (stream.queued > service.responseBuffer) this.#sink?.pauseResponse();
    this.#connection.watchWriting();
  }

  /** Frames a chunk in place where there is room around it. */
  #writeChunk(buffer: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (start >= DATA_MARGIN && buffer.length - end >= CHUNK_END.length) {
      const size = writeChunkStart(length, scratch, 0);
      const from = start - size;
      buffer.set(scratch.subarray(0, size), from);
      // What stands behind the bytes is another frame, still to be read.
      const [first, second] = [buffer[end]!, buffer[end + 1]!];
      buffer.set(CHUNK_END, end);
      this.#write(buffer, from, end + CHUNK_END.length);
      buffer[end] = first;
      buffer[end + 1] = second;
      return;
    }
    const room = length + CHUNK_START_BYTES + CHUNK_END.length;
    if (scratch.length < room) scratch = new Uint8Array(room * 2);
    const at = writeChunkStart(length, scratch, 0);
    scratch.set(buffer.subarray(start, end), at);
    scratch.set(CHUNK_END, at + length);
    this.#write(scratch, 0, at + length + CHUNK_END.length);
  }

  #logAccess(): void {
    const { method, target, protocol } = this.head;
    this.#connection.service.logAccess(
      this.#connection.stream,
      `${method} ${target} ${protocol}`,
      this.#status,
      this.#sentBytes,
      this.receivedAt,
      this.head,
    );
  }
}
