/**
 * One request and its response.
 *
 * @module
 */
import { BodyEnd, BodyKind, HEAD_CLOSE, HEAD_COMPLETE, HEAD_GIVEN } from "../gateway/frames.ts";
import type { BlockingRequest, BodySink, RequestDescription } from "../gateway/request.ts";
import type { BlockingStream } from "../net/transport.ts";
import type { EnvironShape } from "../wsgi/environ_shape.ts";
import { encodeLatin1 } from "../wsgi/latin1.ts";
import {
  Framing,
  planResponse,
  type ResponsePlan,
  writeResponse,
  writeResponseHead,
} from "../wsgi/response.ts";
import { LAST_CHUNK, ResponseBody } from "../wsgi/response_body.ts";
import { type ConnectionEnd, headText } from "./access_record.ts";
import { bodyDecoder } from "./body.ts";
import type { HttpConnection } from "./connection.ts";
import { errorResponse, SERVER_OPTIONS_RESPONSE, type ServerResponse } from "./error_page.ts";
import { ownResponse } from "./own_response.ts";
import { DROP_LIMIT, type InputOwner, RequestInput } from "./request_input.ts";
import type { RequestHead } from "./request_parser.ts";
import { writeChunk } from "./write_chunk.ts";

/** Bodies up to this length are collected. */
const COLLECT_LIMIT = 64 * 1024;

const CONTINUE = encodeLatin1("HTTP/1.1 100 Continue\r\n\r\n");
const RESPONSE_HEADERS_TOO_LARGE =
  "the response headers of the application are larger than --header-buffer-size allows";
/** Responses are put together here, by all exchanges. */
let scratch = new Uint8Array(256 * 1024);

/** A request under way. */
export class Exchange implements BlockingRequest, InputOwner {
  readonly head: RequestHead;
  readonly receivedAt: number;
  environ = "";
  shape: EnvironShape | undefined;
  bodyKind: BodyKind = BodyKind.NONE;
  body: Uint8Array | undefined;
  restarts = 0;
  #connection: HttpConnection;
  #input: RequestInput;
  #submitted = false;
  #sink: BodySink | undefined;
  #plan: ResponsePlan | undefined;
  #out: ResponseBody | undefined;
  #status = 0;
  #sentBytes = 0;
  #requestId = "";
  /** Head of the response, where the access log wants it. */
  #responseHead = "";
  #done = false;

  constructor(connection: HttpConnection, head: RequestHead) {
    this.#connection = connection;
    this.head = head;
    this.receivedAt = connection.service.now();
    this.#input = new RequestInput(this, connection.service.inputLimits);
  }

