/**
 * Embedded mode with one thread: the thread that speaks HTTP calls the application, without any hop.
 *
 * The requests of one round of the event loop are served at its end, several by one call, and their answers sent
 * together: each of the two worlds finds its code in the processor's caches then. While the application waits for a body,
 * or for a client to read, this thread waits with it, on that client's socket alone.
 *
 * @module
 */
import { DirectFunction } from "../../ffi/direct_function.ts";
import type { Gil } from "../../ffi/gil.ts";
import { Channel, type ChannelOwner } from "../gateway/channel.ts";
import { BodyKind } from "../gateway/frames.ts";
import type { BlockingRequest, GatewayRequest } from "../gateway/request.ts";
import type { GatewayObserver } from "../gateway/scoreboard.ts";
import type { RequestTaker } from "../http/service.ts";
import { DATA_MARGIN, type Transport } from "../net/transport.ts";
import { ConnectionShapes, type EnvironShape } from "../wsgi/environ_shape.ts";
import { writeLatin1 } from "../wsgi/latin1.ts";
import type { Occupation } from "./acceptor.ts";
import { BatchSize } from "./batch_size.ts";
import { DirectPipe, READ_AHEAD } from "./direct_pipe.ts";
import type { PythonHalf } from "./python_half.ts";

/** Between the environ texts of requests that are served together; as in `core/python/direct.py`. */
const SEPARATOR = "\0\x02\0";
/** Operations of the function that Python calls, as in `core/python/direct.py`. */
const RECEIVE = 2;
const ANSWER = 3;
/** A part of a response's body, for the request of the frames. */
const SEND_DATA = 4;
const NO_REQUESTS: readonly BlockingRequest[] = [];

/** The function that Python calls where the client may be slow: `int f(int operation, void *data, int size)`. */
export type DirectCallback = Deno.UnsafeCallback<
  { readonly parameters: readonly ["i32", "pointer", "i32"]; readonly result: "i32" }
>;

/** The functions of the Python half, each with a text and the bytes it returns. */
interface Functions {
  /** Serves requests without a body. */
  readonly texts: DirectFunction;
  /** Serves one with a body. */
  readonly body: DirectFunction;
  /** Serves the rest of a request whose response is sent. */
  readonly goOn: DirectFunction;
  /** Learns the names of a shape. */
  readonly define: DirectFunction;
}

/** The channel of the one thread, which a request has for itself. */
class DirectChannel extends Channel {
  #pipe: DirectPipe;

  constructor(pipe: DirectPipe, owner: ChannelOwner) {
    super(pipe, owner, 0, 1);
    this.#pipe = pipe;
  }

