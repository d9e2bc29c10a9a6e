/**
 * What a gateway needs of a request that it has an application process serve. The HTTP side implements it.
 *
 * @module
 */
import type { EnvironShape } from "../wsgi/environ_shape.ts";
import type { BodyEnd, BodyKind } from "./frames.ts";

/** Where a running request's body goes: the channel that serves it. */
export interface BodySink {
  /**
   * Passes on a part of the body, `buffer[start, end)`, with `DATA_MARGIN` bytes of free room around it.
   *
   * @returns false when the worker thread reads slower than the body arrives: wait for `onBodyDrained`.
   */
  sendBody(buffer: Uint8Array, start: number, end: number): boolean;
  /** Ends the body. To be called once, after `onWant` only. */
  endBody(cause: BodyEnd): void;
  /** Stops and starts reading the response: the backpressure of a slow client. */
  pauseResponse(): void;
  resumeResponse(): void;
  /** The client is gone: the worker thread sees its channel closed. */
  abandon(): void;
}

/** A request that the thread of the event loop serves itself, and may wait for its client with. */
export interface BlockingRequest extends GatewayRequest {
  /** Waits until more of the body has come, within the client's time limits; those end the body. */
  waitForBody(): void;
  /** Waits until the client has taken what was written, within its time limits; those close the connection. */
  waitUntilSent(): void;
}

/** What a person is shown of a request. */
export interface RequestDescription {
  /** Address of the client. */
  readonly client: string;
  /** Request line. */
  readonly request: string;
  /** Name and port of the site. */
  readonly vhost: string;
  /** Body bytes of the response, so far. */
  readonly bytes: number;
}

/** A request on its way through the queue to a worker thread and back. */
export interface GatewayRequest {
  /** Names of the values in `environ`; undefined where it is made of pairs. */
  readonly shape: EnvironShape | undefined;
  /** Latin-1 text `NAME\0VALUE\0…` of the environ's part that is the request's own. */
  readonly environ: string;
  readonly bodyKind: BodyKind;
  /** The body, or its first part. */
  readonly body: Uint8Array | undefined;
  /** When the request was received: milliseconds of the transport's clock. */
  readonly receivedAt: number;
  /** How often a process gave it back, to be served by another. */
  restarts: number;
  /** What a person is shown of it. */
  describe?(): RequestDescription;
  /** A process has it from now on. */
  onStarted(): void;
  /** The process gave it back untouched: it waits again, with the same environ and body. */
  onReturned(): void;
  /** The worker thread that serves it streams a body from here on, on this channel. */
  onBound(sink: BodySink): void;
  /** The application wants the body. */
  onWant(): void;
  /** After `sendBody` returned false: the worker thread has read on. */
  onBodyDrained(): void;
  /**
   * The head of the response: `buffer[headStart, headEnd)` is latin-1 `STATUS REASON CRLF (NAME: VALUE CRLF)*`,
   * `buffer[headEnd, bodyEnd)` the first part of the body.
   *
   * @param contentLength what the application declared, or -1.
   * @param flags `HEAD_COMPLETE`, `HEAD_CLOSE`.
   */
  onHead(
    status: number,
    contentLength: number,
    flags: number,
    buffer: Uint8Array,
    headStart: number,
    headEnd: number,
    bodyEnd: number,
  ): void;
  /** A part of the response's body. */
  onData(buffer: Uint8Array, start: number, end: number): void;
  /** The response is complete. */
  onFinish(): void;
  /**
   * No response, or no more of it. `status` is for where no head came: 500, 503, 504 …
   *
   * @param reason for the error log, where nothing else there tells it.
   */
  onAbort(status: number, reason?: string): void;
}
