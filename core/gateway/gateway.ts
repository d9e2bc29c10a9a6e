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

interface Pool {
  readonly instance: number;
  readonly idle: Channel[];
  readonly channels: Set<Channel>;
  busy: number;
  accepting: boolean;
}

/** Counts of the moment. */
export interface GatewayStatus {
  readonly waiting: number;
  readonly running: number;
  readonly idle: number;
}

/** Hands requests to worker threads. */
export class Gateway implements ChannelOwner {
  #limits: GatewayLimits;
  #events: GatewayEvents;
  #now: () => number;
  #pools = new Map<number, Pool>();
  #waiting: GatewayRequest[] = [];
  /** Index of the first waiting request: taking one off the front moves nothing. */
  #first = 0;
  /** Since when no process takes requests, in milliseconds of the transport's clock. */
  #unservedSince: number | undefined;

  constructor(limits: GatewayLimits, events: GatewayEvents, now: () => number) {
    this.#limits = limits;
    this.#events = events;
    this.#now = now;
    this.#unservedSince = now();
  }

  get status(): GatewayStatus {
    let running = 0;
    let idle = 0;
    for (const pool of this.#pools.values()) {
      running += pool.busy;
      idle += pool.idle.length;
    }
    return { waiting: this.#waiting.length - this.#first, running, idle };
  }

  /** Requests that threads of this process are serving. */
  running(instance: number): number {
    return this.#pools.get(instance)?.busy ?? 0;
  }

  /** Takes a request, which will be answered, refused or found abandoned. */
  submit(request: GatewayRequest): void {
    const channel = this.#first === this.#waiting.length ? this.#idleChannel() : undefined;
    if (channel === undefined) this.#waiting.push(request);
    else this.#start(channel, request);
  }

  /** Takes a waiting request out of the queue. Returns whether it was there. */
  withdraw(request: GatewayRequest): boolean {
    const index = this.#waiting.indexOf(request, this.#first);
    if (index < 0) return false;
    this.#waiting.splice(index, 1);
    return true;
  }

  /** A process of this instance number will connect. */
  announce(instance: number): void {
    this.#pools.set(instance, {
      instance,
      idle: [],
      channels: new Set(),
      busy: 0,
      accepting: false,
    });
  }

  /** A worker thread has connected. Its process takes requests once `accept` was called. */
  addChannel(channel: Channel): void {
    const pool = this.#pools.get(channel.instance);
    if (pool === undefined) {
      channel.close();
      return;
    }
    pool.channels.add(channel);
    pool.idle.push(channel);
    if (pool.accepting) this.#dispatch();
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
    if (pool.busy === 0) this.#events.onDrained(instance);
  }

  /** The process is gone: what its threads were serving is lost. */
  remove(instance: number): void {
    const pool = this.#pools.get(instance);
    if (pool === undefined) return;
    pool.accepting = false;
    for (const channel of [...pool.channels]) channel.close();
    this.#pools.delete(instance);
    this.#noteUnserved();
  }

  /** Answers what has waited too long. To be called about four times a second. */
  tick(): void {
    const now = this.#now();
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
      if (expired > 0 && this.withdraw(request)) request.onAbort(expired);
    });
  }

  /** Answers all that waits with `status`: nothing will serve it any more. */
  refuseWaiting(status: number): void {
    const waiting = this.#waiting.slice(this.#first);
    this.#waiting = [];
    this.#first = 0;
    for (const request of waiting) request.onAbort(status);
  }

  onIdle(channel: Channel): void {
    const pool = this.#pools.get(channel.instance);
    // A client that left at the last moment may have taken the channel with it.
    if (pool === undefined || !pool.channels.has(channel)) return;
    const next = pool.accepting ? this.#next() : undefined;
    if (next !== undefined) {
      this.#run(channel, next);
      return;
    }
    pool.busy--;
    pool.idle.push(channel);
    if (!pool.accepting && pool.busy === 0) this.#events.onDrained(channel.instance);
  }

  onRefused(channel: Channel, request: GatewayRequest, reason: string): void {
    const pool = this.#pools.get(channel.instance);
    if (pool === undefined) return;
    request.restarts++;
    // It came before all that wait.
    if (this.#first > 0) this.#waiting[--this.#first] = request;
    else this.#waiting.unshift(request);
    pool.accepting = false;
    pool.busy--;
    pool.idle.push(channel);
    this.#noteUnserved();
    this.#events.onReplacementWanted(channel.instance, reason);
    if (pool.busy === 0) this.#events.onDrained(channel.instance);
    this.#dispatch();
  }

  onChannelClosed(channel: Channel, request: GatewayRequest | undefined): void {
    const pool = this.#pools.get(channel.instance);
    const known = pool !== undefined && pool.channels.delete(channel);
    if (known) {
      const index = pool.idle.indexOf(channel);
      if (index >= 0) pool.idle.splice(index, 1);
      else pool.busy--;
    }
    // The process died, or the thread left in the middle of it.
    request?.onAbort(500);
    if (known && !pool.accepting && pool.busy === 0) this.#events.onDrained(channel.instance);
  }

  #idleChannel(): Channel | undefined {
    let best: Pool | undefined;
    for (const pool of this.#pools.values()) {
      if (!pool.accepting || pool.idle.length === 0) continue;
      if (best === undefined || pool.busy < best.busy) best = pool;
    }
    return best?.idle.pop();
  }

  #start(channel: Channel, request: GatewayRequest): void {
    this.#pools.get(channel.instance)!.busy++;
    this.#run(channel, request);
  }

  #run(channel: Channel, request: GatewayRequest): void {
    const { restarts } = request;
    channel.start(
      request,
      restarts === 0 ? "" : `\0mod_wsgi.daemon_connects\0${restarts + 1}` +
        `\0mod_wsgi.daemon_restarts\0${restarts}`,
    );
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
      const channel = this.#idleChannel();
      if (channel === undefined) return;
      this.#start(channel, this.#next()!);
    }
  }

  #noteUnserved(): void {
    for (const pool of this.#pools.values()) if (pool.accepting) return;
    this.#unservedSince ??= this.#now();
  }
}
