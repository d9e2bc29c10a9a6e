/**
 * The queue of requests and the pool of worker threads that serve them.
 *
 * A request goes to an idle thread of the process that has the fewest running, or waits in order of arrival.
 *
 * @module
 */
import type { Channel, ChannelOwner } from "./channel.ts";
import { type LostRequests, Pool, type ProcessWork } from "./pool.ts";
import { ConnectionShapes, pairsOf } from "../wsgi/environ_shape.ts";
import type { GatewayRequest } from "./request.ts";
import { RequestQueue } from "./request_queue.ts";
import type { GatewayObserver } from "./scoreboard.ts";
import type { IsRunnable } from "./thread_use.ts";
import { STALL_MS } from "./worker_threads.ts";

/** Limits of the queue, from the options of the same names. */
export interface GatewayLimits {
  /** Seconds a request may wait for a thread before it is answered with 504; 0: no limit. */
  readonly queueTimeout: number;
  /**
   * Seconds a request may wait while no process takes requests, or the queue is full, before it is answered with 503;
   * 0: no limit.
   */
  readonly connectTimeout: number;
  /** Requests that may wait at a time before `connectTimeout` counts for those behind. */
  readonly backlog: number;
  /**
   * How many requests more than it has threads a process may have as long as it answers quickly: they wait there instead
   * of here. 0 by default.
   */
  readonly ahead?: number;
}

/** What the gateway tells the supervisor. */
export interface GatewayEvents {
  /** A process gave a request back and wants to be replaced. */
  onReplacementWanted(instance: number, reason: string): void;
  /** A process that takes no more requests has none running. */
  onDrained(instance: number): void;
  /** There are more or fewer requests, waiting or running, than before. */
  onLoadChanged?(): void;
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

/** How often a request may be given back even when `connectTimeout` has passed. */
const MOST_RESTARTS = 3;

/** Hands requests to application processes. */
export class Gateway implements ChannelOwner {
  readonly connectionShapes = new ConnectionShapes();
  #limits: GatewayLimits;
  #events: GatewayEvents;
  #clock: GatewayClock;
  #isRunnable: IsRunnable;
  #pools = new Map<number, Pool>();
  #waiting = new RequestQueue();
  /** Told what the processes do, where somebody wants to know. */
  observer: GatewayObserver | undefined;
  /** Since when no process takes requests. */
  #unservedSince: number | undefined;
  /** Status for all that nothing will serve any more. */
  #refusal: number | undefined;
  /** Processes with requests in their trunk's batch. */
  #unsent: Pool[] = [];
  #watching = false;
  #flush = () => this.#sendBatches();
  #watch = () => this.#lookForStalls();