  /** Starts: refuses the request, hands it on, or begins to collect its body. */
  begin(): void {
    const { head } = this;
    const { service } = this.#connection;
    const decoder = bodyDecoder(head, service.requestBodyLimit);
    if (decoder !== undefined && "kind" in decoder) {
      this.#logTooLarge(`refused a request with 413: its body of ${head.contentLength} bytes`);
      return this.#refuseUnread(decoder.status);
    }
    if (decoder !== undefined) this.#input.wait(decoder);
    if (head.chunked && !service.chunkedRequest) {
      this.#logInfo("refused a request with 411: its body is chunked, without --chunked-request");
      return this.#refuseUnread(411);
    }
    const now = service.epochMicroseconds();
    this.#requestId = service.requestIds.next();
    const environ = this.#connection.environ.build(head, {
      requestId: this.#requestId,
      requestStart: now,
      queueStart: service.queued ? now : 0,
    });
    if (head.path === "*") return this.#reply(SERVER_OPTIONS_RESPONSE);
    if (environ === undefined) return this.#refuse(404);
    this.environ = environ;
    this.shape = this.#connection.environ.shape;
    if (decoder === undefined) return this.#submit();
    if (head.chunked || head.expectContinue || head.contentLength > COLLECT_LIMIT) {
      this.bodyKind = BodyKind.STREAMED;
      return this.#submit();
    }
    this.bodyKind = BodyKind.WHOLE;
    this.body = this.#input.collect(head.contentLength);
  }

  /** Whether the client has to wait before it sends more of the body. */
  get inputCongested(): boolean {
    return this.#input.congested;
  }

  /** When the client must have sent more of the body, on the transport's clock. */
  get inputDeadline(): number {
    return this.#input.deadline;
  }

  /**
   * Takes what it wants of `buffer[start, end)`.
   *
   * @returns where the rest begins.
   */
  receive(buffer: Uint8Array, start: number, end: number): number {
    return this.#input.receive(buffer, start, end);
  }

  /** The client sends no more than has been received. */
  onInputEnd(): void {
    this.#input.onEnd();
  }

  /** The client did not send on in time. */
  onInputTimeout(): void {
    this.#input.onTimeout();
  }

  /** The connection is gone: nobody waits for the response. */
  onConnectionLost(): void {
    if (this.#done) return;
    this.#done = true;
    if (this.#sink !== undefined) this.#sink.abandon();
    else if (this.#submitted) this.#connection.service.withdraw(this);
    this.#logAccess("X");
  }

  /** The client has taken all that was written. */
  onResponseDrained(): void {
    this.#sink?.resumeResponse();
  }

  onCollected(): void {
    this.#submit();
  }

  onNotCollected(status: number): void {
    this.#refuse(status);
  }

  sendBody(buffer: Uint8Array, start: number, end: number): boolean {
    return this.#sink === undefined || this.#sink.sendBody(buffer, start, end);
  }

  endBody(cause: BodyEnd): void {
    if (cause === BodyEnd.TOO_LARGE) this.#logTooLarge("cut off a request: its body in chunks");
    this.#sink?.endBody(cause);
  }

  onDropped(complete: boolean): void {
    if (complete) this.#connection.next();
    else this.#connection.finish();
  }

  describe(): RequestDescription {
    const { method, target, protocol } = this.head;
    const { stream, service } = this.#connection;
    return {
      client: stream.remote.hostname,
      request: `${method} ${target} ${protocol}`,
      vhost: `${service.siteName}:${stream.local.port}`,
      bytes: this.#sentBytes,
    };
  }

  onStarted(): void {
    // The body stays until the response begins: the process may give the request back.
  }

  onReturned(): void {
    this.#sink = undefined;
  }

  onBound(sink: BodySink): void {
    this.#sink = sink;
  }

  onWant(): void {
    const input = this.#input;
    // The thread waits for an end in any case.
    if (this.#done) return this.#sink?.endBody(BodyEnd.CLIENT_GONE);
    if (input.done) return this.#sink?.endBody(BodyEnd.COMPLETE);
    if (input.broken) return this.#sink?.endBody(BodyEnd.CLIENT_GONE);
    if (!input.unwanted) return;
    input.stream();
    if (this.head.expectContinue && this.#plan === undefined) {
      this.#connection.write(CONTINUE, 0, CONTINUE.length);
    }
    this.#connection.readOn();
  }

  waitForBody(): void {
    const { stream } = this.#connection;
    const timeout = this.#input.deadline - performance.now();
    if ((stream as BlockingStream).waitForData(timeout)) return;
    if (!stream.closed) this.#input.onTimeout();
  }

  waitUntilSent(): void {
    const { stream, service } = this.#connection;
    if ((stream as BlockingStream).waitUntilSent(service.timeouts.responseSocket)) return;
    service.log("info", "a client did not read its response within the time limit", stream);
    stream.reset();
  }

  onBodyDrained(): void {
    if (this.#input.resume()) this.#connection.readOn();
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
    this.body = undefined;
    const { service, stream } = this.#connection;
    if (headEnd - headStart > service.responseHeaders) {
      service.log("error", RESPONSE_HEADERS_TOO_LARGE, stream);
      const sink = this.#sink;
      this.#sink = undefined;
      this.#refuse(500);
      sink?.abandon();
      return;
    }
    const complete = (flags & HEAD_COMPLETE) !== 0;
    this.#status = status;
    const facts = {
      status,
      contentLength,
      complete,
      close: (flags & HEAD_CLOSE) !== 0,
      given: flags & HEAD_GIVEN,
    };
    const bodyLength = bodyEnd - headEnd;
    const { method, protocol } = this.head;
    const plan = planResponse(
      { method, protocol, keepAlive: this.#mayKeepAlive() },
      facts,
      bodyLength,
    );
    this.#plan = plan;
    const now = service.epochMilliseconds();
    const room = headEnd - headStart + bodyLength + 512;
    if (scratch.length < room) scratch = new Uint8Array(room * 2);
    if (complete) {
      this.#sentBytes = plan.framing === Framing.none ? 0 : Math.min(bodyLength, plan.length);
      this.#sink = undefined;
      const [from, to] = [headEnd, bodyEnd];
      const end = writeResponse(plan, buffer, headStart, headEnd, from, to, now, scratch, 0);
      this.#noteHead(scratch, end);
      this.#write(scratch, 0, end);
      this.#finish(plan.keepAlive);
      return;
    }
    this.#out = new ResponseBody(plan);
    const end = writeResponseHead(plan, buffer, headStart, headEnd, now, scratch, 0);
    this.#noteHead(scratch, end);
    this.#write(scratch, 0, end);
    if (bodyLength > 0) this.onData(buffer, headEnd, bodyEnd);
  }

  onData(buffer: Uint8Array, start: number, end: number): void {
    const out = this.#out;
    if (out === undefined || this.#done) return;
    const length = out.take(end - start);
    if (length === 0) return;
    this.#sentBytes += length;
    if (out.chunked) writeChunk(buffer, start, start + length, (...part) => this.#write(...part));
    else this.#write(buffer, start, start + length);
  }

  onFinish(): void {
    this.#sink = undefined;
    const out = this.#out;
    if (this.#done || out === undefined) return;
    if (out.chunked) this.#write(LAST_CHUNK, 0, LAST_CHUNK.length);
    this.#finish(out.finish() && this.#plan!.keepAlive);
  }

  onAbort(status: number, reason?: string): void {
    this.#sink = undefined;
    if (this.#done) return;
    const { service, stream } = this.#connection;
    if (reason !== undefined) service.log("error", reason, stream);
    const out = this.#out;
    if (out === undefined) return this.#refuse(status);
    // Nothing is missing that was promised.
    if (out.full) return this.#finish(false);
    // The head is sent: only the missing end of the body can tell the client.
    this.#done = true;
    this.#logAccess("X");
    if (this.#plan!.framing === Framing.close) stream.reset();
    else stream.close();
  }

  #submit(): void {
    this.#submitted = true;
    this.#connection.service.submit(this);
  }

  /** Whether the connection can go on behind this response, as far as the request is concerned. */
  #mayKeepAlive(): boolean {
    const { service } = this.#connection;
    if (!this.head.keepAlive || !service.keepAlive || service.closing || service.full) return false;
    if (this.#input.broken) return false;
    // A client that waits for 100 Continue may or may not send the body now (RFC 9110 section 10.1.1).
    if (!this.#input.unwanted) return true;
    return !this.head.expectContinue && this.head.contentLength <= DROP_LIMIT;
  }

  /** Answers with a page of the server's own. */
  #refuse(status: number): void {
    this.#reply(errorResponse(status));
  }

  #reply(page: ServerResponse): void {
    const { method, protocol } = this.head;
    const { done, unwanted } = this.#input;
    const keepAlive = this.#mayKeepAlive() && (done || unwanted);
    const { plan, bytes, bodyBytes } = ownResponse({ method, protocol, keepAlive }, page);
    this.#status = page.status;
    this.#sentBytes = bodyBytes;
    this.#plan = plan;
    this.#noteHead(bytes, bytes.length);
    this.#write(bytes, 0, bytes.length);
    this.#finish(plan.keepAlive);
  }

  /** The same where the body will not be read: what follows the head is no request. */
  #refuseUnread(status: number): void {
    this.#input.break();
    this.#refuse(status);
  }

  #finish(keepAlive: boolean): void {
    const connection = this.#connection;
    if (this.#done) return;
    this.#done = true;
    const kept = keepAlive && !this.#input.broken;
    this.#logAccess(kept ? "+" : "-");
    if (!kept) {
      connection.finish();
    } else if (this.#input.done) {
      connection.next();
    } else {
      this.#input.drop();
      connection.readOn();
    }
  }

  #write(buffer: Uint8Array, start: number, end: number): void {
    if (this.#connection.write(buffer, start, end)) return;
    if (this.#connection.congested) this.#sink?.pauseResponse();
  }

  #logTooLarge(what: string): void {
    const { requestBodyLimit } = this.#connection.service;
    this.#logInfo(`${what} is larger than --limit-request-body allows (${requestBodyLimit} bytes)`);
  }

  #logInfo(message: string): void {
    const { service, stream } = this.#connection;
    service.log("info", message, stream);
  }

  #noteHead(bytes: Uint8Array, end: number): void {
    if (!this.#connection.service.logsResponseHeaders) return;
    this.#responseHead = headText(bytes, end);
  }

  #logAccess(end: ConnectionEnd): void {
    const { service } = this.#connection;
    if (!service.logsAccess) return;
    service.logAccess(this.#connection, {
      head: this.head,
      requestId: this.#requestId,
      receivedBytes: this.head.length + this.#input.bytes,
      status: this.#status,
      bodyBytes: this.#sentBytes,
      responseHead: this.#responseHead,
      receivedAt: this.receivedAt,
      end,
    });
  }
}
