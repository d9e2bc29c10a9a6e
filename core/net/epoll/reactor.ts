/**
 * The event loop of the sockets on Linux: one epoll instance, driven from JavaScript.
 *
 * While there is traffic the loop asks epoll synchronously, so a request costs no promise and no hop between threads
 * (146,000 requests a second where `Deno.listen` reaches 91,000 on the same machine). When nothing has happened for
 * `LINGER_MS` it waits on one of Deno's threads, and timers, signals and promises run meanwhile; under load they get
 * their turn every `TURN_MS`.
 *
 * @module
 */
import { errno, errnoText, type SocketCalls, socketCalls } from "../../../ffi/sockets.ts";
import { DATA_MARGIN, Expected, type Polled } from "../transport.ts";
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLIN,
} from "./constants.ts";

/**
 * How long the loop waits synchronously for the next event after the last one. Behind that an event takes a detour over
 * another thread; meanwhile timers, signals and promises have to wait.
 */
const LINGER_MS = 4;
/** How long the loop may run before everything else of the process gets a turn, which costs 1.5 µs. */
const TURN_MS = 1;
/** How long the loop looks for what is imminent before it waits: a thread that sleeps is woken in 50 µs or more. */
const LOOK_MS = 0.05;
/** How long it sleeps where something is expected soon; the system takes up to 50 µs more. */
const NAP_US = 20;
/** So many looks into memory for one at the sockets. */
const LOOKS = 20;
const MAX_EVENTS = 256;
const EFD_NONBLOCK = 0o4000;
/** What is added to an eventfd. */
const ONE = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);
/** One read takes this much at the most. */
const RECEIVE_BUFFER_SIZE = 256 * 1024;

/** Below this a buffer of its own is cheaper than keeping one. */
const SMALL_BUFFER = 16 * 1024;
/** So many large buffers are kept for the next time. */
const KEPT_BUFFERS = 8;

/** Something with a descriptor that epoll watches. */
export interface Watched {
  readonly fd: number;
  /** Called with the `EPOLL…` bits that are ready. What it throws goes to `onFault`, and it is closed. */
  onReady(events: number): void;
  close(): void;
}

/** `struct epoll_event` is packed on x86-64 only. In units of 32 bits: where the data begins, and the size. */
const PACKED = Deno.build.arch === "x86_64";
const EVENT_DATA = PACKED ? 1 : 2;
const EVENT_SIZE = PACKED ? 3 : 4;

