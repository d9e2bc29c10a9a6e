/**
 * The gateway's end of one worker thread's socket. An idle channel is an idle thread.
 *
 * @module
 */
import type { Stream, StreamHandler } from "../net/transport.ts";
import {
  BodyEnd,
  FRAME_HEADER_SIZE,
  FrameReader,
  FrameType,
  HEAD_COMPLETE,
  HEAD_PREFIX_SIZE,
  readInt64,
  readUint16,
  readUint32,
  writeFrameHeader,
  writeUint32,
} from "./frames.ts";
import type { BodySink, GatewayRequest } from "./request.ts";
import { writeLatin1 } from "../wsgi/latin1.ts";

/** What a channel tells its gateway. */
export interface ChannelOwner {
  /** The thread can take another request. */
  onIdle(channel: Channel): void;
  /** The thread gave `request` back: its process wants to be replaced. */
  onRefused(channel: Channel, request: GatewayRequest, reason: string): void;
  /** The socket is closed; `request` is the one that was running, if any. */
  onChannelClosed(channel: Channel, request: GatewayRequest | undefined): void;
}

const ENVIRON_PREFIX_SIZE = 5;
/** Requests are put together here, one at a time, by all channels. */
let scratch = new Uint8Array(128 * 1024);

/** One worker thread, seen from the gateway. */
export class Channel implements StreamHandler, BodySink {
  /** The instance of the application process whose thread this is. */
  readonly instance: number;
  /** The thread's number in its process, from 1. */
  readonly thread: number;
  request: GatewayRequest | undefined;
  #stream: Stream;
  #owner: ChannelOwner;
  #reader = new FrameReader();
  #wanted = false;
  #onFrame = (type: number, buffer: Uint8Array, start: number, end: number) =>
    this.#handle(type, buffer, start, end);

  constructor(stream: Stream, owner: ChannelOwner, instance: number, thread: number) {
    this.#stream = stream;
    this.#owner = owner;
    this.instance = instance;
    this.thread = thread;
    stream.handler = this;
  }

  /** Hands the request to the thread. `suffix` is appended to its environ text. */
  start(request: GatewayRequest, suffix: string): void {
    this.request = request;
    this.#wanted = false;
    const { environ, body } = request;
    const bodyLength = body === undefined ? 0 : body.length;
    const environLength = environ.length + suffix.length;
    const payload = ENVIRON_PREFIX_SIZE + environLength + bodyLength;
    const size = FRAME_HEADER_SIZE + payload;
    if (scratch.length < size) scratch = new Uint8Array(size * 2);
    writeFrameHeader(scratch, 0, FrameType.REQUEST, payload);
    writeUint32(scratch, FRAME_HEADER_SIZE, environLength);
    scratch[FRAME_HEADER_SIZE + 4] = request.bodyKind;
    let at = FRAME_HEADER_SIZE + ENVIRON_PREFIX_SIZE;
    at = writeLatin1(environ, scratch, at);
    at = writeLatin1(suffix, scratch, at);
    if (body !== undefined) scratch.set(body, at);
    request.onStarted(this);
    this.#stream.write(scratch, 0, size);
  }

  sendBody(buffer: Uint8Array, start: number, end: number): boolean {
    // The margin before the bytes takes the frame's header: no copy.
    writeFrameHeader(buffer, start - FRAME_HEADER_SIZE, FrameType.BODY, end - start);
    return this.#stream.write(buffer, start - FRAME_HEADER_SIZE, end);
  }

  endBody(cause: BodyEnd): void {
    this.#wanted = false;
    writeFrameHeader(scratch, 0, FrameType.END, 1);
    scratch[FRAME_HEADER_SIZE] = cause;
    this.#stream.write(scratch, 0, FRAME_HEADER_SIZE + 1);
  }

  pauseResponse(): void {
    this.#stream.pause();
  }

  resumeResponse(): void {
    this.#stream.resume();
  }

  abandon(): void {
    this.request = undefined;
    this.#stream.close();
  }

  /** Closes the socket: the thread ends, or connects again. */
  close(): void {
    this.#stream.close();
  }

  onData(buffer: Uint8Array, start: number, end: number): void {
    // The usual case, a small response whole in one read, needs no keeping.
    this.#reader.push(buffer, start, end, this.#onFrame);
  }

  onEnd(): void {
    this.#stream.close();
  }

  onDrain(): void {
    this.request?.onBodyDrained();
  }

  onClose(): void {
    const { request } = this;
    this.request = undefined;
    this.#owner.onChannelClosed(this, request);
  }

  #handle(type: number, buffer: Uint8Array, start: number, end: number): void {
    const { request } = this;
    if (request === undefined) return;
    switch (type) {
      case FrameType.HEAD: {
        const flags = buffer[start + 10]!;
        const headStart = start + HEAD_PREFIX_SIZE;
        const headEnd = headStart + readUint32(buffer, start + 11);
        const complete = (flags & HEAD_COMPLETE) !== 0;
        if (complete) this.#release();
        request.onHead(
          readUint16(buffer, start),
          readInt64(buffer, start + 2),
          flags,
          buffer,
          headStart,
          headEnd,
          end,
        );
        if (complete) this.#owner.onIdle(this);
        break;
      }
      case FrameType.DATA:
        request.onData(buffer, start, end);
        break;
      case FrameType.WANT:
        this.#wanted = true;
        request.onWant();
        break;
      case FrameType.FINISH:
        this.#release();
        request.onFinish();
        this.#owner.onIdle(this);
        break;
      case FrameType.ABORT:
        this.#release();
        request.onAbort(readUint16(buffer, start));
        this.#owner.onIdle(this);
        break;
      case FrameType.REFUSED:
        this.#release();
        this.#owner.onRefused(
          this,
          request,
          new TextDecoder().decode(buffer.subarray(start, end)),
        );
        break;
      default:
        // Something else speaks here, or the two halves differ in version: nothing it says can be trusted.
        this.#stream.close();
    }
  }

  /** The thread is done with its request. What it asked of the body and did not read ends here. */
  #release(): void {
    if (this.#wanted) this.endBody(BodyEnd.COMPLETE);
    this.request = undefined;
    this.#stream.resume();
  }
}
