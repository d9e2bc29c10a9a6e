/** Application processes in memory, as a gateway sees them, and requests for them. */
import assert from "node:assert/strict";
import { Channel } from "../../../core/gateway/channel.ts";
import {
  BodyKind,
  FRAME_HEADER_SIZE,
  FrameType,
  HEAD_COMPLETE,
  readUint32,
} from "../../../core/gateway/frames.ts";
import { Gateway, type GatewayLimits } from "../../../core/gateway/gateway.ts";
import type { BodySink, GatewayRequest } from "../../../core/gateway/request.ts";
import type { EnvironShape } from "../../../core/wsgi/environ_shape.ts";
import { encodeLatin1 } from "../../../core/wsgi/latin1.ts";
import { FakeStream } from "../http/fake_stream.ts";

/** A frame as latin-1 text. */
export function frame(type: number, payload = ""): string {
  return String.fromCharCode(type) + uint32(payload.length) + payload;
}

/** Four bytes, little endian. */
export function uint32(value: number): string {
  return String.fromCharCode(value & 255, value >>> 8 & 255, value >>> 16 & 255, value >>> 24);
}

/** A `HEAD` frame of a whole response. */
export function wholeResponse(body: string, flags = HEAD_COMPLETE): string {
  const head = "200 OK\r\n";
  const prefix = "\xc8\0" + "\xff".repeat(8) + String.fromCharCode(flags) +
    uint32(head.length);
  return frame(FrameType.HEAD, prefix + head + body);
}

/** A gateway with a clock, and what it told the supervisor. */
export class TestGateway {
  readonly gateway: Gateway;
  readonly events: string[] = [];
  /** Milliseconds. */
  now = 1000;
  /** Numbers of the threads that compute, as the system would say: ten times the instance and the thread. */
  readonly computing = new Set<number>();
  #tasks: (() => void)[] = [];
  #timers: { readonly at: number; readonly task: () => void }[] = [];

  constructor(limits: Partial<GatewayLimits> = {}) {
    this.gateway = new Gateway(
      { queueTimeout: 0, connectTimeout: 0, backlog: 100, ...limits },
      {
        onReplacementWanted: (instance, reason) =>
          this.events.push(`replace ${instance}: ${reason}`),
        onDrained: (instance) => this.events.push(`drained ${instance}`),
      },
      {
        now: () => this.now,
        afterRound: (task) => this.#tasks.push(task),
        after: (delay, task) => this.#timers.push({ at: this.now + delay, task }),
      },
      (nativeId) => this.computing.has(nativeId),
    );
  }

  /** The round of the event loop is over. */
  endRound(): void {
    while (this.#tasks.length > 0) for (const task of this.#tasks.splice(0)) task();
  }

  /** So many milliseconds go by. */
  pass(milliseconds: number): void {
    this.now += milliseconds;
    const due = this.#timers.filter(({ at }) => at <= this.now);
    this.#timers = this.#timers.filter(({ at }) => at > this.now);
    for (const { task } of due) task();
    this.endRound();
  }

  /** A process that takes requests. */
  start(instance: number, threads: number): FakeProcess {
    this.gateway.announce(instance);
    const process = new FakeProcess(this, instance, threads);
    this.gateway.accept(instance);
    this.endRound();
    return process;
  }

  /** Submits a request; `name` is its environ. */
  submit(name: string, body?: string, shape?: EnvironShape): TestRequest {
    const request = new TestRequest(name, this.now, body, shape);
    this.gateway.submit(request);
    return request;
  }
}

/** A process that has connected its trunk and its threads. */
export class FakeProcess {
  readonly trunk = new FakeStream();
  readonly threads: FakeStream[];
  #numbers = new Map<string, number>();
  #unread = "";

