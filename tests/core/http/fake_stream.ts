/** A stream in memory whose peer is the test. */
import assert from "node:assert/strict";
import { DATA_MARGIN, type Stream, type StreamHandler } from "../../../core/net/transport.ts";
import { decodeLatin1, encodeLatin1 } from "../../../core/wsgi/latin1.ts";

/** What the margins are filled with: nobody may rely on what is there. */
const FILLER = 0xee;

/** The server's end, with methods for what the peer does. */
export class FakeStream implements Stream {
  handler: StreamHandler = { onData() {}, onEnd() {}, onDrain() {}, onClose() {} };
  readonly remote = { hostname: "192.0.2.7", port: 4711 };
  readonly local = { hostname: "192.0.2.1", port: 8000 };
  closed = false;
  /** Whether the end was sent behind what was written. */
  ended = false;
  wasReset = false;
  paused = false;
  /** All that was written, taken or queued. */
  written = "";
  /** Bytes that the system takes before it queues. */
  room = Infinity;
  queued = 0;
  /** How many writes there were. */
  writes = 0;

  write(buffer: Uint8Array, start: number, end: number): boolean {
    if (this.closed || this.ended) return true;
    this.writes++;
    this.written += decodeLatin1(buffer, start, end);
    const taken = Math.min(this.room, end - start);
    this.room -= taken;
    this.queued += end - start - taken;
    return this.queued === 0;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  end(): void {
    this.ended = true;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.queued = 0;
    this.handler.onClose();
  }

  reset(): void {
    this.wasReset = true;
    this.close();
  }

  /** The peer sends these bytes; with `size`, in reads of so many. */
  receive(text: string, size = Infinity): void {
    const bytes = encodeLatin1(text);
    for (let at = 0; at < bytes.length && !this.closed; at += size) {
      assert.ok(!this.paused, "the stream is paused");
      const part = bytes.subarray(at, Math.min(at + size, bytes.length));
      const buffer = new Uint8Array(part.length + 2 * DATA_MARGIN).fill(FILLER);
      buffer.set(part, DATA_MARGIN);
      this.handler.onData(buffer, DATA_MARGIN, DATA_MARGIN + part.length);
      buffer.fill(FILLER);
    }
  }

  /** The peer sends no more. */
  receiveEnd(): void {
    this.handler.onEnd();
  }

  /** The peer takes so many bytes of what is queued. */
  take(bytes = this.queued): void {
    this.queued -= Math.min(bytes, this.queued);
    if (this.queued > 0) return;
    this.room = Infinity;
    this.handler.onDrain();
  }

  /** What was written since this was asked for the last time. */
  sent(): string {
    const text = this.written;
    this.written = "";
    return text;
  }
}
