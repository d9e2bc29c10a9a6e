/** Megabytes per second of one large request body, or one large streamed response body. */

import { countToEnd, readHead, readToEnd, requestHead, writeAll } from "../http_client.ts";
import type { Measurement, Metric } from "../measurement.ts";
import { cpuSeconds, privateKiB } from "../process_tree.ts";
import { withServer } from "../server_process.ts";

const MIB = 1 << 20;

const METRICS: readonly [Metric, ...Metric[]] = [
  { key: "megabytesPerSecond", label: "MB/s", digits: 0, better: "higher", join: "median" },
  { key: "transfers", label: "transfers", digits: 0, better: "higher", join: "median" },
  { key: "cpuSecondsPerGigabyte", label: "CPU s/GB", digits: 2, better: "lower", join: "median" },
  { key: "privateMiB", label: "private MiB after", digits: 1, better: "lower", join: "median" },
];

/** Sends a body of `size` MiB to `upload.py`, one request a connection, one after the other. */
export function upload(size: number): Measurement {
  const bytes = size * MIB;
  const chunk = new Uint8Array(MIB);
  return transfer("upload", "/", bytes, async (port) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    try {
      const headers = { "Content-Length": `${bytes}`, "Connection": "close" };
      const started = performance.now();
      await writeAll(connection, requestHead("POST", "/", headers));
      for (let piece = 0; piece < size; piece++) await writeAll(connection, chunk);
      const { status, rest } = await readHead(connection);
      const body = new TextDecoder().decode(
        new Uint8Array([...rest, ...await readToEnd(connection)]),
      );
      const seconds = (performance.now() - started) / 1000;
      if (status !== 200 || body !== `${bytes}`) {
        throw new Error(
          `the upload of ${bytes} bytes was answered ${status} ${body.slice(0, 200)}`,
        );
      }
      return seconds;
    } finally {
      connection.close();
    }
  });
}

/** Receives a body of `size` MiB from `download.py`, one request a connection, one after the other. */
export function download(size: number): Measurement {
  const bytes = size * MIB;
  return transfer("download", "/?size=16", bytes, async (port) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    try {
      const started = performance.now();
      await writeAll(connection, requestHead("GET", `/?size=${bytes}`, { Connection: "close" }));
      const { status, rest } = await readHead(connection);
      const received = rest.length + await countToEnd(connection);
      const seconds = (performance.now() - started) / 1000;
      if (status !== 200 || received !== bytes) {
        throw new Error(`the download of ${bytes} bytes gave ${received} with status ${status}`);
      }
      return seconds;
    } finally {
      connection.close();
    }
  });
}

/** Repeats `once` for the time of a round. It returns the seconds that one transfer took. */
function transfer(
  app: string,
  path: string,
  bytes: number,
  once: (port: number) => Promise<number>,
): Measurement {
  return {
    metrics: METRICS,
    run: (server, workspace, { seconds, warmUp }) =>
      withServer(server, workspace, app, path, async ({ pid, port }) => {
        if (warmUp > 0) await once(port);
        const before = cpuSeconds(pid);
        let spent = 0;
        let transfers = 0;
        while (spent < seconds) {
          spent += await once(port);
          transfers++;
        }
        const gigabytes = transfers * bytes / 1e9;
        return {
          megabytesPerSecond: gigabytes * 1000 / spent,
          transfers,
          cpuSecondsPerGigabyte: (cpuSeconds(pid) - before) / gigabytes,
          privateMiB: privateKiB(pid) / 1024,
        };
      }),
  };
}
