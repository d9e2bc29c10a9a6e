/** What idle keep-alive connections cost in memory, and what they take from the busy ones. */

import { readHead, requestHead, writeAll } from "../http_client.ts";
import type { Measurement } from "../measurement.ts";
import { privateKiB } from "../process_tree.ts";
import { withServer } from "../server_process.ts";
import { wrk } from "../wrk.ts";

/** Connections opened at the same time; more would only fill the server's backlog. */
const AT_ONCE = 20;

/** Throughput of 16 busy connections without, with and again without `count` idle ones. */
export function idleConnections(count: number): Measurement {
  return {
    metrics: [
      {
        key: "busyRatio",
        label: "busy with ÷ without",
        digits: 3,
        better: "higher",
        join: "median",
      },
      { key: "kibEach", label: "KiB each", digits: 1, better: "lower", join: "median" },
      { key: "without", label: "req/s without", digits: 0, better: "higher", join: "median" },
      { key: "with", label: "req/s with", digits: 0, better: "higher", join: "median" },
      { key: "p99WithMs", label: "p99 ms with", digits: 2, better: "lower", join: "median" },
      { key: "errors", label: "errors", digits: 0, better: "lower", join: "sum" },
      { key: "closed", label: "idle lost", digits: 0, better: "lower", join: "sum" },
    ],
    run: (server, workspace, { seconds, warmUp }) =>
      withServer(server, workspace, "hello", "/", async ({ pid, port }) => {
        if (warmUp > 0) await wrk(port, "/", warmUp);
        const first = await wrk(port, "/", seconds);
        const before = privateKiB(pid);
        const idle = await IdleConnections.open(port, count);
        const during = privateKiB(pid);
        const loaded = await wrk(port, "/", seconds);
        const closed = idle.closed;
        idle.close();
        const second = await wrk(port, "/", seconds);
        // Before and after, so that a drift of the machine's speed does not count.
        const without = (first.requestsPerSecond + second.requestsPerSecond) / 2;
        return {
          busyRatio: loaded.requestsPerSecond / without,
          kibEach: (during - before) / count,
          without,
          with: loaded.requestsPerSecond,
          p99WithMs: loaded.p99Ms,
          errors: first.errors + loaded.errors + second.errors,
          closed,
        };
      }),
  };
}

/** Connections that made one request each and are then kept open. */
class IdleConnections {
  /** How many the server has closed. */
  closed = 0;
  readonly #connections: Deno.Conn[] = [];

  static async open(port: number, count: number): Promise<IdleConnections> {
    const idle = new IdleConnections();
    const opener = async () => {
      while (idle.#connections.length < count) {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port });
        idle.#connections.push(connection);
        await idle.#use(connection);
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, opener));
    } catch (error) {
      idle.close();
      throw error;
    }
    return idle;
  }

  close(): void {
    for (const connection of this.#connections) {
      try {
        connection.close();
      } catch {
        // The server closed it first.
      }
    }
  }

  async #use(connection: Deno.Conn): Promise<void> {
    await writeAll(connection, requestHead("GET", "/"));
    const { status, headers, rest } = await readHead(connection);
    if (status !== 200) throw new Error(`an idle connection's request was answered ${status}`);
    const buffer = new Uint8Array(1024);
    for (let left = Number(headers.get("content-length")) - rest.length; left > 0;) {
      left -= await connection.read(buffer) ?? left;
    }
    connection.read(buffer).then((count) => {
      if (count === null) this.closed++;
    }, () => {
      // Closed from this side, at the end.
    });
  }
}
