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
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteUser: string;
  /** Name of the server. */
  readonly serverName: string;
  /** The name that the client gave it, if it did. */
  readonly hostName: string;
  /** First line of the request as sent. */
  readonly requestLine: string;
  /** Decoded, normalised path; undefined where the request could not be understood. */
  readonly path: string | undefined;
  /** SCRIPT_FILENAME. */
  readonly filename: string | undefined;
  /** `mod_wsgi.request_id`; empty where no application was to get the request. */
  readonly requestId: string;
  /** How many requests came before on the connection. */
  readonly requestsBefore: number;
  /** Bytes of head and body received. */
  readonly receivedBytes: number;
  /** 0 where no response was begun. */
  readonly status: number;
  /** Bytes of the response without its head. */
  readonly bodyBytes: number;
  /** Bytes sent, with heads. */
  readonly sentBytes: number;
  /** `+` where the connection is kept, `-` where it ends, `X` where it was lost before the response was complete. */
  readonly connectionEnd: string;
  /** Milliseconds from the request's head to the end of the response. */
  readonly duration: number;
  /** Value of a request header, by its lower-case name. */
  requestHeader(name: string): string | undefined;
  /** The same of the response, as sent. */
  responseHeader(name: string): string | undefined;
}

/** Named formats (https://httpd.apache.org/docs/2.4/logs.html). */
const NAMED: Record<string, string> = {
  common: '%h %l %u %t "%r" %>s %b',
  combined: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"',
};

type Part = (record: AccessRecord) => string;

const localPort: Part = (record) => String(record.localPort);

const DIRECTIVES: Record<string, Part> = {
  "%": () => "%",
  A: (record) => record.localAddress,
  a: (record) => record.remoteAddress,
  h: (record) => record.remoteAddress,
  l: () => "-",
  v: (record) => escaped(record.serverName),
  V: (record) => escaped(record.hostName),
  p: localPort,
  u: (record) => record.remoteUser || "-",
  // When the request came.
  t: (record) => `[${accessTime(Date.now() - record.duration)}]`,
  r: (record) => escaped(record.requestLine),
  m: (record) => escaped(record.requestLine.split(" ")[0] ?? "-"),
  U: (record) => escaped(record.path ?? (record.requestLine.split(" ")[1] ?? "-").split("?")[0]!),
  q: (record) => escaped(/\?[^ ]*/.exec(record.requestLine)?.[0] ?? ""),
  H: (record) => escaped(record.requestLine.split(" ")[2] ?? "-"),
  // None where the client left before its response began.
  s: (record) => record.status === 0 ? "-" : String(record.status),
  b: (record) => record.bodyBytes === 0 ? "-" : String(record.bodyBytes),
  B: (record) => String(record.bodyBytes),
  O: (record) => String(record.sentBytes),
  I: (record) => String(record.receivedBytes),
  f: (record) => escaped(record.filename ?? "-"),
  k: (record) => String(record.requestsBefore),
  L: (record) => record.requestId || "-",
  X: (record) => record.connectionEnd,
  D: (record) => String(Math.round(record.duration * 1000)),
  T: (record) => String(Math.floor(record.duration / 1000)),
  P: () => String(Deno.pid),
};

/** Directives with an argument in braces; undefined where they don't know it. */
const WITH_ARGUMENT: Record<string, (argument: string) => Part | undefined> = {
  i(argument) {
    const name = argument.toLowerCase();
    return (record) => escaped(record.requestHeader(name) ?? "-");
  },
  o(argument) {
    const name = argument.toLowerCase();
    return (record) => escaped(record.responseHeader(name) ?? "-");
  },
  p: (argument) => PORTS.get(argument),
  T(argument) {
    const unit = UNITS.get(argument);
    if (unit === undefined) return undefined;
    return (record) => String(Math.floor(record.duration / unit));
  },
};

const PORTS = new Map<string, Part>([
  ["canonical", localPort],
  ["local", localPort],
  ["remote", (record) => String(record.remotePort)],
]);

