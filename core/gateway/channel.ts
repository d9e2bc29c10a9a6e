/**
 * The gateway's end of a socket to an application process: a worker thread's own, or the trunk that all threads of the
 * process share.
 *
 * Requests go in over the trunk, many with one write, and small answers come back over it, many with one read. A thread
 * that streams a body or a response does so on its own channel, so that backpressure and an abort concern nobody else.
 *
 * @module
 */
import type { Stream, StreamHandler } from "../net/transport.ts";
import { writeLatin1 } from "../wsgi/latin1.ts";
import {
  BodyEnd,
  FRAME_HEADER_SIZE,
  FrameReader,
  FrameType,
  HEAD_COMPLETE,
  HEAD_FLAGS_AT,
  HEAD_LINGERS,
  HEAD_PREFIX_SIZE,
  readInt64,
  readUint16,
  readUint32,
  writeFrameHeader,
  writeUint32,
} from "./frames.ts";
import type { BodySink, GatewayRequest } from "./request.ts";

/** What a channel tells its gateway. */
export interface ChannelOwner {
  /** The request of this number, unless it has been answered or its client is gone. */
  findRequest(channel: Channel, id: number): GatewayRequest | undefined;
  /** The process is done with the request: it is answered, or can't be. */
  onAnswered(channel: Channel, id: number): void;
  /** The process gave the request back and wants to be replaced. */
  onRefused(
    channel: Channel,
    id: number,
    request: GatewayRequest | undefined,
    reason: string,
  ): void;
  /** The thread has nothing to do and waits on its channel. */
  onParked(channel: Channel): void;
  /** The process, whose threads run at the same time, tells whether its requests take long. */
  onPace?(channel: Channel, long: boolean): void;
  /** The socket is closed; `id` is the request that it was bound to, or 0. */
  onChannelClosed(channel: Channel, id: number, request: GatewayRequest | undefined): void;
}

const REQUEST_PREFIX_SIZE = 9;
/** Room for the requests of one round of the event loop; more of it is given up again. */
const BATCH_SIZE = 64 * 1024;
const NOTHING = new Uint8Array(0);
const PROMOTE_FRAME = new Uint8Array(FRAME_HEADER_SIZE);
PROMOTE_FRAME[0] = FrameType.PROMOTE;
const VISIT_FRAME = new Uint8Array(FRAME_HEADER_SIZE);
VISIT_FRAME[0] = FrameType.VISIT;

/** A socket to an application process. */
export class Channel implements StreamHandler, BodySink {
  /** The instance of the application process. */
  readonly instance: number;
  /** The thread's number in its process, from 1; 0 is the trunk. */
  readonly thread: number;
  /** The system's number of a thread that keeps others of its process from running while it computes; or 0. */
  readonly nativeId: number;
  /** Whether the thread waits to be promoted. */
  parked = true;
  /** Whether reading waits for a slow client. */
  paused = false;
  #stream: Stream;
  #owner: ChannelOwner;
  #reader = new FrameReader();
  /** What the frames that come now belong to. */
  #id = 0;
  #request: GatewayRequest | undefined;
  #wanted = false;
  #batch = NOTHING;
  #batchLength = 0;
  #onFrame = (type: number, buffer: Uint8Array, start: number, end: number) =>
    this.#handle(type, buffer, start, end);

  constructor(
    stream: Stream,
    owner: ChannelOwner,
    instance: number,
    thread: number,
    nativeId = 0,
  ) {
    this.#stream = stream;
    this.#owner = owner;
    this.instance = instance;
    this.thread = thread;
    this.nativeId = nativeId;
    stream.handler = this;
  }

  /** Number of the request that the frames which come now belong to, or 0. */
  get id(): number {
    return this.#id;
  }

