/** GET, POST, streamed responses and aborts at every stage, by clients that check every byte. */

import { createHash } from "node:crypto";
import { Connection, requestBytes } from "../blackbox/http_client.ts";
import { ABORTS } from "../blackbox/aborts.ts";

/** A request that got no right answer. */
export interface Failure {
  /** When it was begun and when it was known to have failed, by `performance.now()`. */
  readonly begin: number;
  /** When its connection was opened. */
  readonly opened: number;
  readonly end: number;
  readonly text: string;
}

const BODY = new Uint8Array(400_000).map((_, index) => (index * 7 + (index >> 9)) & 255);
const ABORT_STAGES = Object.values(ABORTS);

/** Clients that go on until {@link stop}; for `tests/apps/mixed.wsgi`. */
export class MixedLoad implements AsyncDisposable {
  /** Requests answered rightly. */
  answered = 0;
  /** Requests that the client gave up on purpose. */
  aborted = 0;
  readonly failures: Failure[] = [];
  #stopping = false;
  #clients: Promise<void>[];

  /** Of twelve clients two abort, of fewer than five none. */
  constructor(readonly url: string, clients: number) {
    const kinds = [this.#get, this.#post, this.#stream, this.#keepAlive, this.#abort, this.#get];
    this.#clients = Array.from(
      { length: clients },
      (_, index) => this.#repeat(kinds[index % kinds.length]!),
    );
  }

  /** Lets every client finish what it does. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#clients);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #repeat(work: () => Promise<void>): Promise<void> {
    while (!this.#stopping) {
      const begin = performance.now();
      try {
        await work.call(this);
      } catch (error) {
        this.failures.push({
          begin,
          opened: begin,
          end: performance.now(),
          text: String(error),
        });
      }
    }
  }

  async #get(): Promise<void> {
    using connection = await Connection.open(this.url);
    await connection.send(requestBytes(this.url, "/pid"));
    const response = await connection.readResponse();
    if (response?.status !== 200) throw new Error(`GET: ${response?.statusLine ?? "no response"}`);
    this.answered += 1;
  }

  async #post(): Promise<void> {
    const body = BODY.subarray(0, Math.floor(Math.random() * BODY.length));
    const sha256 = createHash("sha256").update(body).digest("hex");
    using connection = await Connection.open(this.url);
    await connection.send(requestBytes(this.url, "/digest", { method: "POST", body }));
    const response = await connection.readResponse();
    if (response?.status !== 200) throw new Error(`POST: ${response?.statusLine ?? "no response"}`);
    if (response.json.sha256 !== sha256) throw new Error("POST: the body arrived changed");
    this.answered += 1;
  }

  async #stream(): Promise<void> {
    const size = Math.floor(Math.random() * 2_000_000);
    using connection = await Connection.open(this.url);
    await connection.send(requestBytes(this.url, `/sized?size=${size}`));
    const response = await connection.readResponse();
    if (response?.status !== 200 || !response.complete) {
      throw new Error(`stream: ${response?.statusLine ?? "no response"}, cut`);
    }
    if (response.body.length !== size) throw new Error("stream: wrong length");
    for (let at = 0; at < size; at += 4099) {
      if (response.body[at] !== (at & 255)) throw new Error(`stream: byte ${at} is wrong`);
    }
    this.answered += 1;
  }

  /** Ten requests on one connection; each is counted by itself. */
  async #keepAlive(): Promise<void> {
    const opened = performance.now();
    using connection = await Connection.open(this.url);
    for (let number = 0; number < 10; number++) {
      const begin = performance.now();
      const options = { method: "POST", body: `number ${number}`, keepAlive: true };
      try {
        await connection.send(requestBytes(this.url, "/echo", options));
        const response = await connection.readResponse();
        if (response?.status !== 200) {
          throw new Error(`kept: ${response?.statusLine ?? "no response"}`);
        }
        if (response.text !== options.body) throw new Error("kept: another request's answer");
        this.answered += 1;
      } catch (error) {
        this.failures.push({ begin, opened, end: performance.now(), text: String(error) });
        return;
      }
    }
  }

  async #abort(): Promise<void> {
    const stage = ABORT_STAGES[Math.floor(Math.random() * ABORT_STAGES.length)]!;
    using connection = await Connection.open(this.url);
    try {
      await stage(connection, this);
    } catch {
      // The process was killed before the client left.
    }
    this.aborted += 1;
  }
}