  constructor(test: TestGateway, readonly instance: number, threads: number) {
    const { gateway } = test;
    gateway.addChannel(new Channel(this.trunk, gateway, instance, 0));
    this.threads = Array.from({ length: threads }, (_, index) => {
      const stream = new FakeStream();
      const thread = index + 1;
      gateway.addChannel(new Channel(stream, gateway, instance, thread, 10 * instance + thread));
      return stream;
    });
  }

  /** Names of the requests, and definitions, that came over the trunk since this was asked for the last time. */
  received(): string[] {
    const bytes = encodeLatin1(this.#unread + this.trunk.sent());
    const names: string[] = [];
    let at = 0;
    while (at < bytes.length) {
      const end = at + FRAME_HEADER_SIZE + readUint32(bytes, at + 1);
      if (bytes[at] === FrameType.SHAPE) {
        const definition = bytes.subarray(at + FRAME_HEADER_SIZE, end);
        names.push(new TextDecoder("latin1").decode(definition));
        at = end;
        continue;
      }
      assert.equal(bytes[at], FrameType.REQUEST);
      const environEnd = at + 14 + readUint32(bytes, at + 9);
      const text = new TextDecoder("latin1").decode(bytes.subarray(at + 14, environEnd));
      const body = new TextDecoder("latin1").decode(bytes.subarray(environEnd, end));
      const [name] = text.split("\0");
      this.#numbers.set(name!, readUint32(bytes, at + 5));
      names.push(text.replaceAll("\0", " ") + (body === "" ? "" : ` [${body}]`));
      at = end;
    }
    return names;
  }

  /** The process answers the request of this name, over the trunk. */
  answer(name: string, ...frames: string[]): void {
    this.trunk.receive(this.take(name) + (frames.join("") || wholeResponse(`answer to ${name}`)));
  }

  /** The frame that binds what follows to the request of this name. */
  take(name: string): string {
    this.received();
    const number = this.#numbers.get(name);
    assert.ok(number !== undefined, `${name} did not come`);
    return frame(FrameType.TAKE, uint32(number));
  }

  /** All its sockets close. */
  die(): void {
    for (const stream of [this.trunk, ...this.threads]) if (!stream.closed) stream.receiveEnd();
  }
}

/** A request that notes what happens to it. */
export class TestRequest implements GatewayRequest {
  readonly environ: string;
  readonly shape: EnvironShape | undefined;
  readonly bodyKind: BodyKind;
  readonly body: Uint8Array | undefined;
  readonly receivedAt: number;
  restarts = 0;
  /** What happened, in order. */
  readonly events: string[] = [];
  abortReason: string | undefined;
  sink: BodySink | undefined;

  constructor(name: string, receivedAt: number, body?: string, shape?: EnvironShape) {
    this.environ = name;
    this.shape = shape;
    this.receivedAt = receivedAt;
    this.body = body === undefined ? undefined : encodeLatin1(body);
    this.bodyKind = body === undefined ? BodyKind.NONE : BodyKind.WHOLE;
  }

  onStarted(): void {
    this.events.push("started");
  }

  onReturned(): void {
    this.sink = undefined;
    this.events.push("returned");
  }

  onBound(sink: BodySink): void {
    this.sink = sink;
    this.events.push("bound");
  }

  onWant(): void {
    this.events.push("want");
  }

  onBodyDrained(): void {
    this.events.push("drained");
  }

  onHead(status: number, length: number, flags: number, ...region: unknown[]): void {
    const [buffer, start, headEnd, end] = region as [Uint8Array, number, number, number];
    assert.ok(start <= headEnd && headEnd <= end);
    const body = new TextDecoder().decode(buffer.subarray(headEnd, end));
    this.events.push(`head ${status} ${length} ${flags} ${body}`.trimEnd());
  }

  onData(buffer: Uint8Array, start: number, end: number): void {
    this.events.push(`data ${new TextDecoder().decode(buffer.subarray(start, end))}`);
  }

  onFinish(): void {
    this.events.push("finish");
  }

  onAbort(status: number, reason?: string): void {
    this.events.push(`abort ${status}`);
    this.abortReason = reason;
  }
}