  override take(id: number): void {
    this.#pipe.renew();
    super.take(id);
  }

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
  readonly connectionShapes = new ConnectionShapes();
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
  /** Whether they will be served at the end of a round. */
  #due = false;
  /** Requests that are served by one call; their numbers are 1 and up. */
  #together = NO_REQUESTS;
  /** How many of them have been served, or are being. */
  #served = 0;
  /** Those among them whose clients have gone. */
  #withdrawn = new Set<GatewayRequest>();
  /** The one that uses the channel. */
  #request: BlockingRequest | undefined;
  #batchSize = new BatchSize();
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
    this.#channel = new DirectChannel(this.#pipe, this);
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
    using texts = interpreter.attribute(worker, "serve");
    using body = interpreter.attribute(worker, "serve_with_body");
    using goOn = interpreter.attribute(worker, "go_on");
    using define = interpreter.attribute(worker, "define");
    const { runtime, python } = interpreter;
    this.#gil = runtime.gil;
    this.#functions = {
      texts: new DirectFunction(runtime, python.library, texts.pointer),
      body: new DirectFunction(runtime, python.library, body.pointer),
      goOn: new DirectFunction(runtime, python.library, goOn.pointer),
      define: new DirectFunction(runtime, python.library, define.pointer),
    };
  }

  submit(request: GatewayRequest): void {
    this.#waiting.push(request as BlockingRequest);
    this.#ensureServing();
  }

  withdraw(request: GatewayRequest): void {
    const waiting = this.#waiting.indexOf(request as BlockingRequest);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    else this.#withdrawn.add(request);
  }

  /** The frames that follow, and the next calls of Python's, are about this request. */
  findRequest(channel: Channel, id: number): GatewayRequest | undefined {
    const request = this.#together[id - 1];
    this.#served = id;
    if (channel === this.#channel) this.#request = request;
    return request;
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

  #ensureServing(): void {
    if (this.#due) return;
    this.#due = true;
    this.#transport.afterRound(this.#serve);
  }

  #serveWaiting(): void {
    this.#due = false;
    // One round's requests only: what has arrived meanwhile comes after a look at all sockets.
    let due = this.#waiting.length;
    while (due > 0 && this.#waiting.length > 0) {
      const requests = this.#waiting.splice(0, this.#countTogether(due));
      const served = this.#serveTogether(requests);
      if (served < requests.length) {
        const wanted = requests.slice(served).filter((one) => !this.#withdrawn.has(one));
        due -= requests.length - served - wanted.length;
        this.#waiting.unshift(...wanted);
      }
      this.#withdrawn.clear();
      due -= served;
    }
    if (this.#waiting.length > 0) this.#ensureServing();
    this.#events.onServed();
  }

  /** How many of the first `due` requests are served by one call: those with a body have one for themselves. */
  #countTogether(due: number): number {
    // Whoever keeps the scoreboard wants to know of each when it begins.
    const most = this.observer === undefined ? Math.min(due, this.#batchSize.current) : 1;
    for (let count = 0; count < most; count++) {
      if (this.#waiting[count]!.bodyKind !== BodyKind.NONE) return Math.max(count, 1);
    }
    return most;
  }

  /** Returns how many of the requests were served, at least one. */
  #serveTogether(requests: readonly BlockingRequest[]): number {
    const { observer } = this;
    const begun = this.#transport.now();
    this.#together = requests;
    this.#served = 0;
    for (const request of requests) request.onStarted();
    observer?.onStart(0, 1, requests[0]!);
    let served = requests.length;
    let ended = begun;
    try {
      const answers = this.#call(requests);
      ended = this.#transport.refresh();
      this.#receive(answers);
      // The last one may have something to do behind its response, which the client has by now.
      if (this.#results.id !== 0) {
        const rest = this.#goOn();
        this.#transport.refresh();
        this.#receive(rest);
      }
      if (this.#served === 0) throw new Error("the Python half served none of the requests");
      served = this.#served;
    } catch (error) {
      for (const request of requests) request.onAbort(500);
      this.#transport.onFault(error);
    }
    observer?.onEnd(0, 1);
    this.#batchSize.adjust(served, requests.length, ended - begun);
    this.#together = NO_REQUESTS;
    this.#request = undefined;
    return served;
  }

  /** Sends the answers that a function returned. */
  #receive({ output, size }: DirectFunction): void {
    if (size > 0) this.#results.onData(output, 0, size);
  }

  #goOn(): DirectFunction {
    const { goOn } = this.#functions!;
    this.#gil!.acquire();
    try {
      goOn.call(this.#input, 0);
    } finally {
      this.#gil!.release();
    }
    return goOn;
  }

  /** Serves the requests, or some of them; returns the function that has their answers. */
  #call(requests: readonly BlockingRequest[]): DirectFunction {
    const { texts, body } = this.#functions!;
    const function_ = requests[0]!.bodyKind === BodyKind.NONE ? texts : body;
    this.#gil!.acquire();
    try {
      for (const shape of this.connectionShapes.takeUnused()) {
        if (this.#shapes.delete(shape)) this.#tellShape(shape.marker);
      }
      for (const { shape } of requests) {
        if (shape === undefined || this.#shapes.has(shape)) continue;
        this.#tellShape(shape.definition);
        this.#shapes.add(shape);
      }
      const length = function_ === texts ? this.#putTexts(requests) : this.#putBody(requests[0]!);
      function_.call(this.#input, length);
    } finally {
      this.#gil!.release();
    }
    return function_;
  }

  /** Its definition; or its marker, where Python may forget it. */
  #tellShape(text: string): void {
    this.#makeRoom(text.length);
    this.#functions!.define.call(this.#input, writeLatin1(text, this.#input, 0));
  }

  #putTexts(requests: readonly BlockingRequest[]): number {
    let text = requests[0]!.environ;
    for (let index = 1; index < requests.length; index++) {
      text += SEPARATOR + requests[index]!.environ;
    }
    this.#makeRoom(text.length);
    return writeLatin1(text, this.#input, 0);
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

  /** Python sends; what it sends is handled before this returns. Negative where the client is gone. */
  #send(operation: number, data: Deno.PointerObject, size: number): number {
    if (size + 2 * DATA_MARGIN > this.#room.length) {
      this.#room = new Uint8Array(size + 2 * DATA_MARGIN);
    }
    const room = this.#room;
    const [start, end] = [DATA_MARGIN, DATA_MARGIN + size];
    Deno.UnsafePointerView.copyInto(data, room.subarray(start, end));
    if (operation === ANSWER) {
      this.#results.onData(room, start, end);
      return size;
    }
    // Frames may begin with those of the next request, for which the pipe is open again.
    if (operation !== SEND_DATA) this.#channel.onData(room, start, end);
    else if (!this.#pipe.closed) this.#request?.onData(room, start, end);
    this.#request?.waitUntilSent();
    return this.#pipe.closed ? -1 : size;
  }

  /** Python calls, without the GIL: sends, or wants more of the body. Negative where the client is gone. */
  #onCall(operation: number, data: Deno.PointerValue, size: number): number {
    if (data === null) return -1;
    if (operation !== RECEIVE) return this.#send(operation, data, size);
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
