/** Clients that keep a server busy while a test does something to it, and remember every failure. */

import { DeadlineError, ORDINARY_DEADLINE, within } from "./deadline.ts";
import { Connection, requestBytes, type Response } from "./http_client.ts";

/** What the clients of a {@link Load} saw. */
export interface LoadResult {
  /** Responses with status 200. */
  answered: number;
  /** What went wrong, in words. */
  failures: string[];
  /** Distinct bodies and how often each came. */
  bodies: Map<string, number>;
}

/** Clients that ask for one path again and again, each on connections of its own. */
export class Load implements AsyncDisposable {
  #stopping = false;
  #clients: Promise<void>[];
  #result: LoadResult = { answered: 0, failures: [], bodies: new Map() };

  /**
   * @param keepAlive Whether a client keeps its connection. A connection that the server closes between
   * two requests is opened again; only a request that got no whole response counts as failure.
   */
  constructor(readonly url: string, readonly path: string, clients: number, keepAlive = false) {
    this.#clients = Array.from({ length: clients }, () => this.#client(keepAlive));
  }

  /** Responses so far. */
  get answered(): number {
    return this.#result.answered;
  }

  /** Failures so far. */
  get failures(): readonly string[] {
    return this.#result.failures;
  }

  /** Lets every client finish its request. */
  async stop(): Promise<LoadResult> {
    this.#stopping = true;
    await Promise.all(this.#clients);
    return this.#result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #client(keepAlive: boolean): Promise<void> {
    let connection: Connection | undefined;
    try {
      while (!this.#stopping) {
        const fresh = connection === undefined;
        let response: Response | undefined;
        try {
          connection ??= await within(Connection.open(this.url), ORDINARY_DEADLINE, "connection");
          await connection.send(requestBytes(this.url, this.path, { keepAlive }));
          response = await within(connection.readResponse(), ORDINARY_DEADLINE, "response");
        } catch (error) {
          if (fresh || error instanceof DeadlineError) this.#fail(String(error));
        }
        if (response === undefined) {
          // A kept connection may have been closed by the server before our request came.
          if (fresh && this.#result.failures.length === 0) this.#fail("closed without a response");
          connection?.close();
          connection = undefined;
          continue;
        }
        if (response.status === 200 && response.complete) {
          this.#result.answered += 1;
          const { bodies } = this.#result;
          bodies.set(response.text, (bodies.get(response.text) ?? 0) + 1);
        } else {
          this.#fail(`${response.statusLine}${response.complete ? "" : " (truncated)"}`);
        }
        if (!keepAlive || response.header("connection")?.toLowerCase() === "close") {
          connection?.close();
          connection = undefined;
        }
      }
    } finally {
      connection?.close();
    }
  }

  #fail(text: string): void {
    this.#result.failures.push(text);
  }
}
