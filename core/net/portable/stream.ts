/**
 * A connected socket of `node:net` as a `Stream`.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { DATA_MARGIN, type SocketAddress, type Stream, type StreamHandler } from "../transport.ts";

/** What a stream needs of its transport. */
export interface StreamOwner {
  /** Shared by all streams: valid during one `onData`. */
  readonly receiveBuffer: Uint8Array;
  /** Called with what a handler threw. */
  onFault(error: unknown): void;
  /** The stream is closed. */
  forget(stream: PortableStream): void;
}

const NO_HANDLER: StreamHandler = {
  onData() {},
  onEnd() {},
  onDrain() {},
  onClose() {},
};

/** `Stream` over `node:net`. Reading begins when it gets its handler: nothing that arrives before is lost. */
export class PortableStream implements Stream {
  closed = false;
  #owner: StreamOwner;
  #socket: Socket;
  #handler: StreamHandler = NO_HANDLER;
  #remote: SocketAddress | undefined;
  #local: SocketAddress | undefined;
  #paused = false;
  #endAsked = false;
  #drainDue = false;
  #onWritten = () => this.#written();

  constructor(owner: StreamOwner, socket: Socket) {
    this.#owner = owner;
    this.#socket = socket;
    socket.on("error", () => {
      // "close" follows and tells the handler.
    });
    socket.on("close", () => this.#lost());
  }

  get handler(): StreamHandler {
    return this.#handler;
  }

  set handler(handler: StreamHandler) {
    const first = this.#handler === NO_HANDLER;
    this.#handler = handler;
    if (!first) return;
    const socket = this.#socket;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("end", () => this.#guard(() => this.#handler.onEnd()));
    if (!this.#paused) socket.resume();
  }

  get remote(): SocketAddress {
    return this.#remote ??= socketAddress(this.#socket.remoteAddress, this.#socket.remotePort);
  }

  get local(): SocketAddress {
    return this.#local ??= socketAddress(this.#socket.localAddress, this.#socket.localPort);
  }

  get queued(): number {
    return this.closed ? 0 : this.#socket.writableLength;
  }

  write(buffer: Uint8Array, start: number, end: number): boolean {
    if (this.closed || this.#endAsked) return true;
    // A copy, always: what the system does not take at once is read from it later.
    const copy = Buffer.allocUnsafe(end - start);
    copy.set(start === 0 && end === buffer.length ? buffer : buffer.subarray(start, end));
    this.#socket.write(copy, this.#onWritten);
    if (this.#socket.writableLength === 0) return true;
    this.#drainDue = true;
    return false;
  }

  pause(): void {
    this.#paused = true;
    if (!this.closed) this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (!this.closed && this.#handler !== NO_HANDLER) this.#socket.resume();
  }

  end(): void {
    if (this.closed || this.#endAsked) return;
    this.#endAsked = true;
    this.#socket.end();
  }

  close(): void {
    if (this.closed) return;
    this.#closing();
    this.#socket.destroy();
    this.#lost();
  }

  reset(): void {
    if (this.closed) return;
    this.#closing();
    // A socket that is no TCP socket knows no reset.
    if (this.#socket.remotePort === undefined) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
    this.#lost();
  }

  #receive(chunk: Buffer): void {
    const { receiveBuffer } = this.#owner;
    const room = receiveBuffer.length - 2 * DATA_MARGIN;
    for (let at = 0; at < chunk.length && !this.closed; at += room) {
      const part = chunk.length <= room ? chunk : chunk.subarray(at, at + room);
      receiveBuffer.set(part, DATA_MARGIN);
      this.#guard(() =>
        this.#handler.onData(receiveBuffer, DATA_MARGIN, DATA_MARGIN + part.length)
      );
    }
  }

  #written(): void {
    if (!this.#drainDue || this.closed || this.#socket.writableLength > 0) return;
    this.#drainDue = false;
    this.#guard(() => this.#handler.onDrain());
  }

  #lost(): void {
    if (this.closed) return;
    this.closed = true;
    this.#owner.forget(this);
    this.#guard(() => this.#handler.onClose());
  }

  /** Notes the addresses: a closed socket has none. */
  #closing(): void {
    this.#remote ??= this.remote;
    this.#local ??= this.local;
  }

  /**
   * An exception of a handler must not end the process, as one out of an event of `node:net` would. The handler has lost
   * its place in the stream of bytes, so the stream is closed.
   */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#owner.onFault(error);
      this.close();
    }
  }
}

/** An IPv4 address mapped into IPv6 (RFC 4291 section 2.5.5.2) is given as IPv4. */
function socketAddress(hostname: string | undefined, port: number | undefined): SocketAddress {
  if (hostname === undefined || port === undefined) return { hostname: "", port: 0 };
  return { hostname: hostname.replace(/^::ffff:(?=\d+\.)/i, ""), port };
}
