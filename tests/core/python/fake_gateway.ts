/**
 * A gateway for one application process: hands requests to its trunk, wakes its threads, and sorts what they answer.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { withDeadline } from "./deadline.ts";
import { FrameConnection } from "./frame_connection.ts";
import {
  type BodyKind,
  decodeHead,
  describe,
  encodeFrame,
  encodeRequest,
  type Frame,
  type Head,
} from "./frames.ts";

/** Milliseconds after which a request that nobody has begun to answer wakes another thread. */
const STALL = 5;

/** A connected worker thread. */
interface Thread {
  readonly connection: FrameConnection;
  parked: boolean;
}

/** One request and what has come of its answer. */
class Exchange {
  readonly #frames: (Frame | undefined)[] = [];
  #wake: () => void = () => {};
  /** The thread's own connection, as soon as the thread uses it for this request. */
  bound: FrameConnection | undefined;
  isBegun = false;

  add(frame: Frame | undefined): void {
    this.isBegun = true;
    this.#frames.push(frame);
    this.#wake();
  }

  async frame(): Promise<Frame> {
    if (this.#frames.length === 0) {
      const added = new Promise<void>((resolve) => this.#wake = resolve);
      await withDeadline(added, "a frame");
    }
    const frame = this.#frames.shift();
    if (frame === undefined) throw new Error("The connection of the answer ended");
    return frame;
  }
}

/** The gateway's side of all connections of one process. */
export class FakeGateway {
  /** The frame that wakes a parked thread: `P`, or `V` for one that makes way again. */
  order: "P" | "V" = "P";
  /** How many times a thread has been woken. */
  wakes = 0;
  /** Thread → the system's number of it, as the threads said. */
  readonly nativeIds = new Map<number, number>();
  readonly #listener: Deno.Listener;
  readonly #secret: string;
  readonly #threads = new Map<number, Thread>();
  readonly #exchanges = new Map<number, Exchange>();
  readonly #done: Promise<unknown>;
  readonly #timer: number;
  #changed: (() => void)[] = [];
  #trunk: FrameConnection | undefined;
  #number = 0;
  #isClosed = false;

  constructor(listener: Deno.Listener, secret: string) {
    this.#listener = listener;
    this.#secret = secret;
    this.#done = this.#accept();
    this.#timer = globalThis.setInterval(() => this.#wakeThreads(), STALL) as unknown as number;
  }

  async #accept(): Promise<void> {
    const served: Promise<void>[] = [];
    try {
      while (true) served.push(this.#serve(new FrameConnection(await this.#listener.accept())));
    } catch {
      // The listener was closed.
    }
    await Promise.all(served);
  }

