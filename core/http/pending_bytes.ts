/**
 * What a client sent ahead of its turn.
 *
 * @module
 */
import { DATA_MARGIN } from "../net/transport.ts";

const SMALLEST = 1024;
const NONE = new Uint8Array(0);

/** Bytes received and not looked at yet: `buffer[start, end)`, with `DATA_MARGIN` bytes of free room around them. */
export class PendingBytes {
  buffer: Uint8Array<ArrayBuffer> = NONE;
  start = 0;
  end = 0;

  get length(): number {
    return this.end - this.start;
  }

  /** Copies `source[start, end)` behind what is there. */
  append(source: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (this.end + size + DATA_MARGIN > this.buffer.length) this.#makeRoom(size);
    this.buffer.set(source.subarray(start, end), this.end);
    this.end += size;
  }

  /** Takes out what comes before `at`. */
  advance(at: number): void {
    if (at < this.end) this.start = at;
    else this.clear();
  }

  /** An idle connection keeps no buffer. */
  clear(): void {
    this.buffer = NONE;
    this.start = this.end = 0;
  }

  #makeRoom(size: number): void {
    const { length } = this;
    // Twice as much as is needed: a head that comes byte by byte is not copied for each of them.
    const room = new Uint8Array(Math.max(2 * (length + size), SMALLEST) + 2 * DATA_MARGIN);
    room.set(this.buffer.subarray(this.start, this.end), DATA_MARGIN);
    this.buffer = room;
    this.start = DATA_MARGIN;
    this.end = DATA_MARGIN + length;
  }
}