/** Milliseconds of each unit of `%{UNIT}T`. */
const UNITS = new Map([["s", 1000], ["ms", 1], ["us", 1 / 1000]]);

/** What mod_log_config writes for a backslash and the letter. */
const ESCAPES: Record<string, string> = { "\\": "\\", n: "\n", r: "\r", t: "\t" };

const KNOWN = Object.keys(DIRECTIVES).map((each) => `%${each}`).join(" ") +
  " %{Name}i %{Name}o %{local}p %{remote}p %{s}T %{ms}T %{us}T";

// A percent sign that begins no directive matches too, and is refused.
const DIRECTIVE = /%((?:[!<>,\d]|\{[^}]*\})*)(\^..|[a-zA-Z%])?|\\([\\nrt])/g;

/**
 * Makes a function that writes a line by `format`: `common`, `combined` or a format string of mod_log_config with the
 * directives `%a %A %h %l %u %t %r %m %U %q %H %s %b %B %O %I %D %T %P %v %V %p %f %k %L %X %{Name}i %{Name}o %{END}p
 * %{UNIT}T %%` and its modifiers: `%400,501{Name}i` is a dash unless the status is one of these, `%!200{Name}i` where it
 * is; `<` and `>` are one request here.
 *
 * @throws {ConfigurationError} at a directive that is not known.
 */
export function accessFormatter(format: string): (record: AccessRecord) => string {
  const source = NAMED[format] ?? format;
  const parts: (string | Part)[] = [];
  let at = 0;
  for (const match of source.matchAll(DIRECTIVE)) {
    parts.push(source.slice(at, match.index));
    at = match.index + match[0].length;
    const [, modifiers, name, escape] = match;
    const part = escape === undefined ? directive(modifiers!, name) : ESCAPES[escape];
    if (part === undefined) {
      throw new ConfigurationError(
        `--access-log-format "${format}": the directive "${match[0]}" is not known; ` +
          `known are ${KNOWN}, with < > ! and statuses behind the percent sign`,
      );
    }
    parts.push(part);
  }
  parts.push(source.slice(at));
  return (record) =>
    parts.map((part) => typeof part === "string" ? part : part(record)).join("") + "\n";
}

/** The part of a line for a directive, such as `!200,304{Referer}` and `i`; undefined where it is not known. */
function directive(modifiers: string, name = ""): Part | undefined {
  const argument = /\{(.*)\}/.exec(modifiers)?.[1];
  const part = argument === undefined ? DIRECTIVES[name] : WITH_ARGUMENT[name]?.(argument);
  const conditions = modifiers.replace(/\{.*\}/, "");
  const statuses = conditions.match(/\d+/g)?.map(Number);
  if (part === undefined || statuses === undefined) return part;
  const excluded = conditions.includes("!");
  return (record) => statuses.includes(record.status) === excluded ? "-" : part(record);
}

/** Flushed when the collected lines are longer than this. */
const FLUSH_SIZE = 32 * 1024;

/** An access log that collects lines. `flush` is to be called a few times a second, and at the end. */
export class AccessLog {
  /** Whether its lines tell of headers of the response. */
  readonly wantsResponseHeaders: boolean;
  #sink: LogSink;
  #format: (record: AccessRecord) => string;
  #encoder = new TextEncoder();
  #text = "";

  constructor(sink: LogSink, format: string) {
    this.#sink = sink;
    this.#format = accessFormatter(format);
    this.wantsResponseHeaders = [...format.matchAll(DIRECTIVE)].some(([, , name]) => name === "o");
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

/** The characters that Apache writes by a letter. */
const LETTERS: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** Quotes, backslashes and bytes outside printable ASCII as Apache writes them: `\"`, `\\`, `\n`, `\xhh`. */
function escaped(text: string): string {
  return text.replace(
    // deno-lint-ignore no-control-regex
    /["\\\x00-\x1f\x7f-\xff]/g,
    (character) =>
      LETTERS[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
