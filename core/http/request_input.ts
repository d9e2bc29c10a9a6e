/**
 * A request's body on its way in: collected, passed on as the application asks for it, or dropped.
 *
 * @module
 */
import { BodyEnd } from "../gateway/frames.ts";
import { type BodyDecoder, BodyEvent } from "./body.ts";
import { allowance, type Pace } from "./pace.ts";

/** What happens to the bytes of the body. */
const State = {
  /** There is none, or all of it has been read. */
  DONE: 0,
  /** A small body is collected before the request is handed on, so that a slow client holds no thread. */
  COLLECTING: 1,
  /** Nobody has asked for it yet: it waits with the client. */
  UNWANTED: 2,
  /** It goes to the application as it comes. */
  STREAMING: 3,
  /** The response is complete: the rest is dropped so that the connection can go on. */
  DROPPING: 4,
  /** It can't be read to its end. */
  BROKEN: 5,
} as const;
type State = typeof State[keyof typeof State];

/** The rest of a body that nobody read is dropped up to this length; beyond it the connection closes. */
export const DROP_LIMIT = 1024 * 1024;

const NOTHING = new Uint8Array(0);

/** What the input tells the exchange. */
export interface InputOwner {
  /** The collected body is whole. */
  onCollected(): void;
  /** The body that was being collected will not be whole; `status` is the answer. */
  onNotCollected(status: number): void;
  /** Passes on a part, with `DATA_MARGIN` bytes of room around it; false where the application reads slower. */
  sendBody(buffer: Uint8Array, start: number, end: number): boolean;
  /** The body that went to the application ends. */
  endBody(cause: BodyEnd): void;
  /** The rest is dropped; `complete` where the connection can go on behind it. */
  onDropped(complete: boolean): void;
}

/** Time limits of the client. */
export interface InputLimits {
  readonly pace: Pace;
  /** Milliseconds between two reads. */
  readonly stall: number;
  /** Milliseconds of a monotonic clock. */
  now(): number;
}

/** Reads the body of one request. */
export class RequestInput {
  #owner: InputOwner;
  #limits: InputLimits;
  #decoder: BodyDecoder | undefined;
  #state: State = State.DONE;
  #body: Uint8Array | undefined;
  #received = 0;
  #bytes = 0;
  #congested = false;
  /** When the client began to owe us bytes, the time left out in which we did not want any; and when we stopped. */
  #started = 0;
  #suspended = 0;

  constructor(owner: InputOwner, limits: InputLimits) {
    this.#owner = owner;
    this.#limits = limits;
  }

  /** All of the body is read, or there is none. */
  get done(): boolean {
    return this.#state === State.DONE;
  }

  /** Bytes of it that have been read, as they came. */
  get bytes(): number {
    return this.#bytes;
  }

  /** It can't be read to its end: the connection must close. */
  get broken(): boolean {
    return this.#state === State.BROKEN;
  }

  /** The application reads slower than the client sends. */
  get congested(): boolean {
    return this.#congested;
  }

  /** Nobody has asked for it yet. */
  get unwanted(): boolean {
    return this.#state === State.UNWANTED;
  }

  /** There is a body, and it waits with the client. */
  wait(decoder: BodyDecoder): void {
    this.#decoder = decoder;
    this.#state = State.UNWANTED;
  }

  /** Reads the body, of `length` bytes, into memory. */
  collect(length: number): Uint8Array {
    this.#state = State.COLLECTING;
    this.#start();
    return this.#body = new Uint8Array(length);
  }

  /** The application wants it. */
  stream(): void {
    this.#state = State.STREAMING;
    this.#start();
  }

  /** The application has read on, after `sendBody` returned false. Returns whether it had. */
  resume(): boolean {
    if (!this.#congested) return false;
    this.#congested = false;
    this.#started += this.#limits.now() - this.#suspended;
    // The congested part may have been the last: then nothing more comes that would show the end.
    this.receive(NOTHING, 0, 0);
    return true;
  }

  /** The response is complete: what is left is of no use. */
  drop(): void {
    this.#state = State.DROPPING;
    this.#congested = false;
    this.#start();
  }

  /** Nothing more of it is read. */
  break(): void {
    this.#state = State.BROKEN;
  }

  /** When the client must have sent more, on the transport's clock. */
  get deadline(): number {
    const waits = this.#state === State.COLLECTING || this.#state === State.DROPPING ||
      this.#state === State.STREAMING && !this.#congested;
    if (!waits) return Infinity;
    const { pace, stall } = this.#limits;
    return Math.min(this.#started + allowance(pace, this.#received), this.#limits.now() + stall);
  }

  /**
   * Takes what is wanted of `buffer[start, end)`.
   *
   * @returns where the rest begins.
   */
  receive(buffer: Uint8Array, start: number, end: number): number {
    const decoder = this.#decoder;
    let at = start;
    while (decoder !== undefined && this.#reading()) {
      const event = decoder.next(buffer, at, end);
      this.#bytes += decoder.position - at;
      at = decoder.position;
      if (event === BodyEvent.data) {
        this.#take(buffer, decoder.dataStart, decoder.dataEnd);
      } else if (event === BodyEvent.end) {
        this.#complete();
      } else if (event === BodyEvent.failure) {
        this.#fail(decoder.failure!.status);
      } else {
        break;
      }
    }
    return this.#state === State.BROKEN ? end : at;
  }

  /** The client sends no more. To be called when all that it sent has been offered to `receive`. */
  onEnd(): void {
    if (this.#congested) return;
    this.#giveUp(400, BodyEnd.CLIENT_GONE);
  }

  /** The client did not send on in time. */
  onTimeout(): void {
    this.#giveUp(408, BodyEnd.TIMED_OUT);
  }

  #start(): void {
    this.#started = this.#limits.now();
    this.#received = 0;
  }

  #reading(): boolean {
    return !this.#congested &&
      (this.#state === State.STREAMING || this.#state === State.COLLECTING ||
        this.#state === State.DROPPING);
  }

  #take(buffer: Uint8Array, start: number, end: number): void {
    const before = this.#received;
    this.#received += end - start;
    switch (this.#state) {
      case State.COLLECTING:
        this.#body!.set(buffer.subarray(start, end), before);
        break;
      case State.STREAMING:
        this.#congested = !this.#owner.sendBody(buffer, start, end);
        if (this.#congested) this.#suspended = this.#limits.now();
        break;
      case State.DROPPING:
        if (this.#received > DROP_LIMIT) this.#giveUp(413, BodyEnd.TOO_LARGE);
    }
  }

  #complete(): void {
    const state = this.#state;
    this.#state = State.DONE;
    if (state === State.COLLECTING) this.#owner.onCollected();
    else if (state === State.STREAMING) this.#owner.endBody(BodyEnd.COMPLETE);
    else this.#owner.onDropped(true);
  }

  #fail(status: number): void {
    this.#giveUp(status, status === 413 ? BodyEnd.TOO_LARGE : BodyEnd.MALFORMED);
  }

  #giveUp(status: number, cause: BodyEnd): void {
    const state = this.#state;
    if (
      state !== State.COLLECTING && state !== State.STREAMING && state !== State.DROPPING
    ) return;
    this.#state = State.BROKEN;
    this.#congested = false;
    if (state === State.COLLECTING) this.#owner.onNotCollected(status);
    else if (state === State.STREAMING) this.#owner.endBody(cause);
    else this.#owner.onDropped(false);
  }
}
