/**
 * The requests and the threads of one application process, seen from the gateway.
 *
 * @module
 */
import type { Channel } from "./channel.ts";
import type { EnvironShape } from "../wsgi/environ_shape.ts";
import type { GatewayRequest } from "./request.ts";
import { MOST_RUNNING, RunningRequests } from "./running_requests.ts";
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

/** Requests of sockets that are closed. */
export interface LostRequests {
  /** None of it was sent: another process may serve it. */
  readonly unseen: GatewayRequest[];
  /** The application may have begun with it. */
  readonly failed: GatewayRequest[];
}

/** The requests of one process, in numbers. */
export interface ProcessWork {
  /** Requests that it has. */
  readonly running: number;
  /** How many it has answered since the start. */
  readonly answered: number;
}

/** One application process, seen from the gateway. */
export class Pool implements ProcessWork {
  readonly instance: number;
  accepting = false;
  /** The process is gone: only answers of it that are still to be read are waited for. */
  retired = false;
  /** Whether the trunk has requests in its batch. */
  unsent = false;
  answered = 0;
  trunk: Channel | undefined;
  /** Worker threads that wait to be promoted. */
  readonly parked: Channel[] = [];
  #channels = new Set<Channel>();
  /** Requests in the process; one whose client is gone is forgotten and keeps its number. */
  #requests = new RunningRequests();
  /** Numbers of those that are still in the trunk's batch. */
  #batch: number[] = [];
  /** What the process has been told of the names in environ texts. */
  #shapes = new Set<EnvironShape>();
  /** When the process last answered, or got a request when it had none. */
  #progressAt = 0;

  /** How many answers came shortly one after the other. */
  #quickAnswers = 0;
  #ahead: number;
  #use: ThreadUse;
  #nextLook = 0;
  /** Until when what was found about a stall is taken to hold. */
  #busyUntil = 0;

  /** @param ahead how many more requests than threads it may have as long as it answers quickly. */
  constructor(instance: number, ahead: number, isRunnable: IsRunnable) {
    this.instance = instance;
    this.#ahead = ahead;
    this.#use = new ThreadUse(isRunnable);
  }

  /** Requests in the process. */
  get running(): number {
    return this.#requests.size;
  }

  /** Threads that look for requests or serve one. */
  get active(): number {
    return this.#channels.size - this.parked.length;
  }

