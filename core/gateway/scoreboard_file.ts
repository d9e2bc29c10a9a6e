/**
 * The records of one process in a file: in embedded mode the process writes them, and the server reads them.
 *
 * A file, as Apache has a piece of shared memory, because a process can't be asked: with one thread it hears nothing
 * while a request runs, and a process that hangs is just the one to be looked at.
 *
 * A worker has `RECORD_SIZE` bytes, a JSON array and spaces. Reading may meet writing: a number that grows with each
 * write stands first and last, and where the two differ it is read again.
 *
 * @module
 */
import { readRegularFile } from "../../ffi/regular_file.ts";
import { processPath } from "../net/local_socket.ts";
import type { LocalAddress } from "../net/transport.ts";
import { removeQuietly } from "../remove_quietly.ts";
import type { GatewayRequest } from "./request.ts";
import type { GatewayObserver, RecordSource } from "./scoreboard.ts";
import { UNUSED_WORKER, type WorkerRecord, WorkerRecords } from "./worker_records.ts";

/** Divides the size of a page, so that no record lies on two. */
const RECORD_SIZE = 2048;
const SPACE = 0x20;
/** How often a record is read that was being written. */
const ATTEMPTS = 3;

/** What is in the file for a worker: the number of the write, its record, the number again. */
type Row = readonly [number, WorkerRecord, number];

/**
 * Path of the file of one process.
 *
 * @param gateway where the server listens for its processes.
 * @param root folder to take where that is no socket in a folder.
 */
export function scoreboardPath(gateway: LocalAddress, root: string, instance: number): string {
  const name = `scoreboard-${instance}`;
  return gateway.kind === "unix" ? processPath(gateway.path, name) : `${root}/${name}`;
}

/** The end of the process. */
export class ScoreboardWriter implements GatewayObserver {
  #file: Deno.FsFile;
  #records: WorkerRecords;
  #writes = 0;
  #buffer = new Uint8Array(RECORD_SIZE);
  #encoder = new TextEncoder();

  /** Makes the file, as the user of the process; only the owner may read it. */
  constructor(path: string, now: () => number = Date.now) {
    removeQuietly(path);
    this.#file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
    this.#records = new WorkerRecords(now);
  }

  onStart(_instance: number, id: number, request: GatewayRequest): void {
    this.#write(this.#records.start(id, request));
  }

  onEnd(_instance: number, id: number): void {
    this.#write(this.#records.end(id));
  }

  onGone(): void {}

  close(): void {
    this.#file.close();
  }

  #write(index: number): void {
    const record = this.#records.at(index);
    if (record === undefined) return;
    if (!this.#encode(record)) this.#encode({ ...record, request: "", vhost: "" });
    try {
      this.#file.seekSync(index * RECORD_SIZE, Deno.SeekMode.Start);
      this.#file.writeSync(this.#buffer);
    } catch {
      // A full disk is no reason not to serve.
    }
  }

  /** Returns whether there was room for all of it. */
  #encode(record: WorkerRecord): boolean {
    const number = ++this.#writes;
    const row: Row = [number, record, number];
    const text = JSON.stringify(row);
    const { read, written } = this.#encoder.encodeInto(text, this.#buffer);
    this.#buffer.fill(SPACE, written);
    return read === text.length;
  }
}

/** The end of the server. */
export class ScoreboardReader implements RecordSource {
  #pathOf: (instance: number) => string;
  /** The file and its folder are the process's, which may put there what it likes. */
  #mostBytes: number;

  /** @param most how many requests a process may have at a time. */
  constructor(pathOf: (instance: number) => string, most: number) {
    this.#pathOf = pathOf;
    this.#mostBytes = most * RECORD_SIZE;
  }

  read(instance: number): WorkerRecord[] {
    const path = this.#pathOf(instance);
    let bytes = this.#contents(path);
    return Array.from({ length: Math.floor(bytes.length / RECORD_SIZE) }, (_, index) => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const record = decode(bytes.subarray(index * RECORD_SIZE, (index + 1) * RECORD_SIZE));
        if (record !== undefined) return record;
        bytes = this.#contents(path);
      }
      return UNUSED_WORKER;
    });
  }

  remove(instance: number): void {
    removeQuietly(this.#pathOf(instance));
  }

  #contents(path: string): Uint8Array {
    return readRegularFile(path, this.#mostBytes) ?? new Uint8Array(0);
  }
}

/** Undefined for what was just being written. */
function decode(bytes: Uint8Array): WorkerRecord | undefined {
  try {
    const [number, record, again]: Row = JSON.parse(new TextDecoder().decode(bytes));
    return number === again ? record : undefined;
  } catch {
    return undefined;
  }
}
