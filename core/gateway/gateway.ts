/**
 * The queue of requests and the pool of worker threads that serve them.
 *
 * A request goes to an idle thread of the process that has the fewest running, or waits in order of arrival.
 *
 * @module
 */
import { Channel, type ChannelOwner } from "./channel.ts";
import type { GatewayRequest } from "./request.ts";

/** Limits of the queue, from the options of the same names. */
export interface GatewayLimits {
  /** Seconds a request may wait for a thread before it is answered with 504; 0: no limit. */
  readonly queueTimeout: number;
  /** Seconds a request may wait while no process takes requests, or the queue is full, before it is answered with 503. */
  readonly connectTimeout: number;
  /** Requests that may wait at a time before `connectTimeout` counts for those behind. */
  readonly backlog: number;
}

/** What the gateway tells the supervisor. */
export interface GatewayEvents {
  /** A process gave a request back and wants to be replaced. */
  onReplacementWanted(instance: number, reason: string): void;
  /** A process that takes no more requests has none running. */
  onDrained(instance: number): void;
}

/** What the gateway needs of the event loop. */
export interface GatewayClock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Runs `task` once, when all that has arrived at this moment has been looked at. */
  afterRound(task: () => void): void;
  /** Runs `task` once, about `delay` milliseconds from now. */
  after(delay: number, task: () => void): void;
}

/** Counts of the moment. */
export interface GatewayStatus {
  readonly waiting: number;
  readonly running: number;
  readonly idle: number;
}

/**
 * How long a process may have requests and answer none before another of its threads is woken.
 *
 * Threads of one process share the GIL: for short requests one thread that takes them one after the other is faster than
 * several that fight for it. A request that waits for something shows by taking longer than this.
 */
const STALL_MS = 1;

/** Hands requests to application processes. */
export class Gateway implements ChannelOwner {
  #limits: GatewayLimits;
  #events: GatewayEvents;
  #clock: GatewayClock;
  #pools = new Map<number, Pool>();
  #waiting: GatewayRequest[] = [];
  /** Index of the first waiting request: taking one off the front moves nothing. */
  #first = 0;
  /** Since when no process takes requests. */
  #unservedSince: number | undefined;
  /** Processes with requests in their trunk's batch. */
  #unsent: Pool[] = [];
  #watching = false;
  #nextId = 1;
  #flush = () => this.#sendBatches();
  #watch = () => this.#lookForStalls();

  constructor(limits: GatewayLimits, events: GatewayEvents, clock: GatewayClock) {
    this.#limits = limits;
    this.#events = events;
    this.#clock = clock;
    this.#unservedSince = clock.now();
  }

