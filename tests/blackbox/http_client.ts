/**
 * A small HTTP/1.1 client that hides nothing: bytes go out as they are given, responses come back
 * with their framing, so that a test can see a truncation, an interim response or a kept connection.
 */

import { Buffer } from "node:buffer";
import { DeadlineError, ORDINARY_DEADLINE, within } from "./deadline.ts";

/** How the end of a response body is known (RFC 9112 section 6.3). */
export type Framing = "none" | "length" | "chunked" | "close";

/** Status line and headers of a response. */
export class ResponseHead {
  readonly version: string;
  readonly status: number;
  readonly reason: string;

  /**
   * @param statusLine Without its line end.
   * @param headers Names as sent, values trimmed, in order.
   */
  constructor(readonly statusLine: string, readonly headers: [string, string][]) {
    const match = /^(HTTP\/\d\.\d) (\d{3})(?: (.*))?$/.exec(statusLine);
    if (match === null) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`);
    this.version = match[1]!;
    this.status = Number(match[2]);
    this.reason = match[3] ?? "";
  }

  /** Values of all headers of this name. */
  all(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.headers.filter(([given]) => given.toLowerCase() === wanted).map(([, v]) => v);
  }

  /** Value of the first header of this name. */
  header(name: string): string | undefined {
    return this.all(name)[0];
  }
}

/** A response read to its end. */
export class Response extends ResponseHead {
  /** Interim responses (1xx) that came before. */
  interim: ResponseHead[] = [];
  framing: Framing = "none";
  body: Uint8Array = new Uint8Array();
  /** False when the connection ended before the body did. */
  complete = true;

  /** The body as UTF-8. */
  get text(): string {
    return new TextDecoder().decode(this.body);
  }

  // deno-lint-ignore no-explicit-any
  get json(): any {
    return JSON.parse(this.text);
  }
}

/** Text to bytes, one byte a character. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** One client connection. */
export class Connection {
  #conn: Deno.Conn;
  #rest: Uint8Array = new Uint8Array();
  #ended = false;
  #closed = false;
  #framing: Framing = "none";
  #left = 0;

  /** Milliseconds that one read may take. */
  deadline = ORDINARY_DEADLINE;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Connects to the host and port of `url`. */
  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const conn = await Deno.connect({
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? 80 : Number(port),
    });
    conn.setNoDelay(true);
    return new Connection(conn);
  }

  /** Port of our end, as the server sees it. */
  get localPort(): number {
    return (this.#conn.localAddr as Deno.NetAddr).port;
  }

  /** Sends bytes (a text: one byte a character). Fails when the server has gone. */
  async send(data: string | Uint8Array, deadline = this.deadline): Promise<void> {
    const bytes = typeof data === "string" ? latin1(data) : data;
    const sending = (async () => {
      let sent = 0;
      while (sent < bytes.length) sent += await this.#conn.write(bytes.subarray(sent));
    })();
    await within(sending, deadline, "room to send", () => this.close());
  }

  /** Tells the server that nothing more comes. */
  async finishSending(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Closes at once; with unread data the server sees a reset. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #fill(): Promise<boolean> {
    if (this.#ended) return false;
    const buffer = new Uint8Array(65536);
    let count: number | null;
    try {
      count = await within(
        this.#conn.read(buffer),
        this.deadline,
        "data from the server",
        () => this.close(),
      );
    } catch (error) {
      if (error instanceof DeadlineError || this.#closed) throw error;
      count = null; // A reset ends a stream like an end does.
    }
    if (count === null) {
      this.#ended = true;
      return false;
    }
    if (this.#rest.length === 0) this.#rest = buffer.subarray(0, count);
    else {
      const joined = new Uint8Array(this.#rest.length + count);
      joined.set(this.#rest);
      joined.set(buffer.subarray(0, count), this.#rest.length);
      this.#rest = joined;
    }
    return true;
  }

  /** One line without its CRLF; undefined at the end of the stream. */
  async #line(): Promise<string | undefined> {
    while (true) {
      const end = this.#rest.indexOf(10);
      if (end >= 0) {
        const line = Buffer.from(this.#rest.subarray(0, end)).toString("latin1");
        this.#rest = this.#rest.subarray(end + 1);
        if (!line.endsWith("\r")) throw new Error(`line without CRLF: ${JSON.stringify(line)}`);
        return line.slice(0, -1);
      }
      if (!await this.#fill()) return undefined;
    }
  }

  /**
   * The next status line and headers; undefined when the connection ends instead.
   *
   * @param method Of the request this answers: a response to HEAD has no body.
   */
  async readHead(method = "GET"): Promise<ResponseHead | undefined> {
    const statusLine = await this.#line();
    if (statusLine === undefined) return undefined;
    const headers: [string, string][] = [];
    while (true) {
      const line = await this.#line();
      if (line === undefined) throw new Error("connection ended inside the headers");
      if (line === "") break;
      const colon = line.indexOf(":");
      if (colon < 1) throw new Error(`not a header: ${JSON.stringify(line)}`);
      headers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
    }
    const head = new ResponseHead(statusLine, headers);
    const length = head.header("content-length");
    if (method === "HEAD" || head.status < 200 || head.status === 204 || head.status === 304) {
      this.#framing = "none";
    } else if (head.header("transfer-encoding")?.toLowerCase() === "chunked") {
      this.#framing = "chunked";
      this.#left = -1;
    } else if (length !== undefined) {
      this.#framing = "length";
      this.#left = Number(length);
    } else {
      this.#framing = "close";
    }
    return head;
  }

  /** Framing of the response whose head was read last. */
  get framing(): Framing {
    return this.#framing;
  }

  /**
   * The next bytes of the body as they come; null at its end.
   *
   * @throws TruncatedError when the connection ends before the body does.
   */
  async readBodyPart(): Promise<Uint8Array | null> {
    if (this.#framing === "none") return null;
    if (this.#framing === "close") {
      if (this.#rest.length === 0 && !await this.#fill()) return null;
      return this.#take(this.#rest.length);
    }
    if (this.#framing === "chunked" && this.#left <= 0) {
      if (this.#left === 0 && await this.#line() !== "") throw new TruncatedError();
      const line = await this.#line();
      if (line === undefined) throw new TruncatedError();
      if (!/^[0-9a-fA-F]+$/.test(line)) throw new Error(`not a chunk size: ${line}`);
      this.#left = parseInt(line, 16);
      if (this.#left === 0) {
        while (true) {
          const trailer = await this.#line();
          if (trailer === undefined) throw new TruncatedError();
          if (trailer === "") break;
        }
        this.#framing = "none";
        return null;
      }
    }
    if (this.#left === 0) return null;
    if (this.#rest.length === 0 && !await this.#fill()) throw new TruncatedError();
    const part = this.#take(Math.min(this.#rest.length, this.#left));
    this.#left -= part.length;
    return part;
  }

  #take(count: number): Uint8Array {
    const part = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return part;
  }

  /** The next final response with its whole body; undefined when the connection ends instead. */
  async readResponse(method = "GET"): Promise<Response | undefined> {
    const interim: ResponseHead[] = [];
    while (true) {
      const head = await this.readHead(method);
      if (head === undefined) {
        if (interim.length > 0) throw new Error("connection ended after an interim response");
        return undefined;
      }
      if (head.status < 200) {
        interim.push(head);
        continue;
      }
      const response = new Response(head.statusLine, head.headers);
      response.interim = interim;
      response.framing = this.#framing;
      const parts: Uint8Array[] = [];
      try {
        for (let part; (part = await this.readBodyPart()) !== null;) parts.push(part);
      } catch (error) {
        if (!(error instanceof TruncatedError)) throw error;
        response.complete = false;
      }
      response.body = Uint8Array.from(Buffer.concat(parts));
      return response;
    }
  }

  /** Everything that comes until the server closes. */
  async readToEnd(): Promise<Uint8Array> {
    while (await this.#fill());
    return this.#take(this.#rest.length);
  }

  /** Waits until the server closes; fails when it sends something instead. */
  async waitForClose(deadline = this.deadline): Promise<void> {
    this.deadline = deadline;
    if (this.#rest.length > 0 || await this.#fill()) {
      throw new Error(`data instead of a close: ${Buffer.from(this.#rest).toString("latin1")}`);
    }
  }
}

/** The connection ended before the response did. */
export class TruncatedError extends Error {
  override readonly name = "TruncatedError";
  constructor() {
    super("the connection ended before the response did");
  }
}

/** What {@link requestBytes} needs beside the path. */
export interface RequestOptions {
  method?: string;
  headers?: [string, string][] | Record<string, string>;
  /** A text is sent as UTF-8. */
  body?: string | Uint8Array | undefined;
  /** Sends the body as chunks of this many bytes instead of with a Content-Length. */
  chunkSize?: number;
  keepAlive?: boolean;
}

/** The bytes of one request; Host, Content-Length and Connection are added when not given. */
export function requestBytes(url: string, path: string, options: RequestOptions = {}): Uint8Array {
  const given = Array.isArray(options.headers)
    ? options.headers
    : Object.entries(options.headers ?? {});
  const has = (name: string) => given.some(([key]) => key.toLowerCase() === name);
  const lines = [`${options.method ?? "GET"} ${path} HTTP/1.1`];
  if (!has("host")) lines.push(`Host: ${new URL(url).host}`);
  for (const [name, value] of given) lines.push(`${name}: ${value}`);
  let body = typeof options.body === "string"
    ? new TextEncoder().encode(options.body)
    : options.body ?? new Uint8Array();
  if (options.chunkSize !== undefined) {
    lines.push("Transfer-Encoding: chunked");
    const parts: Uint8Array[] = [];
    for (let at = 0; at < body.length; at += options.chunkSize) {
      const part = body.subarray(at, at + options.chunkSize);
      parts.push(latin1(`${part.length.toString(16)}\r\n`), part, latin1("\r\n"));
    }
    parts.push(latin1("0\r\n\r\n"));
    body = Uint8Array.from(Buffer.concat(parts));
  } else if (options.body !== undefined && !has("content-length")) {
    lines.push(`Content-Length: ${body.length}`);
  }
  if (!options.keepAlive && !has("connection")) lines.push("Connection: close");
  const head = latin1(lines.join("\r\n") + "\r\n\r\n");
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}
