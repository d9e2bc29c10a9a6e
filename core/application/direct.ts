/**
 * Embedded mode with one thread: the thread that speaks HTTP calls the application, without any hop.
 *
 * The requests of one round of the event loop are served one after the other at its end; where they are short, several
 * before their answers are sent. While the application waits for a body, or for a client to read, this thread waits with
 * it, on that client's socket alone.
 *
 * @module
 */
import { DirectFunction } from "../../ffi/direct_function.ts";
import type { Gil } from "../../ffi/gil.ts";
import { Channel, type ChannelOwner } from "../gateway/channel.ts";
import { BodyKind, endLingering } from "../gateway/frames.ts";
import type { BlockingRequest, GatewayRequest } from "../gateway/request.ts";
import type { GatewayObserver } from "../gateway/scoreboard.ts";
import type { RequestTaker } from "../http/service.ts";
import { DATA_MARGIN, type Transport } from "../net/transport.ts";
import type { EnvironShape } from "../wsgi/environ_shape.ts";
import { writeLatin1 } from "../wsgi/latin1.ts";
import type { Occupation } from "./acceptor.ts";
import { DirectPipe, READ_AHEAD } from "./direct_pipe.ts";
import type { PythonHalf } from "./python_half.ts";

/** The number of a request that uses the channel: there is one at a time. */
const NUMBER = 1;
/** So many short requests are served before their answers are sent: the client process is then woken once for all. */
const MOST_TOGETHER = 16;
/** A request is short up to this many milliseconds. */
const SHORT_MS = 0.05;
/** Operations of the function that Python calls, as in `core/python/direct.py`. */
const SEND = 1;

/** The function that Python calls where the client may be slow: `int f(int operation, void *data, int size)`. */
export type DirectCallback = Deno.UnsafeCallback<
  { readonly parameters: readonly ["i32", "pointer", "i32"]; readonly result: "i32" }
>;

/** The functions of the Python half, each with a text and the bytes it returns. */
interface Functions {
  /** Serves a request without a body. */
  readonly text: DirectFunction;
  /** Serves one with a body. */
  readonly body: DirectFunction;
  /** Serves the rest of a request whose response is sent. */
  readonly goOn: DirectFunction;
  /** Learns the names of a shape. */
  readonly define: DirectFunction;
}

/** The channel of the one thread, which a request has for itself. */
class DirectChannel extends Channel {
  /** The next call of Python's finds the client gone. */
  override abandon(): void {
    this.close();
  }
}

/** What the taker tells its process. */
export interface DirectEvents {
  /** Python gave a request back and the process wants to be replaced. */
  onRefused(reason: string): void;
  /** The requests of a round are served. */
  onServed(): void;
}

/** Serves requests by calling Python. */
export class DirectTaker implements RequestTaker, ChannelOwner, Occupation {
  readonly threads = 1;
  readonly callback: DirectCallback;
  /** Told what this process does, where somebody wants to know. */
  observer: GatewayObserver | undefined;
  #transport: Transport;
  #events: DirectEvents;
  #gil: Gil | undefined;
  #functions: Functions | undefined;
  /** What Python has been told of the names in environ texts. */
  #shapes = new Set<EnvironShape>();
  #waiting: BlockingRequest[] = [];
  #request: BlockingRequest | undefined;
  /** Requests that are served together. */
  #together: BlockingRequest[] = [];
  /** Bytes of the answer of each that has been served; 0 where it was sent already. */
  #lengths: number[] = [];
  #outputs: Uint8Array<ArrayBuffer>[] = [];
  /** How many of them are sent. */
  #sent = 0;
  #answering: BlockingRequest | undefined;
  /** The last one that was served has something to do behind its answer. */
  #lingers = false;
  /** How many are to be served together. */
  #most = 1;
  #input = new Uint8Array(128 * 1024);
  /** Frames that Python sends. */
  #room = new Uint8Array(64 * 1024);
  #pipe = new DirectPipe();
  /** Answers that come as the result of the call. */
  #results: Channel;
  /** Bodies, and answers in parts. */
  #channel: Channel;
  #serve = () => this.#serveWaiting();

