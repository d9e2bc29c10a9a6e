/**
 * Log lines to a terminal or a pipe whose reader may have stopped or be gone: a terminal that is held (Ctrl-S) or closed, a
 * log collector that hangs or has ended. Requests do not wait for it.
 *
 * @module
 */
import { NonBlockingOutput } from "../../ffi/nonblocking_output.ts";
import type { LogSink } from "./error_log.ts";

/** What a terminal log writes to. */
export interface Output {
  /** Writes what there is room for; returns how many bytes, -1 where there is none or no reader. */
  write(bytes: Uint8Array<ArrayBuffer>): number;
  hasReader(): boolean;
  /** Waits for room, at most so long. */
  waitForRoom(milliseconds: number): boolean;
  close(): void;
}

/** How long writers wait for the reader, within a second; and how often a reader that has not read is tried. */
const PATIENCE_MS = 100;
const RETRY_MS = 10;
/** How long the end waits for the reader. */
const LAST_PATIENCE_MS = 1000;
/** Bytes that are kept for a reader that does not read. */
const MOST_KEPT = 1024 * 1024;
/** Lines are written in pieces of up to `PIPE_BUF` bytes, which do not mix with what others write (pipe(7)). */
const PIECE = 4096;
const LF = 10;

/**
 * A log sink that keeps what a slow reader does not take, up to 1 MiB, and tells how many lines it had to drop. Without a
 * reader nothing is kept, and nothing written until there is one again.
 */
export class TerminalLog implements LogSink {
  #output: Output;
  #kept: Uint8Array<ArrayBuffer>[] = [];
  #keptSize = 0;
  #dropped = 0;
  /** What is left of the patience, in milliseconds, and since when it has been growing again. */
  #patience = PATIENCE_MS;
  #since = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Nobody was left to read. */
  #gone = false;
  #closed = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Standard output or standard error; undefined where it is a file, or can't be written without waiting. */
  static open(stream: "stdout" | "stderr"): TerminalLog | undefined {
    const output = NonBlockingOutput.open(stream === "stdout" ? 1 : 2);
    return output && new TerminalLog(output);
  }

  /** Takes all of it, whole lines. Nothing is written behind the end. */
  writeSync(bytes: Uint8Array): number {
    if (this.#closed) return bytes.length;
    if (this.#gone) this.#gone = !this.#output.hasReader();
    for (let at = 0; at < bytes.length;) {
      const end = endOfPiece(bytes, at);
      this.#put(bytes.slice(at, end));
      at = end;
    }
    return bytes.length;
  }

  /** Gives the reader a last second for what is kept. */
  close(): void {
    if (this.#closed) return;
    clearInterval(this.#timer);
    this.#closed = true;
    const until = performance.now() + LAST_PATIENCE_MS;
    for (let before = Infinity; !this.#gone && !this.#flush() && this.#keptSize < before;) {
      before = this.#keptSize;
      if (!this.#output.waitForRoom(Math.max(until - performance.now(), 0))) break;
    }
    this.#output.close();
  }

  #put(piece: Uint8Array<ArrayBuffer>): void {
    if (this.#gone) return this.#drop(piece);
    const isBehind = this.#kept.length > 0 || this.#dropped > 0;
    if (isBehind && !this.#flush()) return this.#keep(piece);
    let rest = this.#write(piece);
    // One that reads is waited for: lines come faster than any terminal.
    while (rest !== undefined && !this.#gone && this.#waitForRoom()) {
      const left = this.#write(rest);
      if (left?.length === rest.length) break;
      rest = left;
    }
    if (rest !== undefined) this.#keep(rest);
  }

  #waitForRoom(): boolean {
    const begun = performance.now();
    const patience = this.#patience + (begun - this.#since) * PATIENCE_MS / 1000;
    this.#patience = Math.min(patience, PATIENCE_MS);
    if (this.#patience < 1) {
      this.#since = begun;
      return false;
    }
    const ready = this.#output.waitForRoom(Math.floor(this.#patience));
    this.#since = performance.now();
    this.#patience -= Math.min(this.#since - begun, this.#patience);
    return ready;
  }

  #keep(piece: Uint8Array<ArrayBuffer>): void {
    if (this.#gone) return this.#drop(piece);
    this.#timer ??= setInterval(() => this.#retry(), RETRY_MS);
    // Once something is missing, so is what follows: the log tells where.
    if (this.#dropped > 0 || this.#keptSize + piece.length > MOST_KEPT) return this.#drop(piece);
    this.#kept.push(piece);
    this.#keptSize += piece.length;
  }

  #drop(piece: Uint8Array<ArrayBuffer>): void {
    this.#dropped += piece.filter((byte) => byte === LF).length;
  }

  #retry(): void {
    if (this.#flush()) this.#stopTrying();
  }

  #stopTrying(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #lose(): void {
    this.#gone = true;
    this.#stopTrying();
    for (const piece of this.#kept.splice(0)) this.#drop(piece);
    this.#keptSize = 0;
  }

  /** Writes what is kept; returns whether nothing is left. */
  #flush(): boolean {
    while (this.#kept.length > 0) {
      const piece = this.#kept[0]!;
      const rest = this.#write(piece);
      if (this.#gone) return false;
      this.#keptSize -= piece.length - (rest?.length ?? 0);
      if (rest !== undefined) {
        this.#kept[0] = rest;
        return false;
      }
      this.#kept.shift();
    }
    if (this.#dropped > 0) {
      const dropped = this.#dropped;
      const text = `wsgi-express: ${dropped} lines of the log were dropped here: ` +
        "nobody read them for too long\n";
      this.#dropped = 0;
      this.#put(new TextEncoder().encode(text));
      // Of them all the next note has to tell.
      if (this.#gone) this.#dropped = dropped;
    }
    return this.#kept.length === 0;
  }

  /** Writes a piece; returns what there was no room for. */
  #write(piece: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
    const count = this.#output.write(piece);
    if (count < 0 && !this.#output.hasReader()) this.#lose();
    return count === piece.length ? undefined : piece.subarray(Math.max(count, 0));
  }
}

/** Behind the last line end within a piece, or the end of a line that is longer. */
function endOfPiece(bytes: Uint8Array, start: number): number {
  if (bytes.length - start <= PIECE) return bytes.length;
  const last = bytes.lastIndexOf(LF, start + PIECE - 1);
  if (last >= start) return last + 1;
  const next = bytes.indexOf(LF, start);
  return next < 0 ? bytes.length : next + 1;
}
