/**
 * The worker threads of one application process, seen from the gateway: which of them are parked, and when one is
 * promoted to look for requests.
 *
 * @module
 */
import type { Channel } from "./channel.ts";
import { type IsRunnable, ThreadUse } from "./thread_use.ts";

/**
 * How long a process may have requests and answer none before another of its threads is woken.
 *
 * Threads of one process share the GIL: for short requests one thread that takes them one after the other is faster than
 * several that fight for it. A request that waits for something shows by taking longer than this.
 */
export const STALL_MS = 1;
/**
 * The same where a thread of it computes all the time. Another one could not run beside it, but is to have its turn: the
 * interpreter makes threads change places after this time (`sys.getswitchinterval`).
 */
const BUSY_STALL_MS = 5;
/** How often the threads are looked at where each request has its own: each of them then costs a look. */
const WAITING_LOOK_MS = 5;

/** The requests of the process, as far as they concern its threads. */
export interface ThreadWork {
  /** Requests that the process has. */
  readonly running: number;
  /** Those of them that have been sent to it. */
  readonly handed: number;
  /** How many it has answered since the start. */
  readonly answered: number;
  /** When it last answered, or got a request when it had none: milliseconds of the gateway's clock. */
  readonly progressAt: number;
}

/** The worker threads of one process, each with its channel. */
export class WorkerThreads {
  #channels = new Set<Channel>();
  /** Those that wait to be promoted. */
  #parked: Channel[] = [];
  #work: ThreadWork;
  #use: ThreadUse;
  #nextLook = 0;
  /** Until when what was found about a stall is taken to hold. */
  #busyUntil = 0;

  constructor(work: ThreadWork, isRunnable: IsRunnable) {
    this.#work = work;
    this.#use = new ThreadUse(isRunnable);
  }

  /** The channels of all threads that are connected. */
  get channels(): ReadonlySet<Channel> {
    return this.#channels;
  }

  /** Threads that look for requests or serve one. */
  get active(): number {
    return this.#channels.size - this.#parked.length;
  }

  /** A thread has connected, parked. */
  add(channel: Channel): void {
    this.#channels.add(channel);
    this.#parked.push(channel);
  }

  /** The channel of a thread is closed. */
  remove(channel: Channel): void {
    this.#channels.delete(channel);
    this.#removeParked(channel);
  }

  park(channel: Channel): void {
    if (this.#channels.has(channel) && !this.#parked.includes(channel)) this.#parked.push(channel);
  }

  /** A thread that was taken for parked serves a request: it had connected again in the middle of its work. */
  unpark(channel: Channel): void {
    this.#removeParked(channel);
    channel.parked = false;
  }

  /** Requests need one thread at least that looks for them. */
  ensureReader(): void {
    if (this.#work.running > 0 && this.active === 0) this.#parked.pop()?.promote(true);
  }

  /**
   * Wakes threads for the requests that none serves, where they could help. They make way again where one thread turns out
   * to be enough, unless requests are known to wait, or nothing is known.
   */
  relieve(now: number): void {
    if (this.#use.waits) return this.#promoteAll(true);
    const silence = now - this.#work.progressAt;
    if (silence < STALL_MS || now < this.#busyUntil) return;
    this.#busyUntil = now + STALL_MS;
    const computes = this.#use.computes(this.#channels);
    if (!computes || silence >= BUSY_STALL_MS) this.#promoteAll(computes === undefined);
  }

  /** Looks what the threads are at, if it is time for it. */
  look(now: number): void {
    if (now < this.#nextLook) return;
    const { handed, answered } = this.#work;
    if (handed <= (this.#use.waits ? 0 : this.active)) return;
    this.#nextLook = now + (this.#use.waits ? WAITING_LOOK_MS : STALL_MS);
    this.#use.look(this.#channels, answered);
  }

  /** The process tells that its threads run at the same time, and whether requests take long. */
  setPace(long: boolean): void {
    this.#use.setPace(long);
  }

  /** Whether requests wait for a thread, so that it is to be looked at again. */
  get watched(): boolean {
    return !this.#use.waits && this.#work.running > this.active && this.#parked.length > 0;
  }

  #promoteAll(stays: boolean): void {
    for (let count = this.#work.running - this.active; count > 0; count--) {
      this.#parked.pop()?.promote(stays);
    }
  }

  #removeParked(channel: Channel): void {
    const index = this.#parked.indexOf(channel);
    if (index >= 0) this.#parked.splice(index, 1);
  }
}
