/** Latency where every server has the same to do. */

import type { Measurement } from "../measurement.ts";
import { withServer } from "../server_process.ts";
import { wrk } from "../wrk.ts";

/**
 * Sends `path` of the application `app` requests at a rate that each server can serve with ease.
 *
 * @param pauseMs what each of the 16 connections waits between a response and its next request, on the average.
 */
export function latency(app: string, path: string, pauseMs: number): Measurement {
  const milliseconds = { digits: 2, better: "lower", join: "median" } as const;
  return {
    metrics: [
      { key: "p99Ms", label: "p99 ms", ...milliseconds },
      { key: "p50Ms", label: "p50 ms", ...milliseconds },
      { key: "maxMs", label: "max ms", ...milliseconds },
      { key: "requestsPerSecond", label: "req/s", digits: 0, better: "higher", join: "median" },
      { key: "errors", label: "errors", digits: 0, better: "lower", join: "sum" },
    ],
    run: (server, workspace, { seconds, warmUp }) =>
      withServer(server, workspace, app, path, async ({ port }) => {
        // Without pauses, so that it is as warm as for its throughput.
        if (warmUp > 0) await wrk(port, path, warmUp);
        const { p99Ms, p50Ms, maxMs, requestsPerSecond, errors } = await wrk(
          port,
          path,
          seconds,
          pauseMs,
        );
        return { p99Ms, p50Ms, maxMs, requestsPerSecond, errors };
      }),
  };
}