  async #serve(connection: FrameConnection): Promise<void> {
    const hello = await connection.frame();
    if (hello?.type !== "I" || hello.payload.toString("latin1", 0, 32) !== this.#secret) {
      throw new Error(`Not a hello: ${hello && describe(hello)}`);
    }
    const number = hello.payload.readUInt32LE(36);
    this.nativeIds.set(number, hello.payload.readUInt32LE(40));
    const thread = number > 0 ? { connection, parked: true } : undefined;
    if (this.#isClosed) connection.close();
    else if (thread === undefined) this.#trunk = connection;
    else this.#threads.set(number, thread);
    this.#notify();
    let exchange: Exchange | undefined;
    while (true) {
      const frame = await connection.frame();
      if (frame === undefined) break;
      if (frame.type === "Z" && thread !== undefined) thread.parked = true;
      else if (frame.type === "T") {
        exchange = this.#exchanges.get(frame.payload.readUInt32LE(0));
        if (exchange !== undefined && thread !== undefined) exchange.bound = connection;
      } else exchange?.add(frame);
    }
    exchange?.add(undefined);
    connection.close();
    if (thread !== undefined && this.#threads.get(number) === thread) this.#threads.delete(number);
    this.#notify();
  }

  #notify(): void {
    for (const wake of this.#changed.splice(0)) wake();
  }

  /** Waits until the process has `count` connected threads and, unless that is none, its trunk. */
  async threads(count: number): Promise<void> {
    while (this.#threads.size !== count || (count > 0 && this.#trunk === undefined)) {
      const changed = new Promise<void>((resolve) => this.#changed.push(resolve));
      await withDeadline(changed, `${count} threads`);
    }
  }

  #wakeThreads(): void {
    const waiting = [...this.#exchanges.values()].some((exchange) => !exchange.isBegun);
    if (!waiting) return;
    for (const thread of this.#threads.values()) this.#wake(thread);
  }

  #wake(thread: Thread): void {
    if (!thread.parked) return;
    thread.parked = false;
    this.wakes++;
    thread.connection.send(encodeFrame(this.order)).catch(() => {});
  }

  /** Sends a request; its bytes cut at `cut`, if given, and sent a little apart. */
  async request(
    pairs: Readonly<Record<string, string>>,
    kind: BodyKind,
    body: Uint8Array,
    cut?: number,
  ): Promise<Exchange> {
    const number = ++this.#number;
    const exchange = new Exchange();
    this.#exchanges.set(number, exchange);
    const frame = encodeRequest(number, pairs, kind, body);
    const trunk = this.#trunk;
    if (trunk === undefined) throw new Error("The process has no trunk");
    const threads = [...this.#threads.values()];
    if (threads.every((thread) => thread.parked) && threads[0]) this.#wake(threads[0]);
    await trunk.send(frame.subarray(0, cut));
    if (cut !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      await trunk.send(frame.subarray(cut));
    }
    return exchange;
  }

  /** Sends bytes to the thread with this number. */
  async sendToThread(number: number, bytes: Uint8Array): Promise<void> {
    await this.#threads.get(number)?.connection.send(bytes);
  }

  /** Closes the connections of all threads: they come back. */
  closeThreads(): void {
    for (const { connection } of this.#threads.values()) connection.close();
    this.#threads.clear();
  }

  /** Number of reads from the trunk that brought something. */
  get trunkReads(): number {
    return this.#trunk?.reads ?? 0;
  }

  /** Closes everything. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#listener.close();
    this.#trunk?.close();
    this.closeThreads();
    await this.#done;
  }
}

/** A client's view: sends one request after the other and receives the answers. */
export class Client {
  readonly #gateway: FakeGateway;
  #exchange: Exchange | undefined;

  constructor(gateway: FakeGateway) {
    this.#gateway = gateway;
  }

  get #current(): Exchange {
    if (this.#exchange === undefined) throw new Error("There was no request");
    return this.#exchange;
  }

  /** Sends a request: environ pairs, kind of body, (the first part of) the body. */
  async request(
    pairs: Readonly<Record<string, string>>,
    kind: BodyKind = 0,
    body: Uint8Array = new Uint8Array(),
    cut?: number,
  ): Promise<void> {
    this.#exchange = await this.#gateway.request(pairs, kind, body, cut);
  }

  /** The next frame of the answer. */
  frame(): Promise<Frame> {
    return this.#current.frame();
  }

  /** The next frame, which must be a head. */
  async head(): Promise<Head> {
    return decodeHead(await this.frame());
  }

  /** Head, and body up to the end of the response; throws at an abort. */
  async response(): Promise<Head> {
    const head = await this.head();
    if (head.isWhole) return head;
    const parts = [head.body];
    while (true) {
      const frame = await this.frame();
      if (frame.type === "F") return { ...head, body: Buffer.concat(parts) };
      if (frame.type !== "D") throw new Error(`Data were expected, ${describe(frame)} came`);
      parts.push(frame.payload);
    }
  }

  /** The next frame must be an abort; its status. */
  async abort(): Promise<number> {
    const frame = await this.frame();
    if (frame.type !== "A") throw new Error(`An abort was expected, ${describe(frame)} came`);
    return frame.payload.readUInt16LE(0);
  }

  /** Whether the answer goes over a thread's own connection rather than the trunk. */
  get isBound(): boolean {
    return this.#current.bound !== undefined;
  }

  /** Sends a part of the body. */
  async body(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : data;
    await this.#send(encodeFrame("B", bytes));
  }

  /** Sends the end of the body; `cause` 0 is its complete end. */
  async endOfBody(cause = 0): Promise<void> {
    await this.#send(encodeFrame("E", Uint8Array.of(cause)));
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const { bound } = this.#current;
    if (bound === undefined) throw new Error("No thread has asked for a body");
    await bound.send(bytes);
  }

  /** Closes the thread's connection, which is how a gateway aborts a request. */
  close(): void {
    this.#current.bound?.close();
  }
}
