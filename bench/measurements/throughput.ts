/** Requests per second, latency, CPU time and memory under load. */

import type { Measurement } from "../measurement.ts";
import { cpuSeconds, memory } from "../process_tree.ts";
import { withServer } from "../server_process.ts";
import { wrk } from "../wrk.ts";

/** Loads `path` of the application `app` with wrk. */
export function throughput(app: string, path: string): Measurement {
  return {
    metrics: [
      { key: "requestsPerSecond", label: "req/s", digits: 0, better: "higher", join: "median" },
      { key: "p50Ms", label: "p50 ms", digits: 2, better: "lower", join: "median" },
      { key: "p99Ms", label: "p99 ms", digits: 2, better: "lower", join: "median" },
      { key: "maxMs", label: "max ms", digits: 1, better: "lower", join: "median" },
      { key: "errors", label: "errors", digits: 0, better: "lower", join: "sum" },
      { key: "cpuMicroseconds", label: "CPU µs/req", digits: 1, better: "lower", join: "median" },
      { key: "privateMiB", label: "private MiB", digits: 1, better: "lower", join: "median" },
      {
        key: "anonymousMiB",
        label: "largest anon MiB",
        digits: 1,
        better: "lower",
        join: "median",
      },
    ],
    run: (server, workspace, { seconds, warmUp }) =>
      withServer(server, workspace, app, path, async ({ pid, port }) => {
        if (warmUp > 0) await wrk(port, path, warmUp);
        const before = cpuSeconds(pid);
        const load = await wrk(port, path, seconds);
        const used = cpuSeconds(pid) - before;
        const processes = memory(pid);
        return {
          requestsPerSecond: load.requestsPerSecond,
          p50Ms: load.p50Ms,
          p99Ms: load.p99Ms,
          maxMs: load.maxMs,
          errors: load.errors,
          cpuMicroseconds: used / load.requests * 1e6,
          privateMiB: processes.reduce((sum, each) => sum + each.privateKiB, 0) / 1024,
          anonymousMiB: Math.max(...processes.map((each) => each.anonymousKiB)) / 1024,
          processes: processes.length,
        };
      }),
  };
}
