/**
 * The requests of one application process, seen from the gateway.
 *
 * @module
 */
import type { Channel } from "./channel.ts";
import type { EnvironShape } from "../wsgi/environ_shape.ts";
import type { GatewayRequest } from "./request.ts";
import { MOST_RUNNING, RunningRequests } from "./running_requests.ts";
import type { IsRunnable } from "./thread_use.ts";
import { STALL_MS, type ThreadWork, WorkerThreads } from "./worker_threads.ts";

/** Requests of sockets that are closed. */
export interface LostRequests {
  /** None of it was sent: another process may serve it. */
  readonly unseen: GatewayRequest[];
  /** The application may have begun with it. */
  readonly failed: GatewayRequest[];
}

/** The requests of one process, in numbers. */
export type ProcessWork = Pick<ThreadWork, "running" | "answered">;

/** One application process, seen from the gateway. */
export class Pool implements ThreadWork {
  readonly instance: number;
  accepting = false;
  /** The process is gone: only answers of it that are still to be read are waited for. */
  retired = false;
  /** Whether the trunk has requests in its batch. */
  unsent = false;
  answered = 0;
  progressAt = 0;
  trunk: Channel | undefined;
  readonly threads: WorkerThreads;
  /** Requests in the process; one whose client is gone is forgotten and keeps its number. */
  #requests = new RunningRequests();
  /** Numbers of those that are still in the trunk's batch. */
  #batch: number[] = [];
  /** What the process has been told of the names in environ texts. */
  #shapes = new Set<EnvironShape>();
  /** How many answers came shortly one after the other. */
  #quickAnswers = 0;
  #ahead: number;

  /** @param ahead how many more requests than threads it may have as long as it answers quickly. */
  constructor(instance: number, ahead: number, isRunnable: IsRunnable) {
    this.instance = instance;
    this.#ahead = ahead;
    this.threads = new WorkerThreads(this, isRunnable);
  }

  get running(): number {
    return this.#requests.size;
  }

  get handed(): number {
    return this.#requests.size - this.#batch.length;
  }

  /** How many more requests it may have: one for each thread, and some ahead. */
  get room(): number {
    if (this.trunk === undefined) return 0;
    const threads = this.threads.channels.size;
    // Threads that end long requests at the same moment look quick too.
    const most = threads + (this.#quickAnswers > threads ? this.#ahead : 0);
    return Math.min(most, MOST_RUNNING) - this.#requests.size;
  }

  add(channel: Channel): void {
    if (channel.thread === 0) this.trunk = channel;
    else this.threads.add(channel);
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
    if (this.#requests.size === 0) this.progressAt = now;
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
    this.#quickAnswers = now - this.progressAt >= STALL_MS ? 0 : this.#quickAnswers + 1;
    this.progressAt = now;
    this.answered++;
    return this.#requests.delete(id);
  }

  /** Forgets the request, if it is here; the process still has it. */
  abandon(request: GatewayRequest): boolean {
    return this.#requests.forget(request);
  }

  /** A socket is closed: the requests lost with it. */
  lose(channel: Channel, id: number): LostRequests {
    if (channel === this.trunk) return this.#loseUnbound();
    this.threads.remove(channel);
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
    for (const channel of [...this.threads.channels]) if (channel.id === 0) channel.close();
    return lost;
  }

  /**
   * Closes the channels of a process that is gone, but for those whose answer waits for a slow client: another process
   * that has inherited the socket, and would never close it, must not keep a request from its end.
   */
  closeForgotten(): void {
    for (const channel of [...this.threads.channels]) if (!channel.paused) channel.close();
  }

  /** Whether nothing is left of the process. */
  get ended(): boolean {
    return this.retired && this.threads.channels.size === 0;
  }

  /** Without its trunk, a process answers only what its threads are answering on their own channels. */
  #loseUnbound(): LostRequests {
    const lost: LostRequests = { unseen: [], failed: [] };
    const bound = new Set([...this.threads.channels].map((channel) => channel.id));
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