  /**
   * Puts a request into the batch that `flush` sends.
   *
   * @param environ the request's environ text, or another in its place.
   */
  start(id: number, request: GatewayRequest, environ: string): void {
    const { body } = request;
    const bodyLength = body === undefined ? 0 : body.length;
    const environLength = environ.length;
    const payload = REQUEST_PREFIX_SIZE + environLength + bodyLength;
    const size = FRAME_HEADER_SIZE + payload;
    if (this.#batchLength + size > this.#batch.length) this.#makeRoom(this.#batchLength + size);
    const batch = this.#batch;
    let at = this.#batchLength;
    writeFrameHeader(batch, at, FrameType.REQUEST, payload);
    writeUint32(batch, at + 5, id);
    writeUint32(batch, at + 9, environLength);
    batch[at + 13] = request.bodyKind;
    at = writeLatin1(environ, batch, at + 14);
    if (body !== undefined) batch.set(body, at);
    this.#batchLength += size;
    request.onStarted();
  }

  /** Puts the definition of a shape into the batch, before the first request of it; or its marker, behind the last. */
  define(text: string): void {
    const size = FRAME_HEADER_SIZE + text.length;
    if (this.#batchLength + size > this.#batch.length) this.#makeRoom(this.#batchLength + size);
    writeFrameHeader(this.#batch, this.#batchLength, FrameType.SHAPE, text.length);
    writeLatin1(text, this.#batch, this.#batchLength + FRAME_HEADER_SIZE);
    this.#batchLength += size;
  }

  /** Sends the requests of the batch. Returns false where the socket turned out to be closed: none of it was sent. */
  flush(): boolean {
    const batch = this.#batch;
    const length = this.#batchLength;
    this.#batchLength = 0;
    if (batch.length > BATCH_SIZE) this.#batch = NOTHING;
    if (length > 0) this.#stream.write(batch, 0, length);
    return !this.#stream.closed;
  }

  /** Tells the parked thread to look for requests; unless it `stays`, only while others are held up. */
  promote(stays: boolean): void {
    this.parked = false;
    this.#stream.write(stays ? PROMOTE_FRAME : VISIT_FRAME, 0, FRAME_HEADER_SIZE);
  }

  sendBody(buffer: Uint8Array, start: number, end: number): boolean {
    // The margin before the bytes takes the frame's header: no copy.
    writeFrameHeader(buffer, start - FRAME_HEADER_SIZE, FrameType.BODY, end - start);
    return this.#stream.write(buffer, start - FRAME_HEADER_SIZE, end);
  }

  endBody(cause: BodyEnd): void {
    this.#wanted = false;
    const frame = new Uint8Array(FRAME_HEADER_SIZE + 1);
    writeFrameHeader(frame, 0, FrameType.END_OF_BODY, 1);
    frame[FRAME_HEADER_SIZE] = cause;
    this.#stream.write(frame, 0, frame.length);
  }

  pauseResponse(): void {
    this.paused = true;
    this.#stream.pause();
  }

  resumeResponse(): void {
    this.paused = false;
    this.#stream.resume();
  }

  abandon(): void {
    // While a body is under way the thread can't be at another request: closing reaches it wherever it waits.
    if (this.#wanted) return this.#stream.close();
    this.#request = undefined;
    this.#sayAbandoned(this.#id);
    // What it sends before it notices is read and dropped.
    this.resumeResponse();
  }

  /** Closes the socket: the thread ends, or connects again. */
  close(): void {
    this.#stream.close();
  }

  onData(buffer: Uint8Array, start: number, end: number): void {
    this.#reader.push(buffer, start, end, this.#onFrame);
  }

  onEnd(): void {
    this.#stream.close();
  }

  onDrain(): void {
    this.#request?.onBodyDrained();
  }

  onClose(): void {
    const id = this.#id;
    const request = this.#request;
    this.#id = 0;
    this.#request = undefined;
    this.#owner.onChannelClosed(this, id, request);
  }

  #makeRoom(size: number): void {
    const larger = new Uint8Array(size <= BATCH_SIZE ? BATCH_SIZE : size * 2);
    larger.set(this.#batch.subarray(0, this.#batchLength));
    this.#batch = larger;
  }

  #handle(type: number, buffer: Uint8Array, start: number, end: number): void {
    const request = this.#request;
    switch (type) {
      case FrameType.TAKE:
        this.take(readUint32(buffer, start));
        break;
      case FrameType.HEAD: {
        const flags = buffer[start + HEAD_FLAGS_AT]!;
        const headStart = start + HEAD_PREFIX_SIZE;
        const headEnd = headStart + readUint32(buffer, start + 11);
        const over = (flags & (HEAD_COMPLETE | HEAD_LINGERS)) === HEAD_COMPLETE;
        const id = this.#id;
        if (over) this.#release();
        request?.onHead(
          readUint16(buffer, start),
          readInt64(buffer, start + 2),
          flags,
          buffer,
          headStart,
          headEnd,
          end,
        );
        if (over) this.#owner.onAnswered(this, id);
        break;
      }
      case FrameType.DATA:
        request?.onData(buffer, start, end);
        break;
      case FrameType.WANT_BODY:
        if (request === undefined) {
          this.endBody(BodyEnd.CLIENT_GONE);
          break;
        }
        this.#wanted = true;
        request.onWant();
        break;
      case FrameType.FINISH: {
        const id = this.#release();
        request?.onFinish();
        this.#owner.onAnswered(this, id);
        break;
      }
      case FrameType.ABORT: {
        const id = this.#release();
        request?.onAbort(readUint16(buffer, start));
        this.#owner.onAnswered(this, id);
        break;
      }
      case FrameType.NOT_TAKEN: {
        const reason = new TextDecoder().decode(buffer.subarray(start, end));
        this.#owner.onRefused(this, this.#release(), request, reason);
        break;
      }
      case FrameType.PARKED:
        this.parked = true;
        this.#owner.onParked(this);
        break;
      case FrameType.PACE:
        this.#owner.onPace?.(this, buffer[start] === 1);
        break;
      default:
        // Something else speaks here, or the two halves differ in version: nothing it says can be trusted.
        this.#stream.close();
    }
  }

  /** The frames that follow belong to this request. */
  take(id: number): void {
    this.#id = id;
    this.#request = this.#owner.findRequest(this, id);
    if (this.thread === 0) return;
    if (this.#request === undefined) this.#sayAbandoned(id);
    else this.#request.onBound(this);
  }

  /** Tells the thread that the client of this request is gone; it looks when it sends the next part. */
  #sayAbandoned(id: number): void {
    const frame = new Uint8Array(FRAME_HEADER_SIZE + 4);
    writeFrameHeader(frame, 0, FrameType.ABANDON, 4);
    writeUint32(frame, FRAME_HEADER_SIZE, id);
    this.#stream.write(frame, 0, frame.length);
  }

  /** The process is done with the request. What it asked of the body and did not read ends here. */
  #release(): number {
    const id = this.#id;
    if (this.#wanted) this.endBody(BodyEnd.COMPLETE);
    this.#id = 0;
    this.#request = undefined;
    if (this.thread > 0) this.resumeResponse();
    return id;
  }
}
