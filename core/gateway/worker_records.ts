/**
 * What the workers of one process have served and serve: the part of the scoreboard that follows requests.
 *
 * @module
 */
import type { GatewayRequest, RequestDescription } from "./request.ts";

/** More of a request line than this is not kept. */
export const REQUEST_LINE_LIMIT = 512;

/** What is known of one worker. Times are milliseconds since the epoch, 0 where there is none. */
export interface WorkerRecord {
  /** Whether it serves a request now. */
  readonly busy: boolean;
  /** Requests that it has served. */
  readonly accesses: number;
  /** Body bytes of their responses. */
  readonly bytes: number;
  /** When its last request began and ended. */
  readonly started: number;
  readonly stopped: number;
  /** Its last request: address of the client, request line, name and port of the site. */
  readonly client: string;
  readonly request: string;
  readonly vhost: string;
}

/** A worker that has served nothing. */
export const UNUSED_WORKER: WorkerRecord = {
  busy: false,
  accesses: 0,
  bytes: 0,
  started: 0,
  stopped: 0,
  client: "",
  request: "",
  vhost: "",
};

interface Worker {
  id: number;
  request: GatewayRequest | undefined;
  record: WorkerRecord;
}

/** The workers of one process. A request takes the first that is free. */
export class WorkerRecords {
  #now: () => number;
  #workers: Worker[] = [];

  /** @param now milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Those that have had a request. */
  get records(): WorkerRecord[] {
    return this.#workers.map(({ record }) => record);
  }

  /** The record of the worker of this index, if it has had a request. */
  at(index: number): WorkerRecord | undefined {
    return this.#workers[index]?.record;
  }

  /** A request begins. Returns the index of its worker. */
  start(id: number, request: GatewayRequest): number {
    let index = this.#workers.findIndex((each) => each.request === undefined);
    if (index < 0) index = this.#workers.push({ id, request, record: UNUSED_WORKER }) - 1;
    const worker = this.#workers[index]!;
    worker.id = id;
    worker.request = request;
    worker.record = {
      ...worker.record,
      ...shown(request.describe?.()),
      busy: true,
      started: this.#now(),
      stopped: 0,
    };
    return index;
  }

  /** A request has ended. Returns the index of its worker, or -1 where none had it. */
  end(id: number): number {
    const index = this.#workers.findIndex((each) => each.id === id && each.request !== undefined);
    if (index < 0) return index;
    const worker = this.#workers[index]!;
    const { record } = worker;
    const description = worker.request!.describe?.();
    worker.request = undefined;
    worker.record = {
      ...record,
      ...shown(description),
      busy: false,
      accesses: record.accesses + 1,
      bytes: record.bytes + (description?.bytes ?? 0),
      stopped: this.#now(),
    };
    return index;
  }
}

function shown(
  description: RequestDescription | undefined,
): Pick<WorkerRecord, "client" | "request" | "vhost"> {
  const { client = "", request = "", vhost = "" } = description ?? {};
  return { client, request: request.slice(0, REQUEST_LINE_LIMIT), vhost };
}