  /** How many more requests it may have: one for each thread, and some ahead. */
  get room(): number {
    if (this.trunk === undefined) return 0;
    const threads = this.#channels.size;
    // Threads that end long requests at the same moment look quick too.
    const most = threads + (this.#quickAnswers > threads ? this.#ahead : 0);
    return Math.min(most, MOST_RUNNING) - this.#requests.size;
  }

  add(channel: Channel): void {
    if (channel.thread === 0) {
      this.trunk = channel;
      return;
    }
    this.#channels.add(channel);
    this.parked.push(channel);
  }

  park(channel: Channel): void {
    if (this.#channels.has(channel) && !this.parked.includes(channel)) this.parked.push(channel);
  }

  /** A thread that was taken for parked serves a request: it had connected again in the middle of its work. */
  unpark(channel: Channel): void {
    const index = this.parked.indexOf(channel);
    if (index >= 0) this.parked.splice(index, 1);
    channel.parked = false;
  }

  /** The request of this number, unless it has been answered or its client is gone. */
  find(id: number): GatewayRequest | undefined {
    return this.#requests.get(id);
  }

  /**
   * Gives the process a request.
   *
   * @param environ the request's, or another in its place that needs no shape.
   * @returns the number of the request.
   */
  start(request: GatewayRequest, environ: string, now: number): number {
    if (this.#requests.size === 0) this.#progressAt = now;
    const id = this.#requests.add(request);
    this.#batch.push(id);
    const { shape } = request;
    const trunk = this.trunk!;
    if (shape !== undefined && !this.#shapes.has(shape)) {
      this.#shapes.add(shape);
      trunk.define(shape.definition);
    }
    trunk.start(id, request, environ);
    return id;
  }

  /** No request uses the shape any more, nor will one. */
  forgetShape(shape: EnvironShape): void {
    if (this.#shapes.delete(shape)) this.trunk?.define(shape.marker);
  }

  /** Sends the requests of the batch. */
  flush(): void {
    this.unsent = false;
    // Where the process turns out to be dead, `lose` finds them in the batch still.
    if (this.trunk?.flush()) this.#batch.length = 0;
  }

  /** The request is answered. Returns whether it was in the process. */
  finish(id: number, now: number): boolean {
    this.#quickAnswers = now - this.#progressAt >= STALL_MS ? 0 : this.#quickAnswers + 1;
    this.#progressAt = now;
    this.answered++;
    return this.#requests.delete(id);
  }

  /** Forgets the request, if it is here; the process still has it. */
  abandon(request: GatewayRequest): boolean {
    return this.#requests.forget(request);
  }

  /**
   * Wakes threads for the requests that none serves, where they could help. They make way again where one thread turns out
   * to be enough, unless requests are known to wait, or nothing is known.
   */
  relieve(now: number): void {
    if (this.#use.waits) return this.#promoteAll(true);
    const silence = now - this.#progressAt;
    if (silence < STALL_MS || now < this.#busyUntil) return;
    this.#busyUntil = now + STALL_MS;
    const computes = this.#use.computes(this.#channels);
    if (!computes || silence >= BUSY_STALL_MS) this.#promoteAll(computes === undefined);
  }

  /** Looks what the threads are at, if it is time for it. */
  look(now: number): void {
    if (now < this.#nextLook) return;
    const handed = this.running - this.#batch.length;
    if (handed <= (this.#use.waits ? 0 : this.active)) return;
    this.#nextLook = now + (this.#use.waits ? WAITING_LOOK_MS : STALL_MS);
    this.#use.look(this.#channels, this.answered);
  }

  /** The process tells that its threads run at the same time, and whether requests take long. */
  setPace(long: boolean): void {
    this.#use.setPace(long);
  }

  /** Whether requests wait for a thread, so that it is to be looked at again. */
  get watched(): boolean {
    return !this.#use.waits && this.running > this.active && this.parked.length > 0;
  }

  promote(): void {
    this.parked.pop()?.promote(true);
  }

  #promoteAll(stays: boolean): void {
    for (let count = this.running - this.active; count > 0; count--) {
      this.parked.pop()?.promote(stays);
    }
  }

  /** A socket is closed: the requests lost with it. */
  lose(channel: Channel, id: number): LostRequests {
    if (channel === this.trunk) return this.#loseUnbound();
    this.#channels.delete(channel);
    const index = this.parked.indexOf(channel);
    if (index >= 0) this.parked.splice(index, 1);
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    return { unseen: [], failed: request === undefined ? [] : [request] };
  }

  /** The process is gone: closes what has no answer to give any more. */
  retire(): LostRequests {
    const { trunk } = this;
    this.accepting = false;
    this.retired = true;
    const lost = this.#loseUnbound();
    trunk?.close();
    for (const channel of [...this.#channels]) if (channel.id === 0) channel.close();
    return lost;
  }

  /**
   * Closes the channels of a process that is gone, but for those whose answer waits for a slow client: another process
   * that has inherited the socket, and would never close it, must not keep a request from its end.
   */
  closeForgotten(): void {
    for (const channel of [...this.#channels]) if (!channel.paused) channel.close();
  }

  /** Whether nothing is left of the process. */
  get ended(): boolean {
    return this.retired && this.#channels.size === 0;
  }

  /** Without its trunk, a process answers only what its threads are answering on their own channels. */
  #loseUnbound(): LostRequests {
    const lost: LostRequests = { unseen: [], failed: [] };
    const bound = new Set([...this.#channels].map((channel) => channel.id));
    // In order of arrival, in which they will be put back.
    for (const id of this.#batch) this.#lose(id, lost.unseen);
    for (const id of this.#requests.numbers()) if (!bound.has(id)) this.#lose(id, lost.failed);
    this.trunk = undefined;
    this.#batch = [];
    return lost;
  }

  #lose(id: number, lost: GatewayRequest[]): void {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    if (request !== undefined) lost.push(request);
  }
}
