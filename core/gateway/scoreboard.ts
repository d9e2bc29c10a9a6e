/**
 * Who serves what, as Apache's scoreboard tells it: what `mod_wsgi.server_metrics()` gives to an application.
 *
 * One process here is an application process, one worker is one of the requests it can serve at a time. A request takes
 * the first free worker of its process.
 *
 * @module
 */
import type { GatewayRequest, RequestDescription } from "./request.ts";

/** What is told of one worker. Times are seconds since the epoch, 0 where there is none. */
export interface WorkerMetrics {
  readonly thread_num: number;
  readonly generation: number;
  /** `W` serves a request, `_` waits for one, `S` starts, `G` finishes what it has before it ends. */
  readonly status: "W" | "_" | "S" | "G";
  readonly access_count: number;
  /** Body bytes of the responses. */
  readonly bytes_served: number;
  readonly start_time: number;
  readonly stop_time: number;
  readonly last_used: number;
  /** Address of the client. */
  readonly client: string;
  /** Request line. */
  readonly request: string;
  readonly vhost: string;
}

/** What is told of one process. */
export interface ProcessMetrics {
  readonly process_num: number;
  readonly pid: number;
  readonly generation: number;
  /** Whether it is on its way to its end. */
  readonly quiescing: boolean;
  readonly workers: readonly WorkerMetrics[];
}

/** What `mod_wsgi.server_metrics()` gives. */
export interface ServerMetrics {
  readonly server_limit: number;
  readonly thread_limit: number;
  readonly running_generation: number;
  readonly restart_time: number;
  readonly current_time: number;
  /** Whole seconds. */
  readonly running_time: number;
  readonly processes: readonly ProcessMetrics[];
}

/** What the supervisor knows of a process. */
export interface ProcessFacts {
  readonly instance: number;
  readonly slot: number;
  readonly pid: number;
  readonly phase: "starting" | "serving" | "draining" | "stopping" | "killed";
}

/** Told by the gateway what its processes do. */
export interface GatewayObserver {
  /** A process has the request from now on. */
  onStart(instance: number, id: number, request: GatewayRequest): void;
  /** It has it no more. */
  onEnd(instance: number, id: number): void;
  /** The process is gone. */
  onGone(instance: number): void;
}

interface Worker {
  id: number;
  request: GatewayRequest | undefined;
  shown: RequestDescription;
  accesses: number;
  bytes: number;
  started: number;
  stopped: number;
}

const NOTHING: RequestDescription = { client: "", request: "", vhost: "", bytes: 0 };

/** The scoreboard of a server. */
export class Scoreboard implements GatewayObserver {
  #processes: number;
  #threads: number;
  #now: () => number;
  #workers = new Map<number, Worker[]>();
  #generations = new Map<number, number>();
  #generation = 0;
  #restarted: number;

  /** @param now milliseconds since the epoch. */
  constructor(processes: number, threads: number, now: () => number = Date.now) {
    this.#processes = processes;
    this.#threads = threads;
    this.#now = now;
    this.#restarted = now();
  }

  /** All processes are being replaced: a new generation begins. */
  restart(): void {
    this.#generation++;
    this.#restarted = this.#now();
  }

  onStart(instance: number, id: number, request: GatewayRequest): void {
    const workers = this.#of(instance);
    const worker = workers.find((each) => each.request === undefined) ?? newWorker();
    if (!workers.includes(worker)) workers.push(worker);
    worker.id = id;
    worker.request = request;
    worker.shown = request.describe?.() ?? NOTHING;
    worker.started = this.#now();
    worker.stopped = 0;
  }

  onEnd(instance: number, id: number): void {
    const worker = this.#of(instance).find((each) => each.id === id && each.request !== undefined);
    if (worker === undefined) return;
    worker.shown = worker.request!.describe?.() ?? NOTHING;
    worker.accesses++;
    worker.bytes += worker.shown.bytes;
    worker.request = undefined;
    worker.stopped = this.#now();
  }

  onGone(instance: number): void {
    this.#workers.delete(instance);
    this.#generations.delete(instance);
  }

  /** What is so now. */
  metrics(processes: readonly ProcessFacts[]): ServerMetrics {
    const now = this.#now();
    return {
      server_limit: this.#processes,
      thread_limit: this.#threads,
      running_generation: this.#generation,
      restart_time: this.#restarted / 1000,
      current_time: now / 1000,
      running_time: Math.floor((now - this.#restarted) / 1000),
      processes: processes.map((facts) => this.#process(facts)),
    };
  }

  #process({ instance, slot, pid, phase }: ProcessFacts): ProcessMetrics {
    const quiescing = phase !== "starting" && phase !== "serving";
    const workers = this.#of(instance);
    const generation = this.#generations.get(instance)!;
    const idle = phase === "starting" ? "S" : quiescing ? "G" : "_";
    return {
      process_num: slot,
      pid,
      generation,
      quiescing,
      workers: Array.from({ length: this.#threads }, (_, index): WorkerMetrics => {
        const { request, shown, accesses, bytes, started, stopped } = workers[index] ?? newWorker();
        return {
          thread_num: index,
          generation,
          status: request !== undefined ? quiescing ? "G" : "W" : idle,
          access_count: accesses,
          bytes_served: bytes,
          start_time: started / 1000,
          stop_time: stopped / 1000,
          last_used: Math.max(started, stopped) / 1000,
          client: shown.client,
          request: shown.request,
          vhost: shown.vhost,
        };
      }),
    };
  }

  #of(instance: number): Worker[] {
    let workers = this.#workers.get(instance);
    if (workers === undefined) {
      workers = [];
      this.#workers.set(instance, workers);
      this.#generations.set(instance, this.#generation);
    }
    return workers;
  }
}

function newWorker(): Worker {
  return {
    id: 0,
    request: undefined,
    shown: NOTHING,
    accesses: 0,
    bytes: 0,
    started: 0,
    stopped: 0,
  };
}
