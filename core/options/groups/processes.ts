/** Processes, threads, and how many connections the front takes. */

import { choice, flag, fraction, integer, list, string } from "../option.ts";

const NO_POOL = "one event loop serves all connections, so there is no pool of workers to size";

/** Options of the group "Processes and threads". */
export const processes = {
  processes: integer("--processes", "NUMBER", {
    modes: ["daemon", "embedded"],
    minimum: 1,
    defaultText: "1",
    since: "4.1.0",
    text: "Number of application processes. Giving it, even as 1, sets wsgi.multiprocess.",
  }),
  threads: integer("--threads", "NUMBER", {
    modes: ["daemon", "embedded"],
    default: 5,
    minimum: 1,
    since: "4.1.0",
    text: "Number of request threads in each application process.",
  }),
  embeddedMode: flag("--embedded-mode", {
    since: "4.8.0",
    text: "Run the application inside the processes that accept the connections: exactly " +
      "--processes of them with --threads each. Switches reloading off.",
  }),
  serverMpm: list(choice("--server-mpm", "NAME", ["event", "worker", "prefork"], {
    platform: "unix",
    onWindows: "there are no Apache modules to choose from, and embedded mode is one process",
    since: "4.4.1",
    text:
      "The preferred arrangement of processes and threads in embedded mode; the first one given " +
      "counts. prefork makes processes x threads processes of one thread; event needs " +
      "at least three threads per process.",
    note: "there are no Apache modules to choose from; without --embedded-mode it changes nothing",
  })),
  maxClients: integer("--max-clients", "NUMBER", {
    modes: ["daemon"],
    minimum: 1,
    defaultText: "10 + the larger of 10 and 1.5 x processes x threads",
    since: "4.1.0",
    text: "Most client connections at a time; never fewer than processes x threads.",
    note: "a limit on open connections",
  }),
  initialWorkers: fraction("--initial-workers", "NUMBER", {
    platform: "unix",
    effect: "not-applicable",
    since: "4.2.0",
    text: "Fraction, from 0 to 1, of the front's workers started at once.",
    note: NO_POOL,
  }),
  minimumSpareWorkers: fraction("--minimum-spare-workers", "NUMBER", {
    platform: "unix",
    effect: "not-applicable",
    since: "4.2.0",
    text: "Fraction, from 0 to 1, of the front's workers to keep idle.",
    note: NO_POOL,
  }),
  maximumSpareWorkers: fraction("--maximum-spare-workers", "NUMBER", {
    platform: "unix",
    effect: "not-applicable",
    since: "4.2.0",
    text: "Fraction, from 0 to 1, of the front's workers that may be idle.",
    note: NO_POOL,
  }),
  serverBacklog: integer("--server-backlog", "NUMBER", {
    default: 500,
    minimum: 0,
    since: "4.1.0",
    text: "Connections the system holds until the server accepts them.",
  }),
  daemonBacklog: integer("--daemon-backlog", "NUMBER", {
    modes: ["daemon", "debug"],
    default: 100,
    minimum: 0,
    since: "4.1.0",
    text: "Requests that may wait for a free thread; when it is full, a request waits up to " +
      "--connect-timeout for a place.",
    note: "the length of the server's own queue",
  }),
  processGroup: string("--process-group", "NAME", {
    modes: ["daemon"],
    since: "6.0.0",
    defaultText: "HOST:PORT",
    text: "Name of the process group, seen as mod_wsgi.process_group.",
  }),
  applicationGroup: string("--application-group", "NAME", {
    since: "6.0.0",
    default: "%{GLOBAL}",
    text: "Name of the Python interpreter that the application runs in: %{GLOBAL} for the main " +
      "one, any other name for a sub-interpreter.",
  }),
  applicationGroupGil: choice("--application-group-gil", "KIND", ["shared", "own"], {
    default: "shared",
    text: "With --application-group: whether the sub-interpreter shares the global interpreter " +
      "lock of the main one, or has its own. Its own needs CPython 3.12 or later, and extension " +
      "modules that can be loaded there; one that can't is named in the error log.",
  }),
};