/** Drives all sockets of one process. */
export class Reactor {
  readonly calls: SocketCalls = socketCalls();
  /** Shared by all streams: valid during one `onData`. */
  readonly receiveBuffer = new Uint8Array(RECEIVE_BUFFER_SIZE + 2 * DATA_MARGIN);
  /** The part of it that a read fills. */
  readonly receiveArea = this.receiveBuffer.subarray(
    DATA_MARGIN,
    DATA_MARGIN + RECEIVE_BUFFER_SIZE,
  );
  /** Called with what a handler threw; its socket is closed and the loop goes on. */
  onFault: (error: unknown) => void = (error) => console.error(error);
  /** Resolves once the loop has ended and its descriptors are closed. */
  readonly ended: Promise<void>;
  #epoll: number;
  #wake: number;
  #poll = () => {
    this.#polled?.poll(this.#now);
  };
  #events = new Int32Array(MAX_EVENTS * EVENT_SIZE);
  #change = new Int32Array(EVENT_SIZE);
  /** Watched things by descriptor; the generation tells an event of a descriptor's former owner. */
  #watched: (Watched | undefined)[] = [];
  #generations: number[] = [];
  /** Descriptors of which an event wakes one of the processes that watch them only. */
  #exclusive = new Set<number>();
  #now = performance.now();
  #closed = false;
  /** Whether the loop waits on a thread of Deno's: what runs meanwhile is no part of a round. */
  #waiting = false;

  #polled: Polled | undefined;
  #buffers: Uint8Array<ArrayBuffer>[] = [];
  #afterRound: (() => void)[] = [];
  #timers: { readonly at: number; readonly task: () => void }[] = [];

  constructor() {
    this.#epoll = this.calls.epoll_create1(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw this.failure("epoll_create1");
    this.#wake = this.calls.eventfd(0, EPOLL_CLOEXEC | EFD_NONBLOCK);
    this.add({ fd: this.#wake, onReady: () => this.#drainWake(), close() {} }, EPOLLIN);
    this.ended = this.#run();
  }

  /** Milliseconds of the monotonic clock: as of this round of the loop, or of this moment outside of it. */
  get now(): number {
    return this.#waiting ? performance.now() : this.#now;
  }

  /** A buffer of at least `size` bytes for what a socket does not take at once: a large one is used again and again. */
  takeBuffer(size: number): Uint8Array<ArrayBuffer> {
    if (size < SMALL_BUFFER || size > this.receiveBuffer.length) return new Uint8Array(size);
    return this.#buffers.pop() ?? new Uint8Array(this.receiveBuffer.length);
  }

  /** Gives a buffer of `takeBuffer` back. */
  giveBuffer(buffer: Uint8Array<ArrayBuffer>): void {
    if (buffer.length !== this.receiveBuffer.length || this.#buffers.length >= KEPT_BUFFERS) return;
    this.#buffers.push(buffer);
  }

  /** Reads the clock anew, for one who has blocked within a round. */
  refresh(): number {
    return this.#now = performance.now();
  }

  /** An error that tells the call and its errno in words. */
  failure(call: string): Error {
    const number = errno(this.calls);
    return new Error(`${call} failed: ${errnoText(this.calls, number)} (errno ${number})`);
  }

  add(watched: Watched, events: number): void {
    const { fd } = watched;
    if (this.#closed) throw new Error("the event loop of the sockets has ended");
    const generation = (this.#generations[fd] ?? 0) + 1 | 0;
    this.#generations[fd] = generation;
    this.#watched[fd] = watched;
    if (this.#control(EPOLL_CTL_ADD, fd, events) !== 0) {
      this.#watched[fd] = undefined;
      throw this.failure("epoll_ctl");
    }
    if ((events & EPOLLEXCLUSIVE) !== 0) this.#exclusive.add(fd);
  }

  modify(watched: Watched, events: number): void {
    this.#control(EPOLL_CTL_MOD, watched.fd, events);
  }

  remove(watched: Watched): void {
    if (this.#watched[watched.fd] !== watched) return;
    this.#watched[watched.fd] = undefined;
    this.#exclusive.delete(watched.fd);
    this.#control(EPOLL_CTL_DEL, watched.fd, 0);
  }

  /** A descriptor (eventfd) that a thread can read, to wait for `ring`. The caller's to close. */
  newBell(): number {
    const fd = this.calls.eventfd(0, EPOLL_CLOEXEC);
    if (fd < 0) throw this.failure("eventfd");
    return fd;
  }

  /** Wakes the thread that reads the bell. */
  ring(bell: number): void {
    this.calls.write(bell, ONE, ONE.length);
  }

  /**
   * Looks at `polled` in every round from now on.
   *
   * @returns the descriptor (eventfd) whose writing wakes the loop; it stays this object's.
   */
  look(polled: Polled): number {
    const fd = this.calls.eventfd(0, EPOLL_CLOEXEC | EFD_NONBLOCK);
    // Edge-triggered: what is written need not be read.
    this.add({ fd, onReady() {}, close: () => this.calls.close(fd) }, EPOLLIN | EPOLLET);
    this.#polled = polled;
    return fd;
  }

  /** Runs `task` once, at the end of this round of the loop: for work done for many events at a time. */
  afterRound(task: () => void): void {
    this.#afterRound.push(task);
    if (this.#afterRound.length === 1 && this.#waiting) this.#signalWake();
  }

  /** Runs `task` once, about `delay` milliseconds from now. */
  after(delay: number, task: () => void): void {
    this.#timers.push({ at: performance.now() + delay, task });
    if (this.#waiting) this.#signalWake();
  }

  /** Closes everything that is watched and ends the loop. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      for (const watched of this.#watched) watched?.close();
      this.#signalWake();
    }
    return this.ended;
  }

  #control(operation: number, fd: number, events: number): number {
    const change = this.#change;
    change[0] = events;
    change[EVENT_DATA] = fd;
    change[EVENT_DATA + 1] = this.#generations[fd] ?? 0;
    return this.calls.epoll_ctl(this.#epoll, operation, fd, change);
  }

  async #run(): Promise<void> {
    const { calls } = this;
    const events = this.#events;
    let turnEnds = this.#now + TURN_MS;
    while (!this.#closed) {
      const count = this.#wait();
      this.#now = performance.now();
      const polled = this.#dispatch(count);
      if (this.#closed) break;
      if (count > 0 || polled || this.#timers.length > 0 || this.#afterRound.length > 0) {
        if (this.#now >= turnEnds) {
          await new Promise((resolve) => setImmediate(resolve));
          turnEnds = performance.now() + TURN_MS;
        }
        continue;
      }
      // Idle: waits where it does not block JavaScript.
      if (this.#polled?.mayWait() === false) continue;
      this.#waiting = true;
      const more = await calls.epoll_wait_async(this.#epoll, events, MAX_EVENTS, -1);
      this.#waiting = false;
      this.#polled?.awake();
      this.#now = performance.now();
      turnEnds = this.#now + TURN_MS;
      this.#dispatch(more);
    }
    calls.close(this.#wake);
    calls.close(this.#epoll);
  }

  /** Waits up to `LINGER_MS` for something to happen; returns how many of `#events` are filled. */
  #wait(): number {
    const polled = this.#polled;
    // Somebody waits for the end of this round.
    if (this.#afterRound.length > 0) return this.#ask(0);
    if (polled === undefined) return this.#ask(this.#linger());
    const count = this.#ask(0);
    if (count > 0 || polled.ready) return count;
    let expected = polled.expected(performance.now());
    while (expected === Expected.SOON) {
      this.calls.usleep(NAP_US);
      if (polled.ready) return this.#ask(0);
      expected = polled.expected(performance.now());
    }
    if (expected === Expected.AT_ONCE) {
      const end = performance.now() + LOOK_MS;
      do {
        for (let look = 0; look < LOOKS; look++) if (polled.ready) return 0;
        const found = this.#ask(0);
        if (found > 0) return found;
      } while (performance.now() < end);
    }
    if (!polled.mayWait()) return 0;
    const later = this.#ask(this.#linger());
    polled.awake();
    return later;
  }

  /** Whole milliseconds to wait for an event, and not much longer than until the next timer. */
  #linger(): number {
    if (this.#timers.length === 0) return LINGER_MS;
    const next = this.#timers.reduce((earliest, { at }) => Math.min(earliest, at), Infinity);
    return Math.min(Math.max(Math.ceil(next - performance.now()), 0), LINGER_MS);
  }

  #ask(timeout: number): number {
    return this.calls.epoll_wait(this.#epoll, this.#events, MAX_EVENTS, timeout);
  }

  /** Returns whether the polled object had something. */
  #dispatch(count: number): boolean {
    const events = this.#events;
    if (count > 1 && this.#exclusive.size > 0) this.#bringForward(count);
    for (let index = 0; index < count; index++) {
      const at = index * EVENT_SIZE;
      const fd = events[at + EVENT_DATA]!;
      if (this.#generations[fd] !== events[at + EVENT_DATA + 1]) continue;
      const watched = this.#watched[fd];
      if (watched !== undefined) this.#notify(watched, events[at]!);
    }
    // Where this thread could not run for a while, nobody is to be taken for slow whose answer is there.
    const polled = this.#polled !== undefined && this.#polled.ready;
    if (polled) this.#perform(this.#poll);
    if (this.#timers.length > 0) this.#runTimers();
    this.#endRound();
    return polled;
  }

  /**
   * Moves an event that no other process has got to the beginning: what another one of the round does could make us stop
   * watching, and it would be lost (epoll_ctl(2), EPOLLEXCLUSIVE).
   */
  #bringForward(count: number): void {
    const events = this.#events;
    for (let at = EVENT_SIZE; at < count * EVENT_SIZE; at += EVENT_SIZE) {
      if (!this.#exclusive.has(events[at + EVENT_DATA]!)) continue;
      for (let word = 0; word < EVENT_SIZE; word++) {
        const first = events[word]!;
        events[word] = events[at + word]!;
        events[at + word] = first;
      }
    }
  }

  /** Does what was to be done behind this round; what these tasks ask for follows behind the next one. */
  #endRound(): void {
    if (this.#afterRound.length === 0) return;
    const tasks = this.#afterRound;
    this.#afterRound = [];
    for (const task of tasks) this.#perform(task);
  }

  #notify(watched: Watched, events: number): void {
    try {
      watched.onReady(events);
    } catch (error) {
      this.onFault(error);
      // Its handler has lost its place in the stream of bytes.
      try {
        watched.close();
      } catch (second) {
        this.onFault(second);
      }
    }
  }

  #runTimers(): void {
    const due = this.#timers.filter((timer) => timer.at <= this.#now);
    if (due.length === 0) return;
    this.#timers = this.#timers.filter((timer) => timer.at > this.#now);
    for (const { task } of due) this.#perform(task);
  }

  #perform(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.onFault(error);
    }
  }

  #signalWake(): void {
    this.ring(this.#wake);
  }

  #drainWake(): void {
    this.calls.read(this.#wake, new Uint8Array(8), 8);
  }
}
