/**
 * Who serves what, as Apache's scoreboard tells it: what `mod_wsgi.server_metrics()` gives to an application.
 *
 * One process here is an application process, one worker is one of the requests it can serve at a time. In daemon mode
 * the gateway tells what they do; in embedded mode each process writes it into a file (`scoreboard_file.ts`).
 *
 * @module
 */
import type { GatewayRequest } from "./request.ts";
import { UNUSED_WORKER, type WorkerRecord, WorkerRecords } from "./worker_records.ts";

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

/** Where the records of processes come from that the gateway of this process does not serve. */
export interface RecordSource {
  /** The workers of a process that have had a request, by their number. */
  read(instance: number): readonly WorkerRecord[];
  /** The process is gone. */
  remove(instance: number): void;
}

/** The scoreboard of a server. */
export class Scoreboard implements GatewayObserver {
  #processes: number;
  #threads: number;
  #source: RecordSource | undefined;
  #now: () => number;
  #records = new Map<number, WorkerRecords>();
  #generations = new Map<number, number>();
  #generation = 0;
  #restarted: number;

  /**
   * @param processes how many there are to be.
   * @param threads of each.
   * @param source undefined where `onStart` and `onEnd` tell of all requests.
   * @param now milliseconds since the epoch.
   */
  constructor(
    processes: number,
    threads: number,
    source?: RecordSource,
    now: () => number = Date.now,
  ) {
    this.#processes = processes;
    this.#threads = threads;
    this.#source = source;
    this.#now = now;
    this.#restarted = now();
  }

  /** All processes are being replaced: a new generation begins. */
  restart(): void {
    this.#generation++;
    this.#restarted = this.#now();
  }

  /** A process of this instance number is started. */
  announce(instance: number): void {
    this.#generations.set(instance, this.#generation);
    this.#records.set(instance, new WorkerRecords(this.#now));
  }

  onStart(instance: number, id: number, request: GatewayRequest): void {
    this.#records.get(instance)?.start(id, request);
  }

  onEnd(instance: number, id: number): void {
    this.#records.get(instance)?.end(id);
  }

  onGone(instance: number): void {
    this.#records.delete(instance);
    this.#generations.delete(instance);
    this.#source?.remove(instance);
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
    const records = this.#source?.read(instance) ?? this.#records.get(instance)?.records ?? [];
    const generation = this.#generations.get(instance) ?? this.#generation;
    const idle = phase === "starting" ? "S" : quiescing ? "G" : "_";
    return {
      process_num: slot,
      pid,
      generation,
      quiescing,
      workers: Array.from({ length: this.#threads }, (_, index): WorkerMetrics => {
        const record = records[index] ?? UNUSED_WORKER;
        const { accesses, bytes, started, stopped, client, request, vhost } = record;
        return {
          thread_num: index,
          generation,
          status: record.busy ? quiescing ? "G" : "W" : idle,
          access_count: accesses,
          bytes_served: bytes,
          start_time: started / 1000,
          stop_time: stopped / 1000,
          last_used: Math.max(started, stopped) / 1000,
          client,
          request,
          vhost,
        };
      }),
    };
  }
}
