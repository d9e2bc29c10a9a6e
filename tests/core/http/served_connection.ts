/** An HTTP connection whose client and whose application processes are the test. */
import assert from "node:assert/strict";
import { BodyEnd, HEAD_COMPLETE } from "../../../core/gateway/frames.ts";
import type { BodySink, GatewayRequest } from "../../../core/gateway/request.ts";
import { HttpService } from "../../../core/http/service.ts";
import { AccessLog } from "../../../core/log/access_log.ts";
import { ErrorLog } from "../../../core/log/error_log.ts";
import { DATA_MARGIN, type Transport } from "../../../core/net/transport.ts";
import type { Plan } from "../../../core/plan.ts";
import { pairsOf } from "../../../core/wsgi/environ_shape.ts";
import { decodeLatin1, encodeLatin1 } from "../../../core/wsgi/latin1.ts";
import { FakeStream } from "./fake_stream.ts";

const CAUSES = Object.fromEntries(Object.entries(BodyEnd).map(([name, cause]) => [cause, name]));

/** What the test may choose. */
export interface Settings {
  readonly requestBody?: number;
  readonly chunkedRequest?: boolean;
  readonly responseBuffer?: number;
  readonly keepAlive?: number;
  readonly mountPoint?: string;
  readonly bodyRate?: number;
  readonly headerTimeout?: number;
  readonly socketTimeout?: number;
  readonly accessLogFormat?: string;
  readonly maxClients?: number;
}

function planOf(settings: Settings): Plan {
  const plan = {
    mode: "daemon",
    timeouts: {
      header: { first: settings.headerTimeout ?? 15, most: 40, rate: 500 },
      body: { first: 10, most: 0, rate: settings.bodyRate ?? 0 },
      keepAlive: settings.keepAlive ?? 5,
      socket: settings.socketTimeout ?? 60,
      responseSocket: 30,
    },
    limits: {
      requestBody: settings.requestBody ?? 0,
      chunkedRequest: settings.chunkedRequest ?? true,
      responseBuffer: settings.responseBuffer ?? 65536,
      maxClients: settings.maxClients ?? 100,
      clientLimit: settings.maxClients ?? null,
    },
    application: { mountPoint: settings.mountPoint ?? "" },
    server: { documentRoot: "/srv/htdocs" },
    listener: { host: null },
  };
  return plan as unknown as Plan;
}

/** A request that reached the application's side, with what the test makes of it. */
export class Served implements BodySink {
  readonly request: GatewayRequest;
  /** The body that was streamed, then `<cause of its end>`. */
  body = "";
  /** Whether the thread takes what it is sent. */
  reads = true;
  paused = false;
  abandoned = false;

  constructor(request: GatewayRequest) {
    this.request = request;
    request.onStarted();
  }

  /** A value of the environ. */
  environ(name: string): string | undefined {
    const { environ, shape } = this.request;
    const fields = (shape === undefined ? environ : pairsOf(shape, environ)).split("\0");
    const index = fields.findLastIndex((field, at) => at % 2 === 0 && field === name);
    return index < 0 ? undefined : fields[index + 1];
  }

  /** The body that came with the request. */
  get wholeBody(): string | undefined {
    const { body } = this.request;
    return body === undefined ? undefined : decodeLatin1(body, 0, body.length);
  }

  /** The application wants the body. */
  want(): void {
    this.request.onBound(this);
    this.request.onWant();
  }

  /** The whole response in one frame. */
  answer(body = "hello", head = "200 OK\r\nContent-Type: text/plain\r\n", flags = 0): void {
    this.#head(head, body, flags | HEAD_COMPLETE);
  }

  /** The head of a response that is sent in parts. */
  begin(head = "200 OK\r\n", body = "", flags = 0): void {
    this.request.onBound(this);
    this.#head(head, body, flags);
  }

  /** A part of the response, in the middle of a receive buffer: what stands around it. */
  part(text: string, behind = "next frame"): string {
    const bytes = encodeLatin1(text);
    const rest = encodeLatin1(behind);
    const buffer = new Uint8Array(DATA_MARGIN + bytes.length + rest.length);
    buffer.set(bytes, DATA_MARGIN);
    buffer.set(rest, DATA_MARGIN + bytes.length);
    this.request.onData(buffer, DATA_MARGIN, DATA_MARGIN + bytes.length);
    return decodeLatin1(buffer, DATA_MARGIN + bytes.length, buffer.length);
  }

  sendBody(buffer: Uint8Array, start: number, end: number): boolean {
    assert.ok(start >= 5, "no room for the frame's header");
    // As a channel does.
    buffer.fill(0, start - 5, start);
    this.body += decodeLatin1(buffer, start, end);
    return this.reads;
  }

  endBody(cause: BodyEnd): void {
    this.body += `<${CAUSES[cause]}>`;
  }

  pauseResponse(): void {
    this.paused = true;
  }

  resumeResponse(): void {
    this.paused = false;
  }

  abandon(): void {
    this.abandoned = true;
  }

  #head(head: string, body: string, flags: number): void {
    const bytes = encodeLatin1(head + body);
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    this.request.onHead(
      Number(head.slice(0, 3)),
      length === undefined ? -1 : Number(length),
      flags,
      bytes,
      0,
      head.length,
      bytes.length,
    );
  }
}

/** A service with connections of its own; `using` ends it. */
export class TestService {
  readonly service: HttpService;
  /** Requests in the order in which they came. */
  readonly requests: Served[] = [];
  readonly withdrawn: GatewayRequest[] = [];
  /** With this status each request is refused as it comes. */
  refusal: number | undefined;
  /** Milliseconds of the clock. */
  now = 1000;
  errorLog = "";
  accessLog = "";
  #accessLog: AccessLog;

  constructor(settings: Settings = {}) {
    const transport = { now: () => this.now } as unknown as Transport;
    const decoder = new TextDecoder();
    const sink = (add: (text: string) => void) => ({
      writeSync(bytes: Uint8Array) {
        add(decoder.decode(bytes));
        return bytes.length;
      },
    });
    this.#accessLog = new AccessLog(
      sink((text) => this.accessLog += text),
      settings.accessLogFormat ?? '"%r" %>s %b',
    );
    this.service = new HttpService(
      planOf(settings),
      transport,
      {
        submit: (request) => {
          if (this.refusal !== undefined) request.onAbort(this.refusal);
          else this.requests.push(new Served(request));
        },
        withdraw: (request) => {
          this.withdrawn.push(request);
          return true;
        },
      },
      new ErrorLog(sink((text) => this.errorLog += text), "info"),
      this.#accessLog,
    );
  }

  connect(): FakeStream {
    const stream = new FakeStream();
    this.service.accept(stream);
    return stream;
  }

  /** The request that came last. */
  get last(): Served {
    const served = this.requests.at(-1);
    assert.ok(served !== undefined, "no request came");
    return served;
  }

  /** Lines of the access log. */
  access(): string[] {
    this.#accessLog.flush();
    return this.accessLog.split("\n").slice(0, -1);
  }

  /** The clock goes on; what is due happens. */
  pass(seconds: number): void {
    this.now += seconds * 1000;
    this.service.sweep();
  }

  [Symbol.dispose](): void {
    this.service.close();
  }
}
