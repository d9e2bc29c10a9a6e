/**
 * What the access log can tell of a request. Each part is made when a line asks for it.
 *
 * @module
 */
import type { AccessRecord } from "../log/access_log.ts";
import { decodeLatin1 } from "../wsgi/latin1.ts";
import type { HttpConnection } from "./connection.ts";
import { headerValue, type RequestHead } from "./request_parser.ts";

const CR = 13;

/** What became of the connection: it is kept, it ends behind the response, or it was lost before. */
export type ConnectionEnd = "+" | "-" | "X";

/** What the one who logs a request knows of it. */
export interface RequestOutcome {
  /** Undefined for what could not be understood. */
  readonly head: RequestHead | undefined;
  /** First line of what could not be understood. */
  readonly line?: string;
  readonly requestId: string;
  /** Bytes of head and body, as they came. */
  readonly receivedBytes: number;
  readonly status: number;
  readonly bodyBytes: number;
  /** Head of the response as sent, where the log wants it. */
  readonly responseHead: string;
  /** Milliseconds of the transport's clock. */
  readonly receivedAt: number;
  readonly end: ConnectionEnd;
}

/** One request of a connection. */
export class RequestRecord implements AccessRecord {
  readonly sentBytes: number;
  readonly duration: number;
  #connection: HttpConnection;
  #outcome: RequestOutcome;

  constructor(connection: HttpConnection, outcome: RequestOutcome) {
    this.#connection = connection;
    this.#outcome = outcome;
    this.sentBytes = connection.takeSentBytes();
    this.duration = connection.service.now() - outcome.receivedAt;
  }

  get remoteAddress(): string {
    return this.#connection.stream.remote.hostname;
  }

  get remotePort(): number {
    return this.#connection.stream.remote.port;
  }

  get localAddress(): string {
    return this.#connection.stream.local.hostname;
  }

  get localPort(): number {
    return this.#connection.stream.local.port;
  }

  get remoteUser(): string {
    return "";
  }

  get serverName(): string {
    return this.#connection.service.siteName;
  }

  get hostName(): string {
    return this.#outcome.head?.authority?.name ?? this.serverName;
  }

  get requestLine(): string {
    const { head, line } = this.#outcome;
    return head === undefined ? line ?? "-" : `${head.method} ${head.target} ${head.protocol}`;
  }

  get path(): string | undefined {
    return this.#outcome.head?.path;
  }

  get filename(): string | undefined {
    const { head } = this.#outcome;
    return head && this.#connection.environ.scriptFilename(head);
  }

  get requestId(): string {
    return this.#outcome.requestId;
  }

  get requestsBefore(): number {
    return this.#connection.served;
  }

  get receivedBytes(): number {
    return this.#outcome.receivedBytes;
  }

  get status(): number {
    return this.#outcome.status;
  }

  get bodyBytes(): number {
    return this.#outcome.bodyBytes;
  }

  get connectionEnd(): string {
    return this.#outcome.end;
  }

  requestHeader(name: string): string | undefined {
    const { head } = this.#outcome;
    return head && headerValue(head, name);
  }

  responseHeader(name: string): string | undefined {
    const values: string[] = [];
    for (const line of this.#outcome.responseHead.split("\r\n").slice(1)) {
      const colon = line.indexOf(":");
      if (line.slice(0, colon).toLowerCase() === name) values.push(line.slice(colon + 1).trim());
    }
    return values.length === 0 ? undefined : values.join(", ");
  }
}

/** The head of the response that `bytes[0, end)` begins with. */
export function headText(bytes: Uint8Array, end: number): string {
  let at = 0;
  while (at < end && !(bytes[at] === CR && bytes[at + 2] === CR)) at++;
  return decodeLatin1(bytes, 0, at);
}
