/** Logs. */

import { flag, integer, path, string } from "../option.ts";
import { readLogLevel } from "../log_level.ts";

/** Options of the group "Logging". */
export const logging = {
  logDirectory: path("--log-directory", "DIRECTORY-PATH", {
    defaultText: "the server root",
    since: "4.1.0",
    text: "Folder for log files; wins over --log-to-terminal.",
  }),
  logLevel: {
    ...string("--log-level", "NAME", {
      default: "warn",
      since: "4.1.0",
      text: "Least severe level that is logged: emerg, alert, crit, error, warn, notice, info, " +
        "debug, trace1 to trace8. A level for a part of the server may follow: 'warn wsgi:info'.",
    }),
    read: ([word]: readonly string[]) => (readLogLevel(word!), word!),
  },
  accessLog: flag("--access-log", { since: "4.1.0", text: "Log each request." }),
  startupLog: flag("--startup-log", {
    platform: "unix",
    effect: "none-yet",
    since: "4.1.0",
    text: "Log the time before the error log is open to a file of its own.",
  }),
  verboseDebugging: flag("--verbose-debugging", {
    hidden: true,
    effect: "none-yet",
    since: "4.5.2",
    text: "Log much about what happens inside the server.",
  }),
  logToTerminal: flag("--log-to-terminal", {
    defaultText: "on a terminal",
    since: "4.4.0",
    text: "Send the error log to stderr and the access log to stdout.",
  }),
  accessLogFormat: string("--access-log-format", "FORMAT", {
    default: "common",
    since: "4.4.0",
    text: "Format of the access log: common, combined, or a string of % directives.",
  }),
  errorLogFormat: string("--error-log-format", "FORMAT", {
    effect: "none-yet",
    since: "4.5.4",
    text: "Format of the error log.",
  }),
  errorLogName: string("--error-log-name", "FILE-NAME", {
    default: "error_log",
    since: "4.4.8",
    text: "Name of the error log file.",
  }),
  accessLogName: string("--access-log-name", "FILE-NAME", {
    default: "access_log",
    since: "4.4.8",
    text: "Name of the access log file.",
  }),
  startupLogName: string("--startup-log-name", "FILE-NAME", {
    default: "startup_log",
    platform: "unix",
    effect: "none-yet",
    since: "4.4.8",
    text: "Name of the startup log file.",
  }),
  rotateLogs: flag("--rotate-logs", {
    platform: "unix",
    effect: "none-yet",
    since: "4.3.0",
    text: "Start a new log file when one is full.",
  }),
  maxLogSize: integer("--max-log-size", "MB", {
    default: 5,
    minimum: 1,
    platform: "unix",
    effect: "none-yet",
    since: "4.3.0",
    text: "Size at which a log file is full, in megabytes.",
  }),
  rotatelogsExecutable: path("--rotatelogs-executable", "FILE-PATH", {
    platform: "unix",
    effect: "not-applicable",
    since: "4.3.0",
    text: "The program that rotates logs.",
    note: "no other program is needed for that",
  }),
};
