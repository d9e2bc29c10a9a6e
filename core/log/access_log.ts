/**
 * The access log: one line a request, by a format of Apache's mod_log_config.
 *
 * Lines are collected and written a few times a second, or when they have become many.
 *
 * @module
 */
import { ConfigurationError } from "../errors.ts";
import type { LogSink } from "./error_log.ts";

/** What a line can tell of a request. */
export interface AccessRecord {
  readonly remoteAddress: string;
  readonly remoteUser: string;
  /** First line of the request as sent. */
  readonly requestLine: string;
  /** 0 where no response was begun. */
  readonly status: number;
  /** Bytes of the response without its head. */
  readonly bodyBytes: number;
  /** Milliseconds from the request's head to the end of the response. */
  readonly duration: number;
  /** Value of a request header, by its lower-case name. */
  requestHeader(name: string): string | undefined;
}

/** Named formats (https://httpd.apache.org/docs/2.4/logs.html). */
const NAMED: Record<string, string> = {
  common: '%h %l %u %t "%r" %>s %b',
  combined: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"',
};

type Part = (record: AccessRecord) => string;

const DIRECTIVES: Record<string, Part> = {
  "%": () => "%",
  a: (record) => record.remoteAddress,
  h: (record) => record.remoteAddress,
  l: () => "-",
  u: (record) => record.remoteUser || "-",
  t: () => `[${accessTime(Date.now())}]`,
  r: (record) => escaped(record.requestLine),
  m: (record) => escaped(record.requestLine.split(" ")[0] ?? "-"),
  U: (record) => escaped((record.requestLine.split(" ")[1] ?? "-").split("?")[0]!),
  q: (record) => escaped(/\?[^ ]*/.exec(record.requestLine)?.[0] ?? ""),
  H: (record) => escaped(record.requestLine.split(" ")[2] ?? "-"),
  // None where the client left before its response began.
  s: (record) => record.status === 0 ? "-" : String(record.status),
  b: (record) => record.bodyBytes === 0 ? "-" : String(record.bodyBytes),
  B: (record) => String(record.bodyBytes),
  D: (record) => String(Math.round(record.duration * 1000)),
  T: (record) => String(Math.floor(record.duration / 1000)),
  P: () => String(Deno.pid),
};

/**
 * Makes a function that writes a line by `format`: `common`, `combined` or a format string with the directives
 * `%a %h %l %u %t %r %m %U %q %H %s %b %B %D %T %P %{Name}i %%`.
 *
 * @throws {ConfigurationError} at a directive that is not known.
 */
export function accessFormatter(format: string): (record: AccessRecord) => string {
  const source = NAMED[format] ?? format;
  const parts: (string | Part)[] = [];
  const pattern = /%([<>]?)(?:\{([^}]*)\})?([a-zA-Z%])/g;
  let at = 0;
  for (const match of source.matchAll(pattern)) {
    parts.push(source.slice(at, match.index));
    at = match.index + match[0].length;
    const [, , argument, letter] = match;
    if (letter === "i" && argument !== undefined) {
      const name = argument.toLowerCase();
      parts.push((record) => escaped(record.requestHeader(name) ?? "-"));
      continue;
    }
    const directive = argument === undefined ? DIRECTIVES[letter!] : undefined;
    if (directive === undefined) {
      throw new ConfigurationError(
        `--access-log-format "${format}": the directive "${match[0]}" is not known; ` +
          `known are ${Object.keys(DIRECTIVES).map((each) => `%${each}`).join(" ")} %{Name}i`,
      );
    }
    parts.push(directive);
  }
  parts.push(source.slice(at));
  return (record) =>
    parts.map((part) => typeof part === "string" ? part : part(record)).join("") + "\n";
}

/** Flushed when the collected lines are longer than this. */
const FLUSH_SIZE = 32 * 1024;

/** An access log that collects lines. `flush` is to be called a few times a second, and at the end. */
export class AccessLog {
  #sink: LogSink;
  #format: (record: AccessRecord) => string;
  #encoder = new TextEncoder();
  #text = "";

  constructor(sink: LogSink, format: string) {
    this.#sink = sink;
    this.#format = accessFormatter(format);
  }

  write(record: AccessRecord): void {
    this.#text += this.#format(record);
    if (this.#text.length > FLUSH_SIZE) this.flush();
  }

  flush(): void {
    if (this.#text === "") return;
    const bytes = this.#encoder.encode(this.#text);
    this.#text = "";
    try {
      for (let at = 0; at < bytes.length;) at += this.#sink.writeSync(bytes.subarray(at));
    } catch {
      // As in the error log: nothing is served better by ending here.
    }
  }
}

let lastSecond = -1;
let lastText = "";

/** `23/Nov/2026:09:43:10 +0000`, local time. */
export function accessTime(time: number): string {
  const second = Math.floor(time / 1000);
  if (second === lastSecond) return lastText;
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, "0");
  const offset = -date.getTimezoneOffset();
  const zone = (offset < 0 ? "-" : "+") + two(Math.floor(Math.abs(offset) / 60)) +
    two(Math.abs(offset) % 60);
  const month = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ")[date.getMonth()];
  lastSecond = second;
  lastText = `${two(date.getDate())}/${month}/${date.getFullYear()}:` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
  return lastText;
}

/** Quotes, backslashes and bytes outside printable ASCII as Apache writes them: `\"`, `\\`, `\xhh`. */
function escaped(text: string): string {
  return text.replace(
    // deno-lint-ignore no-control-regex
    /["\\\x00-\x1f\x7f-\xff]/g,
    (character) =>
      character === '"' || character === "\\"
        ? `\\${character}`
        : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
