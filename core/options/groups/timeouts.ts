/** Time limits, and when a process is replaced. All times are whole seconds. */

import { integer, list, number, type OptionDetails, string } from "../option.ts";

type Timeout = OptionDetails & { readonly default: number };

const seconds = (flag: string, details: Timeout) =>
  integer(flag, "SECONDS", { minimum: 0, ...details });

/** Options of the group "Timeouts and recycling". */
export const timeouts = {
  startupTimeout: seconds("--startup-timeout", {
    modes: ["daemon"],
    default: 15,
    since: "4.5.6",
    text: "A process whose application has not loaded this long after the first request for it " +
      "is replaced. 0 is no limit.",
    note: "counts while a request waits; stacks are logged, and the process is killed",
  }),
  requestTimeout: seconds("--request-timeout", {
    modes: ["daemon"],
    default: 60,
    since: "4.1.0",
    text: "How long requests may run before their process is replaced, after the stacks of its " +
      "threads were logged. 0 is no limit.",
    note: "the oldest request counts, against the limit x (1 + ln threads), as since 6.0",
  }),
  interruptTimeout: seconds("--interrupt-timeout", {
    modes: ["daemon"],
    default: 0,
    since: "6.0.0",
    text: "On a request timeout, first interrupt the stuck request alone and answer it with 504; " +
      "the process is replaced if that has not helped after this many seconds. 0 is off.",
  }),
  queueTimeout: seconds("--queue-timeout", {
    modes: ["daemon"],
    default: 45,
    since: "4.1.0",
    text: "A request that waited longer than this for a thread is answered with 504 and the " +
      "application is not called. 0 is no limit.",
  }),
  connectTimeout: seconds("--connect-timeout", {
    modes: ["daemon"],
    default: 15,
    since: "4.1.0",
    text: "How long to try to hand a request to a process, before it is answered with 503.",
  }),
  socketTimeout: seconds("--socket-timeout", {
    default: 60,
    since: "4.1.0",
    text: "How long a read or write on a socket may stand still.",
  }),
  deadlockTimeout: seconds("--deadlock-timeout", {
    modes: ["daemon"],
    default: 60,
    since: "4.1.0",
    text:
      "A process whose Python interpreter lock can't be had for this long is replaced. 0 is off.",
  }),
  inactivityTimeout: seconds("--inactivity-timeout", {
    modes: ["daemon"],
    default: 0,
    since: "4.1.0",
    text: "A process without a request and without activity for this long is replaced. 0 is off.",
    note: "a process that has served nothing yet stays",
  }),
  ignoreActivity: list(string("--ignore-activity", "URL-PATH", {
    modes: ["daemon"],
    since: "4.5.8",
    text: "URL path whose requests don't count as activity.",
  })),
  gracefulTimeout: seconds("--graceful-timeout", {
    default: 15,
    since: "4.1.0",
    text: "How long a process that is to be replaced may wait for its requests to end.",
  }),
  evictionTimeout: seconds("--eviction-timeout", {
    modes: ["daemon", "embedded"],
    default: 0,
    platform: "unix",
    onWindows: "there is no signal that asks one process to leave",
    since: "4.4.7",
    text: "The same for a process that a signal to itself replaces. 0 takes --graceful-timeout.",
  }),
  shutdownTimeout: seconds("--shutdown-timeout", {
    default: 5,
    since: "4.1.0",
    text: "How long the shutdown of a process may take, before it is ended by force.",
  }),
  restartInterval: seconds("--restart-interval", {
    modes: ["daemon"],
    default: 0,
    since: "4.5.12",
    text: "Age at which a process is replaced. 0 is off.",
  }),
  maximumRequests: integer("--maximum-requests", "NUMBER", {
    modes: ["daemon", "embedded"],
    default: 0,
    minimum: 0,
    since: "4.1.0",
    text: "Number of requests after which a process is replaced. 0 is off.",
    note: "with several processes, up to a tenth fewer in each, so that they don't leave together",
  }),
  cpuTimeLimit: seconds("--cpu-time-limit", {
    modes: ["daemon"],
    default: 0,
    platform: "unix",
    onWindows: "there is no limit that a process could react to",
    since: "4.6.0",
    text: "CPU time, in seconds, after which a process is replaced. 0 is off.",
    note: "a limit of the system; where it is refused, the error log says why",
  }),
  slowRequests: number("--slow-requests", "SECONDS", {
    minimum: 0,
    since: "6.0.0",
    text: "Report requests that run longer than this in the error log, once each. 0 is off.",
    note: "running requests are looked at about once a second, so one that ends before is not seen",
  }),
};
