/**
 * Levels of the error log, by the names of Apache (https://httpd.apache.org/docs/2.4/mod/core.html#loglevel).
 *
 * @module
 */

/** From the most severe to the most talkative. */
export const LOG_LEVELS = [
  "emerg",
  "alert",
  "crit",
  "error",
  "warn",
  "notice",
  "info",
  "debug",
  "trace1",
  "trace2",
  "trace3",
  "trace4",
  "trace5",
  "trace6",
  "trace7",
  "trace8",
] as const;

/** Name of a level. */
export type LogLevelName = typeof LOG_LEVELS[number];

/** Whether a record of `level` belongs into a log of `threshold`. Notices always do, as in Apache. */
export function isLogged(level: LogLevelName, threshold: LogLevelName): boolean {
  return level === "notice" || LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(threshold);
}
