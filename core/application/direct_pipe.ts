/**
 * In the place of the socket to a thread, where requests need none: keeps what is written until Python reads it.
 *
 * @module
 */
import type { Stream, StreamHandler } from "../net/transport.ts";

/** More of a body than this is not read ahead of the application. */
export const READ_AHEAD = 256 * 1024;

const NOTHING = new Uint8Array(0);

/** A stream whose other end is read by calls. */
export class DirectPipe implements Stream {
  handler: StreamHandler = { onData() {}, onEnd() {}, onDrain() {}, onClose() {} };
  readonly remote = { hostname: "", port: 0 };
  readonly local = { hostname: "", port: 0 };
  closed = false;
  /** A `write` was told to wait. */
  congested = false;
  /** What waits is `#buffer[#start, #end)`. A body in many parts goes through the same memory. */
  #buffer: Uint8Array<ArrayBuffer> = NOTHING;
  #start = 0;
  #end = 0;

  get queued(): number {
    return this.#end - this.#start;
  }

  get empty(): boolean {
    return this.#start === this.#end;
  }

  write(buffer: Uint8Array, start: number, end: number): boolean {
    const size = end - start;
    if (this.#end + size > this.#buffer.length) this.#makeRoom(size);
    this.#buffer.set(buffer.subarray(start, end), this.#end);
    this.#end += size;
    this.congested ||= this.queued >= READ_AHEAD;
    return !this.congested;
  }

  /** Takes as much as fits into `target`; returns how many bytes. */
  read(target: Uint8Array): number {
    const count = Math.min(target.length, this.queued);
    target.set(this.#buffer.subarray(this.#start, this.#start + count));
    this.#start += count;
    if (this.empty) this.#start = this.#end = 0;
    return count;
  }

  /** A new request begins. */
  renew(): void {
    this.#start = this.#end = 0;
    this.closed = false;
    this.congested = false;
    if (this.#buffer.length > 4 * READ_AHEAD) this.#buffer = NOTHING;
  }

  pause(): void {}
  resume(): void {}
  end(): void {}

  close(): void {
    this.closed = true;
  }

  reset(): void {
    this.closed = true;
  }

  #makeRoom(size: number): void {
    const { queued } = this;
    const fits = queued + size <= this.#buffer.length;
    const room = fits ? this.#buffer : new Uint8Array(2 * (queued + size));
    room.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = room;
    this.#start = 0;
    this.#end = queued;
  }
}