  constructor(transport: Transport, events: DirectEvents) {
    this.#transport = transport;
    this.#events = events;
    this.#results = new Channel(this.#pipe, this, 0, 0);
    this.#channel = new DirectChannel(this.#pipe, this, 0, 1);
    this.callback = new Deno.UnsafeCallback(
      { parameters: ["i32", "pointer", "i32"], result: "i32" } as const,
      (operation, data, size) => this.#onCall(operation, data, size),
    );
  }

  /** Requests that wait to be served. */
  get requests(): number {
    return this.#waiting.length;
  }

  /** Connects it with the worker of the Python half, which must hold the GIL. */
  connect({ interpreter }: PythonHalf): void {
    using module = interpreter.import("_wsgi_express.direct");
    using worker = interpreter.attribute(module, "worker");
    using text = interpreter.attribute(worker, "serve");
    using body = interpreter.attribute(worker, "serve_with_body");
    using goOn = interpreter.attribute(worker, "go_on");
    using define = interpreter.attribute(worker, "define");
    const { runtime, python } = interpreter;
    this.#gil = runtime.gil;
    this.#functions = {
      text: new DirectFunction(runtime, python.library, text.pointer),
      body: new DirectFunction(runtime, python.library, body.pointer),
      goOn: new DirectFunction(runtime, python.library, goOn.pointer),
      define: new DirectFunction(runtime, python.library, define.pointer),
    };
  }

  submit(request: GatewayRequest): void {
    this.#waiting.push(request as BlockingRequest);
    if (this.#waiting.length === 1) this.#transport.afterRound(this.#serve);
  }

  withdraw(request: GatewayRequest): void {
    const index = this.#waiting.indexOf(request as BlockingRequest);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  findRequest(channel: Channel): GatewayRequest | undefined {
    return channel === this.#results ? this.#answering : this.#request;
  }

  onAnswered(): void {}

  onRefused(
    _channel: Channel,
    _id: number,
    request: GatewayRequest | undefined,
    reason: string,
  ): void {
    // There is no other process to give it to from here: the client has to come again.
    request?.onAbort(503);
    if (reason !== "shutting_down") this.#events.onRefused(reason);
  }

  onParked(): void {}

  onChannelClosed(): void {}

  #serveWaiting(): void {
    // One round's requests only: what has arrived meanwhile comes after a look at all sockets.
    let count = this.#waiting.length;
    while (count > 0 && this.#waiting.length > 0) {
      const requests = this.#waiting.splice(0, Math.min(count, this.#most));
      count -= requests.length;
      this.#serveTogether(requests);
    }
    if (this.#waiting.length > 0) this.#transport.afterRound(this.#serve);
    this.#events.onServed();
  }

  #serveTogether(requests: BlockingRequest[]): void {
    const gil = this.#gil!;
    const begun = this.#transport.now();
    this.#together = requests;
    this.#lengths.length = this.#sent = 0;
    gil.acquire();
    try {
      for (const request of requests) {
        const length = this.#serveOne(request);
        this.#lingers = length > 0 && endLingering(this.#outputs[this.#lengths.length]!);
        this.#lengths.push(length);
        if (this.#lingers) this.#goOn();
      }
    } finally {
      gil.release();
    }
    this.#request = undefined;
    const short = this.#transport.refresh() - begun < SHORT_MS * requests.length;
    this.#send();
    // Whoever keeps the scoreboard counts the bytes of an answer that is sent.
    const most = this.observer === undefined ? MOST_TOGETHER : 1;
    this.#most = short ? Math.min(2 * this.#most, most) : 1;
  }

  /** Returns how many bytes the answer has, which is the output of this number; 0 where it was sent. */
  #serveOne(request: BlockingRequest): number {
    this.#request = request;
    this.#pipe.renew();
    request.onStarted();
    this.observer?.onStart(0, NUMBER, request);
    try {
      return this.#call(request, this.#lengths.length);
    } catch (error) {
      request.onAbort(500);
      this.#transport.onFault(error);
      return 0;
    }
  }

  /** The application may take its time behind a response that is complete: the client gets that before. */
  #goOn(): void {
    const gil = this.#gil!;
    gil.release();
    this.#send();
    gil.acquire();
    try {
      this.#functions!.goOn.call(this.#input, 0, this.#outputs, this.#outputs.length);
    } catch (error) {
      this.#transport.onFault(error);
    }
    this.#lingers = false;
    this.observer?.onEnd(0, NUMBER);
  }

  /** Sends the answers that there are. */
  #send(): void {
    while (this.#sent < this.#lengths.length) {
      const index = this.#sent++;
      const length = this.#lengths[index]!;
      if (length > 0) {
        this.#answering = this.#together[index];
        this.#results.take(NUMBER);
        this.#results.onData(this.#outputs[index]!, 0, length);
      }
      if (!this.#lingers) this.observer?.onEnd(0, NUMBER);
    }
    this.#answering = undefined;
  }

  #call(request: BlockingRequest, index: number): number {
    const { text, body } = this.#functions!;
    const { shape } = request;
    if (shape !== undefined && !this.#shapes.has(shape)) this.#define(shape);
    if (request.bodyKind === BodyKind.NONE) {
      return text.call(this.#input, this.#putText(request), this.#outputs, index);
    }
    return body.call(this.#input, this.#putBody(request), this.#outputs, index);
  }

  #define(shape: EnvironShape): void {
    this.#shapes.add(shape);
    const text = `${shape.marker}\0${shape.names.join("\0")}`;
    this.#makeRoom(text.length);
    const { define } = this.#functions!;
    define.call(
      this.#input,
      writeLatin1(text, this.#input, 0),
      this.#outputs,
      this.#outputs.length,
    );
  }

  #putText({ environ }: GatewayRequest): number {
    this.#makeRoom(environ.length);
    return writeLatin1(environ, this.#input, 0);
  }

  /** Kind of body (a character), length of the environ text (8 hexadecimal digits), environ text, body. */
  #putBody({ environ, bodyKind, body }: GatewayRequest): number {
    this.#makeRoom(9 + environ.length + (body?.length ?? 0));
    this.#input[0] = bodyKind;
    writeLatin1(environ.length.toString(16).padStart(8, "0"), this.#input, 1);
    const at = writeLatin1(environ, this.#input, 9);
    if (body === undefined) return at;
    this.#input.set(body, at);
    return at + body.length;
  }

  #makeRoom(size: number): void {
    if (size > this.#input.length) this.#input = new Uint8Array(size * 2);
  }

  /** Python calls, without the GIL: sends frames, or wants more of the body. Negative where the client is gone. */
  #onCall(operation: number, data: Deno.PointerValue, size: number): number {
    // Those that have been served do not wait for this client.
    this.#send();
    if (this.#pipe.closed || data === null) return -1;
    if (operation === SEND) {
      // What is sent is handled before this returns: the room can be used again.
      if (size + 2 * DATA_MARGIN > this.#room.length) {
        this.#room = new Uint8Array(size + 2 * DATA_MARGIN);
      }
      const room = this.#room;
      Deno.UnsafePointerView.copyInto(data, room.subarray(DATA_MARGIN, DATA_MARGIN + size));
      this.#channel.onData(room, DATA_MARGIN, DATA_MARGIN + size);
      this.#request?.waitUntilSent();
      return this.#pipe.closed ? -1 : size;
    }
    while (this.#pipe.empty && !this.#pipe.closed) {
      if (this.#pipe.congested) this.#channel.onDrain();
      this.#request?.waitForBody();
    }
    if (this.#pipe.closed) return -1;
    const target = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, size));
    const count = this.#pipe.read(target);
    if (this.#pipe.congested && this.#pipe.queued < READ_AHEAD) {
      this.#pipe.congested = false;
      this.#channel.onDrain();
    }
    return count;
  }
}
