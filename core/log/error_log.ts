/**
 * The error log: one line a record, in the shape of Apache's.
 *
 * Application processes write their records themselves (`core/python/log.py`), to the same file or terminal. A record is
 * written with one call on a file opened for appending, so records of several processes never mix.
 *
 * @module
 */
import { WallClock } from "../wall_clock.ts";
import { isLogged, type LogLevelName } from "./levels.ts";

/** Where records go. */
export interface LogSink {
  writeSync(bytes: Uint8Array): number;
}

/** Context of a record. */
export interface RecordContext {
  /** `address:port` of the client. */
  readonly client?: string;
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * A record's text: `[Mon Nov 23 09:42:51.123668 2026] [wsgi:error] [pid 7311:tid 7311] [remote 127.0.0.1:46866] message`.
 *
 * @param time milliseconds since the epoch; fractions give the microseconds.
 */
export function formatRecord(
  time: number,
  level: LogLevelName,
  pid: number,
  message: string,
  context: RecordContext = {},
): string {
  const remote = context.client === undefined ? "" : ` [remote ${context.client}]`;
  return `[${recordTime(time)}] [wsgi:${level}] [pid ${pid}:tid ${pid}]${remote} ${message}\n`;
}

/** `Mon Nov 23 09:42:51.123668 2026`, local time. */
export function recordTime(time: number): string {
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, "0");
  const micros = String(Math.floor((time - Math.floor(time / 1000) * 1000) * 1000)).padStart(
    6,
    "0",
  );
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${micros} ` +
    `${date.getFullYear()}`;
}

/** The error log of this process. */
export class ErrorLog {
  #sink: LogSink;
  #level: LogLevelName;
  #encoder = new TextEncoder();
  #clock = new WallClock();

  constructor(sink: LogSink, level: LogLevelName) {
    this.#sink = sink;
    this.#level = level;
  }

  /** Writes a record, a line for each line of `message`, where the log's level includes `level`. */
  write(level: LogLevelName, message: string, context?: RecordContext): void {
    if (!isLogged(level, this.#level)) return;
    this.#clock.follow();
    const now = this.#clock.at(performance.now());
    const text = message.split("\n").map((line) =>
      formatRecord(now, level, Deno.pid, line, context)
    ).join("");
    const bytes = this.#encoder.encode(text);
    try {
      for (let at = 0; at < bytes.length;) at += this.#sink.writeSync(bytes.subarray(at));
    } catch {
      // A full disk or a closed terminal must not end the server, and there is nowhere left to say it.
    }
  }
}
