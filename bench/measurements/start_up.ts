/** The time from the command to the first response of status 200. */

import type { Measurement } from "../measurement.ts";
import { withServer } from "../server_process.ts";

/** Starts and stops the server; `app` is asked at `path` every millisecond until it answers. */
export function startUp(app: string, path: string): Measurement {
  return {
    metrics: [{
      key: "startMs",
      label: "first 200 ms",
      digits: 1,
      better: "lower",
      join: "median",
    }],
    run: (server, workspace) =>
      withServer(server, workspace, app, path, ({ startMs }) => Promise.resolve({ startMs })),
  };
}