  get status(): GatewayStatus {
    let running = 0;
    let idle = 0;
    for (const pool of this.#pools.values()) {
      running += pool.running;
      idle += pool.room;
    }
    return { waiting: this.#waiting.length - this.#first, running, idle };
  }

  /** Requests that this process is serving. */
  running(instance: number): number {
    return this.#pools.get(instance)?.running ?? 0;
  }

  /** Takes a request, which will be answered, refused or found abandoned. */
  submit(request: GatewayRequest): void {
    const pool = this.#first === this.#waiting.length ? this.#freest() : undefined;
    if (pool === undefined) this.#waiting.push(request);
    else this.#start(pool, request);
  }

  /** The client is gone: the request is not to be started, or its answer is not wanted. */
  withdraw(request: GatewayRequest): void {
    const index = this.#waiting.indexOf(request, this.#first);
    if (index >= 0) {
      this.#waiting.splice(index, 1);
      return;
    }
    for (const pool of this.#pools.values()) if (pool.abandon(request)) return;
  }

  /** A process of this instance number will connect. */
  announce(instance: number): void {
    this.#pools.set(instance, new Pool(instance));
  }

  /** A thread or the trunk of a process has connected. The process takes requests once `accept` was called. */
  addChannel(channel: Channel): void {
    const pool = this.#pools.get(channel.instance);
    if (pool === undefined) {
      channel.close();
      return;
    }
    pool.add(channel);
    if (!pool.accepting) return;
    this.#dispatch();
    this.#ensureReader(pool);
  }

  /** The process takes requests from now on. */
  accept(instance: number): void {
    const pool = this.#pools.get(instance);
    if (pool === undefined) return;
    pool.accepting = true;
    this.#unservedSince = undefined;
    this.#dispatch();
  }

  /** The process takes no more requests; `onDrained` follows when those it runs are done, at once if there are none. */
  drain(instance: number): void {
    const pool = this.#pools.get(instance);
    if (pool === undefined) return;
    pool.accepting = false;
    this.#noteUnserved();
    if (pool.running === 0) this.#events.onDrained(instance);
  }

  /** The process is gone: what it was serving is lost. */
  remove(instance: number): void {
    const pool = this.#pools.get(instance);
    if (pool === undefined) return;
    this.#pools.delete(instance);
    pool.accepting = false;
    pool.close();
    this.#noteUnserved();
  }

  /** Answers what has waited too long. To be called about four times a second. */
  tick(): void {
    const now = this.#clock.now();
    const { queueTimeout, connectTimeout, backlog } = this.#limits;
    const queueLimit = queueTimeout > 0 ? now - queueTimeout * 1000 : -Infinity;
    const connectLimit = now - connectTimeout * 1000;
    const unserved = this.#unservedSince !== undefined && this.#unservedSince < connectLimit;
    const waiting = this.#waiting.slice(this.#first);
    waiting.forEach((request, index) => {
      const expired = request.receivedAt < connectLimit && (unserved || index >= backlog)
        ? 503
        : request.receivedAt < queueLimit
        ? 504
        : 0;
      if (expired === 0) return;
      this.withdraw(request);
      request.onAbort(expired);
    });
  }

  /** Answers all that waits with `status`: nothing will serve it any more. */
  refuseWaiting(status: number): void {
    const waiting = this.#waiting.slice(this.#first);
    this.#waiting = [];
    this.#first = 0;
    for (const request of waiting) request.onAbort(status);
  }

  findRequest(channel: Channel, id: number): GatewayRequest | undefined {
    return this.#pools.get(channel.instance)?.requests.get(id);
  }

  onAnswered(channel: Channel, id: number): void {
    const pool = this.#pools.get(channel.instance);
    if (pool === undefined || !pool.finish(id, this.#clock.now())) return;
    const next = pool.accepting ? this.#next() : undefined;
    if (next !== undefined) this.#start(pool, next);
    else if (!pool.accepting && pool.running === 0) this.#events.onDrained(pool.instance);
  }

  onRefused(
    channel: Channel,
    id: number,
    request: GatewayRequest | undefined,
    reason: string,
  ): void {
    const pool = this.#pools.get(channel.instance);
    if (pool === undefined || !pool.finish(id, this.#clock.now())) return;
    pool.accepting = false;
    if (request !== undefined) {
      request.restarts++;
      // It came before all that wait.
      if (this.#first > 0) this.#waiting[--this.#first] = request;
      else this.#waiting.unshift(request);
    }
    this.#noteUnserved();
    this.#events.onReplacementWanted(channel.instance, reason);
    if (pool.running === 0) this.#events.onDrained(channel.instance);
    this.#dispatch();
  }

  onParked(channel: Channel): void {
    const pool = this.#pools.get(channel.instance);
    if (pool === undefined) return;
    pool.park(channel);
    this.#ensureReader(pool);
  }

  onChannelClosed(channel: Channel, id: number, request: GatewayRequest | undefined): void {
    const pool = this.#pools.get(channel.instance);
    const lost = pool === undefined ? [] : pool.lose(channel, id);
    // The process died, or the thread left in the middle of it.
    if (request !== undefined && !lost.includes(request)) lost.push(request);
    for (const each of lost) each.onAbort(500);
    if (pool === undefined) return;
    this.#ensureReader(pool);
    if (!pool.accepting && pool.running === 0) this.#events.onDrained(pool.instance);
  }

  /** The process that has the fewest requests, if one has room. */
  #freest(): Pool | undefined {
    let best: Pool | undefined;
    for (const pool of this.#pools.values()) {
      if (!pool.accepting || pool.room <= 0) continue;
      if (best === undefined || pool.running < best.running) best = pool;
    }
    return best;
  }

  #start(pool: Pool, request: GatewayRequest): void {
    const now = this.#clock.now();
    const id = this.#nextId;
    this.#nextId = id === 0xffffffff ? 1 : id + 1;
    const { restarts } = request;
    const suffix = restarts === 0
      ? ""
      : `\0mod_wsgi.daemon_connects\0${restarts + 1}\0mod_wsgi.daemon_restarts\0${restarts}`;
    pool.start(id, request, suffix, now);
    if (pool.unsent) return;
    pool.unsent = true;
    if (this.#unsent.push(pool) === 1) this.#clock.afterRound(this.#flush);
  }

  #sendBatches(): void {
    const pools = this.#unsent;
    this.#unsent = [];
    const now = this.#clock.now();
    for (const pool of pools) {
      pool.unsent = false;
      pool.trunk?.flush();
      if (pool.stalled(now)) pool.promoteAll();
      else this.#ensureReader(pool);
    }
    if (!this.#watching) this.#lookForStalls();
  }

  /** Requests in a process need one thread at least that looks for them. */
  #ensureReader(pool: Pool): void {
    if (pool.running > 0 && pool.active === 0) pool.promote();
  }

  #lookForStalls(): void {
    const now = this.#clock.now();
    this.#watching = false;
    for (const pool of this.#pools.values()) {
      if (pool.running <= pool.active || pool.parked.length === 0) continue;
      if (pool.stalled(now)) pool.promoteAll();
      else this.#watching = true;
    }
    if (this.#watching) this.#clock.after(STALL_MS, this.#watch);
  }

  #next(): GatewayRequest | undefined {
    if (this.#first === this.#waiting.length) return undefined;
    const request = this.#waiting[this.#first++]!;
    if (this.#first === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#first = 0;
    } else if (this.#first > 1024) {
      this.#waiting.splice(0, this.#first);
      this.#first = 0;
    }
    return request;
  }

  #dispatch(): void {
    while (this.#first < this.#waiting.length) {
      const pool = this.#freest();
      if (pool === undefined) return;
      this.#start(pool, this.#next()!);
    }
  }

  #noteUnserved(): void {
    for (const pool of this.#pools.values()) if (pool.accepting) return;
    this.#unservedSince ??= this.#clock.now();
  }
}

/** One application process, seen from the gateway. */
class Pool {
  readonly instance: number;
  accepting = false;
  /** Whether the trunk has requests in its batch. */
  unsent = false;
  trunk: Channel | undefined;
  /** Worker threads that wait to be promoted. */
  readonly parked: Channel[] = [];
  /** Requests in the process by number, without those whose client is gone. */
  readonly requests = new Map<number, GatewayRequest>();
  #channels = new Set<Channel>();
  /** Numbers of requests in the process, abandoned ones included. */
  #numbers = new Set<number>();
  /** When the process last answered, or got a request when it had none. */
  #progressAt = 0;

  constructor(instance: number) {
    this.instance = instance;
  }

  /** Requests in the process. */
  get running(): number {
    return this.#numbers.size;
  }

  /** Threads that look for requests or serve one. */
  get active(): number {
    return this.#channels.size - this.parked.length;
  }

  /** How many more requests it may have: one for each thread. */
  get room(): number {
    return this.trunk === undefined ? 0 : this.#channels.size - this.#numbers.size;
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
    if (this.#channels.has(channel)) this.parked.push(channel);
  }

  start(id: number, request: GatewayRequest, suffix: string, now: number): void {
    if (this.#numbers.size === 0) this.#progressAt = now;
    this.#numbers.add(id);
    this.requests.set(id, request);
    this.trunk!.start(id, request, suffix);
  }

  /** The request is answered. Returns whether it was in the process. */
  finish(id: number, now: number): boolean {
    this.#progressAt = now;
    this.requests.delete(id);
    return this.#numbers.delete(id);
  }

  /** Forgets the request, if it is here; the process still has it. */
  abandon(request: GatewayRequest): boolean {
    for (const [id, each] of this.requests) {
      if (each !== request) continue;
      this.requests.delete(id);
      return true;
    }
    return false;
  }

  /** Whether the process has answered nothing for a while. */
  stalled(now: number): boolean {
    return now - this.#progressAt >= STALL_MS;
  }

  promote(): void {
    this.parked.pop()?.promote();
  }

  /** Wakes a thread for each request that none serves. */
  promoteAll(): void {
    for (let count = this.running - this.active; count > 0; count--) this.promote();
  }

  /** A socket is closed: the requests lost with it. */
  lose(channel: Channel, id: number): GatewayRequest[] {
    if (channel === this.trunk) {
      const lost = [...this.requests.values()];
      this.trunk = undefined;
      this.requests.clear();
      this.#numbers.clear();
      return lost;
    }
    this.#channels.delete(channel);
    const index = this.parked.indexOf(channel);
    if (index >= 0) this.parked.splice(index, 1);
    const request = this.requests.get(id);
    this.requests.delete(id);
    this.#numbers.delete(id);
    return request === undefined ? [] : [request];
  }

  close(): void {
    for (const channel of [...this.#channels]) channel.close();
    this.trunk?.close();
  }
}