  constructor(
    limits: GatewayLimits,
    events: GatewayEvents,
    clock: GatewayClock,
    isRunnable: IsRunnable = () => undefined,
  ) {
    this.#limits = limits;
    this.#isRunnable = isRunnable;
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
    return { waiting: this.#waiting.length, running, idle };
  }

  /** When the request came that has waited longest: milliseconds of the clock. Undefined where none waits. */
  get waitingSince(): number | undefined {
    return this.#waiting.first?.receivedAt;
  }

  /** What this process has done and has to do; it has been announced. */
  work(instance: number): ProcessWork {
    return this.#pools.get(instance)!;
  }

  /** Takes a request, which will be answered, refused or found abandoned. */
  submit(request: GatewayRequest): void {
    if (this.#refusal !== undefined) return request.onAbort(this.#refusal);
    this.#waiting.push(request);
    this.#dispatch();
    this.#events.onLoadChanged?.();
  }

  /** The client is gone: the request is not to be started, or its answer is not wanted. */
  withdraw(request: GatewayRequest): void {
    if (this.#waiting.remove(request)) return this.#events.onLoadChanged?.();
    for (const pool of this.#pools.values()) if (pool.abandon(request)) return;
  }

  /** A process of this instance number will connect. */
  announce(instance: number): void {
    this.#pools.set(instance, new Pool(instance, this.#limits.ahead ?? 0, this.#isRunnable));
  }

  /** A thread or the trunk of a process has connected. The process takes requests once `accept` was called. */
  addChannel(channel: Channel): void {
    const pool = this.#pools.get(channel.instance);
    if (pool === undefined || pool.retired) return channel.close();
    pool.add(channel);
    if (!pool.accepting) return;
    this.#dispatch();
    pool.threads.ensureReader();
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
    this.#noteDrained(pool);
  }

  /** The process is gone: what it was serving is lost, but for what is still to be read of its answers. */
  remove(instance: number): void {
    const pool = this.#pools.get(instance);
    if (pool === undefined) return;
    this.#settle(pool.retire());
    this.observer?.onGone(instance);
    if (pool.ended) this.#pools.delete(instance);
    this.#noteUnserved();
  }

  /** Answers what has waited too long. To be called about four times a second. */
  tick(): void {
    for (const pool of [...this.#pools.values()]) if (pool.retired) pool.closeForgotten();
    const now = this.#clock.now();
    const { queueTimeout, connectTimeout, backlog } = this.#limits;
    const queueLimit = queueTimeout > 0 ? now - queueTimeout * 1000 : -Infinity;
    const connectLimit = connectTimeout > 0 ? now - connectTimeout * 1000 : -Infinity;
    const unserved = this.#unservedSince !== undefined && this.#unservedSince < connectLimit;
    this.#waiting.snapshot().forEach((request, index) => {
      const { receivedAt } = request;
      if (receivedAt < connectLimit && unserved) {
        this.#expire(
          request,
          503,
          `No process took requests within --connect-timeout (${connectTimeout} s).`,
        );
      } else if (receivedAt < connectLimit && index >= backlog) {
        this.#expire(
          request,
          503,
          `No place in the queue (--daemon-backlog ${backlog}) was free within ` +
            `--connect-timeout (${connectTimeout} s).`,
        );
      } else if (receivedAt < queueLimit) {
        this.#expire(
          request,
          504,
          "Queue timeout expired: " +
            `no worker thread was free within --queue-timeout (${queueTimeout} s).`,
        );
      }
    });
  }

  /** Answers all that waits, and all that is still to come, with `status`: nothing will serve it any more. */
  refuseWaiting(status: number): void {
    this.#refusal = status;
    for (const request of this.#waiting.snapshot()) {
      if (this.#waiting.remove(request)) request.onAbort(status);
    }
  }

  findRequest(channel: Channel, id: number): GatewayRequest | undefined {
    const pool = this.#pools.get(channel.instance);
    if (channel.parked && channel.thread > 0) pool?.threads.unpark(channel);
    return pool?.find(id);
  }

  onAnswered(channel: Channel, id: number): void {
    const pool = this.#pools.get(channel.instance);
    if (pool === undefined || !pool.finish(id, this.#clock.now())) return;
    this.observer?.onEnd(channel.instance, id);
    if (pool.accepting) this.#dispatch();
    else this.#noteDrained(pool);
    this.#events.onLoadChanged?.();
  }

  onRefused(
    channel: Channel,
    id: number,
    request: GatewayRequest | undefined,
    reason: string,
  ): void {
    const pool = this.#pools.get(channel.instance);
    if (pool === undefined || !pool.finish(id, this.#clock.now())) return;
    this.observer?.onEnd(channel.instance, id);
    pool.accepting = false;
    if (request !== undefined) {
      request.restarts++;
      if (this.#isHopeless(request)) {
        request.onAbort(503, `${request.restarts} processes gave the request back, too many.`);
      } else {
        this.#putBack(request);
      }
    }
    this.#noteUnserved();
    this.#events.onReplacementWanted(channel.instance, reason);
    this.#noteDrained(pool);
    this.#dispatch();
  }

  /** Process after process gave it back: a script that always wants to be reloaded, or that changes all the time. */
  #isHopeless({ restarts, receivedAt }: GatewayRequest): boolean {
    const { connectTimeout } = this.#limits;
    const age = this.#clock.now() - receivedAt;
    return restarts > MOST_RESTARTS && connectTimeout > 0 && age > connectTimeout * 1000;
  }

  onParked(channel: Channel): void {
    const pool = this.#pools.get(channel.instance);
    if (pool === undefined) return;
    pool.threads.park(channel);
    pool.threads.ensureReader();
    // The thread may have counted as one that would take a request, while it was on its way to be parked.
    if (!this.#watching && pool.running > pool.threads.active) this.#lookForStalls();
  }

  onPace(channel: Channel, long: boolean): void {
    this.#pools.get(channel.instance)?.threads.setPace(long);
  }

  onChannelClosed(channel: Channel, id: number, request: GatewayRequest | undefined): void {
    const pool = this.#pools.get(channel.instance);
    if (pool === undefined) return;
    const lost = pool.lose(channel, id);
    if (id !== 0) this.observer?.onEnd(channel.instance, id);
    if (request !== undefined && !lost.failed.includes(request)) lost.failed.push(request);
    this.#settle(lost);
    pool.threads.ensureReader();
    if (pool.ended) this.#pools.delete(pool.instance);
    this.#noteDrained(pool);
    this.#events.onLoadChanged?.();
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
    const environ = request.restarts === 0 ? request.environ : retried(request);
    const id = pool.start(request, environ, now);
    this.observer?.onStart(pool.instance, id, request);
    if (pool.unsent) return;
    pool.unsent = true;
    if (this.#unsent.push(pool) === 1) this.#clock.afterRound(this.#flush);
  }

  #sendBatches(): void {
    const pools = this.#unsent;
    this.#unsent = [];
    const now = this.#clock.now();
    for (const shape of this.connectionShapes.takeUnused()) {
      for (const pool of this.#pools.values()) pool.forgetShape(shape);
    }
    for (const pool of pools) {
      pool.threads.look(now);
      pool.flush();
      pool.threads.relieve(now);
      pool.threads.ensureReader();
    }
    if (!this.#watching) this.#lookForStalls();
  }

  #lookForStalls(): void {
    const now = this.#clock.now();
    this.#watching = false;
    for (const { threads } of this.#pools.values()) {
      if (!threads.watched) continue;
      threads.look(now);
      threads.relieve(now);
      this.#watching ||= threads.watched;
    }
    if (this.#watching) this.#clock.after(STALL_MS, this.#watch);
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const pool = this.#freest();
      if (pool === undefined) return;
      this.#start(pool, this.#waiting.takeFirst()!);
    }
  }

  /** Answers a request that has waited too long. */
  #expire(request: GatewayRequest, status: number, reason: string): void {
    if (this.#waiting.remove(request)) request.onAbort(status, reason);
  }

  /** Requests that a process can't serve any more: it died, or the thread left in the middle of it. */
  #settle({ unseen, failed }: LostRequests): void {
    for (const request of unseen.reverse()) this.#putBack(request);
    for (const request of failed) request.onAbort(500);
    this.#dispatch();
  }

  /** Puts a request before all that wait, which came after it. */
  #putBack(request: GatewayRequest): void {
    request.onReturned();
    if (this.#refusal !== undefined) return request.onAbort(this.#refusal);
    this.#waiting.putFirst(request);
  }

  #noteDrained(pool: Pool): void {
    if (pool.accepting || pool.retired || pool.running > 0) return;
    this.#events.onDrained(pool.instance);
  }

  #noteUnserved(): void {
    for (const pool of this.#pools.values()) if (pool.accepting) return;
    this.#unservedSince ??= this.#clock.now();
  }
}

/** The environ text of a request that another process gave back. */
function retried({ environ, shape, restarts }: GatewayRequest): string {
  const pairs = shape === undefined ? environ : pairsOf(shape, environ);
  return `${pairs}\0mod_wsgi.daemon_connects\0${restarts + 1}` +
    `\0mod_wsgi.daemon_restarts\0${restarts}`;
}
