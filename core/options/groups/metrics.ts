/** What the server tells about itself. */

import { flag } from "../option.ts";

/** Options of the group "Metrics and status". */
export const metrics = {
  serverMetrics: flag("--server-metrics", {
    since: "4.2.0",
    text: "Let mod_wsgi.server_metrics() return data to the application.",
  }),
  serverStatus: flag("--server-status", {
    effect: "none-yet",
    since: "4.1.0",
    text: "Serve a status page at /server-status to clients on this machine.",
  }),
};
