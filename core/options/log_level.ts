/**
 * Levels of the error log, by the names of Apache
 * (https://httpd.apache.org/docs/2.4/mod/core.html#loglevel).
 *
 * @module
 */

import { LOG_LEVELS, type LogLevelName } from "../log/levels.ts";

/** A level for the whole server, and those of single parts. */
export interface LogLevel {
  readonly level: LogLevelName;
  /** Level by name of the part, such as `wsgi`. */
  readonly parts: Readonly<Record<string, LogLevelName>>;
}

/**
 * Reads `warn` or `warn wsgi:info`. Apache's module names (`wsgi_module`, `mod_wsgi.c`) count as `wsgi`.
 * Throws `RangeError` for a name that is no level.
 */
export function readLogLevel(text: string): LogLevel {
  let level: LogLevelName = "warn";
  const parts: Record<string, LogLevelName> = {};
  for (const word of text.trim().split(/\s+/)) {
    const colon = word.indexOf(":");
    const name = levelName(word.slice(colon + 1), text);
    if (colon < 0) level = name;
    else parts[word.slice(0, colon).toLowerCase().replace(/^mod_|_module$|\.c$/g, "")] = name;
  }
  return { level, parts };
}

function levelName(word: string, whole: string): LogLevelName {
  const wanted = word.toLowerCase();
  const found = LOG_LEVELS.find((name) => name === wanted);
  if (found !== undefined) return found;
  throw new RangeError(`invalid log level: '${whole}' (choose from ${LOG_LEVELS.join(", ")})`);
}
