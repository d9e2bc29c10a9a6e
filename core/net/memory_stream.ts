/**
 * A stream between the event loop and Python's threads in one process: two rings of bytes in memory that both see.
 *
 * What a socket does with a system call on each side, this does with a copy. A side that has nothing to do waits for its
 * bell, and only then is it rung. The Python side is `core/python/memory_pipe.py`, which has the same layout:
 *
 * | bytes                         | holds                                                       |
 * | ----------------------------- | ----------------------------------------------------------- |
 * | 0 to 511                      | counts and marks, 32 bits each, one in each 64 bytes        |
 * | 512 to 512 + `IN_SIZE`        | ring towards Python                                         |
 * | then `DATA_MARGIN`, `OUT_SIZE`| ring from Python, with a margin before and behind           |
 *
 * A count is of bytes, without the bits above 32. Only one side writes it, after the bytes. The order of the two writes,
 * and of a count and a look at the other side's mark, is that of x86-64 with the fences of the locks and `Atomics` in
 * between; elsewhere the program uses sockets.
 *
 * @module
 */
import {
  DATA_MARGIN,
  Expected,
  type Polled,
  type Stream,
  type StreamHandler,
} from "./transport.ts";

/** Indices of the counts and marks. */
const IN_WRITTEN = 0;
const IN_READ = 16;
const OUT_WRITTEN = 32;
const OUT_READ = 48;
const READER_WAITS = 64;
const LOOP_WAITS = 80;

const HEADER_SIZE = 512;
const IN_SIZE = 256 * 1024;
const IN_MASK = IN_SIZE - 1;
const OUT_SIZE = 256 * 1024;
const OUT_MASK = OUT_SIZE - 1;
const IN_AT = HEADER_SIZE;
const OUT_AT = IN_AT + IN_SIZE + DATA_MARGIN;

/** How soon it is tried again where the ring towards Python is full. */
const RETRY_MS = 1;
/** Requests that take less than this are worth looking for their answers all the time. */
const QUICK_MS = 0.03;
/** A request that takes longer says nothing about the next ones. */
const SLOW_MS = 0.2;
/** Where Python has answered nothing for so long, the loop is woken when it does. */
const PATIENCE_MS = 1;

/** What the stream needs of the event loop. */
export interface MemoryStreamOwner {
  /** Wakes the thread that waits in Python. */
  ringReader(): void;
  /** Runs `task` once, about `delay` milliseconds from now. */
  after(delay: number, task: () => void): void;
  /** Requests that Python has and has not answered. */
  readonly running: number;
  /** How many it has answered since the start. */
  readonly answered: number;
}

/** The event loop's end. */
export class MemoryStream implements Stream, Polled {
  handler: StreamHandler = { onData() {}, onEnd() {}, onDrain() {}, onClose() {} };
  readonly remote = { hostname: "", port: 0 };
  readonly local = { hostname: "", port: 0 };
  /** What Python is given. It stays where it is as long as this object lives. */
  readonly memory = new Uint8Array(OUT_AT + OUT_SIZE + DATA_MARGIN);
  closed = false;
  queued = 0;
  #owner: MemoryStreamOwner;
  #words = new Int32Array(this.memory.buffer, 0, HEADER_SIZE / 4);
  #written = 0;
  #read = 0;
  #queue: Uint8Array[] = [];
  #answered = 0;
  /** When Python last answered, or got a request when it had none; 0 where it has none. */
  #since = 0;
  /** Milliseconds it takes for a request, of late. */
  #pace = 0;

  constructor(owner: MemoryStreamOwner) {
    this.#owner = owner;
  }

  /** Whether something has come. */
  get ready(): boolean {
    return Atomics.load(this.#words, OUT_WRITTEN) !== this.#read;
  }

  expected(now: number): Expected {
    const { running } = this.#owner;
    if (running === 0 || now - this.#since > PATIENCE_MS) return Expected.SOME_TIME;
    if (this.#pace < QUICK_MS) return Expected.AT_ONCE;
    // Python has the next request already.
    return running > 1 ? Expected.SOON : Expected.SOME_TIME;
  }

  poll(now: number): boolean {
    const written = Atomics.load(this.#words, OUT_WRITTEN);
    const size = (written - this.#read) >>> 0;
    if (size === 0) return false;
    const at = this.#read & OUT_MASK;
    const first = Math.min(size, OUT_SIZE - at);
    this.handler.onData(this.memory, OUT_AT + at, OUT_AT + at + first);
    if (size > first) this.handler.onData(this.memory, OUT_AT, OUT_AT + size - first);
    this.#read = written;
    Atomics.store(this.#words, OUT_READ, written);
    this.#notePace(now);
    return true;
  }

  /** Keeps in mind how long Python takes for a request. */
  #notePace(now: number): void {
    const { answered, running } = this.#owner;
    const count = answered - this.#answered;
    if (count === 0) return;
    this.#answered = answered;
    const pace = Math.min((now - this.#since) / count, SLOW_MS);
    if (this.#since > 0) this.#pace += (pace - this.#pace) / 8;
    // From the next request on, where there is none.
    this.#since = running > 0 ? now : 0;
  }

  mayWait(): boolean {
    Atomics.store(this.#words, LOOP_WAITS, 1);
    if (!this.ready) return true;
    this.awake();
    return false;
  }

  awake(): void {
    Atomics.store(this.#words, LOOP_WAITS, 0);
  }

  write(buffer: Uint8Array, start: number, end: number): boolean {
    if (this.closed) return true;
    if (this.#since === 0) this.#since = performance.now();
    const at = this.queued > 0 ? start : start + this.#put(buffer, start, end);
    if (at === end) return true;
    this.#queue.push(buffer.slice(at, end));
    this.queued += end - at;
    if (this.#queue.length === 1) this.#retryLater();
    return false;
  }

  pause(): void {}
  resume(): void {}
  end(): void {}

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#queue = [];
    this.queued = 0;
    this.handler.onClose();
  }

  reset(): void {
    this.close();
  }

  /** Puts as much as there is room for into the ring, and wakes the reader; returns how many bytes. */
  #put(buffer: Uint8Array, start: number, end: number): number {
    const words = this.#words;
    const used = (this.#written - Atomics.load(words, IN_READ)) >>> 0;
    const size = Math.min(end - start, IN_SIZE - used);
    if (size === 0) return 0;
    const at = this.#written & IN_MASK;
    const first = Math.min(size, IN_SIZE - at);
    this.memory.set(buffer.subarray(start, start + first), IN_AT + at);
    if (size > first) this.memory.set(buffer.subarray(start + first, start + size), IN_AT);
    this.#written = (this.#written + size) | 0;
    Atomics.store(words, IN_WRITTEN, this.#written);
    if (Atomics.load(words, READER_WAITS) !== 0) {
      Atomics.store(words, READER_WAITS, 0);
      this.#owner.ringReader();
    }
    return size;
  }

  #retryLater(): void {
    this.#owner.after(RETRY_MS, () => this.#retry());
  }

  #retry(): void {
    while (this.#queue.length > 0) {
      const first = this.#queue[0]!;
      const count = this.#put(first, 0, first.length);
      this.queued -= count;
      if (count < first.length) {
        this.#queue[0] = first.subarray(count);
        return this.#retryLater();
      }
      this.#queue.shift();
    }
    this.handler.onDrain();
  }
}
