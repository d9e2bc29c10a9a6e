/**
 * The requests that an application process has, by number.
 *
 * Slots are used again and again: a `Map` makes a new table every few insertions, and of those V8 keeps each one alive
 * that an older one points to, with all the requests that were in it, until the next full garbage collection.
 *
 * @module
 */
import type { EnvironShape } from "../wsgi/environ_shape.ts";
import type { GatewayRequest } from "./request.ts";

const SLOT_BITS = 12;
/** How many requests a process can have at a time. */
export const MOST_RUNNING = 1 << SLOT_BITS;
const SLOT_MASK = MOST_RUNNING - 1;
/** A number has 32 bits. */
const MOST_USES = 2 ** (32 - SLOT_BITS) - 1;

/** Requests and the numbers that stand for them in frames. A number is not given again soon, and never is 0. */
export class RunningRequests {
  /** The request in each slot; undefined where the slot is free or the request forgotten. */
  #requests: (GatewayRequest | undefined)[] = [];
  /** The shape of its environ text, which the process may have to look up. */
  #shapes: (EnvironShape | undefined)[] = [];
  /** Its number; 0 where the slot is free. */
  #numbers: number[] = [];
  #uses: number[] = [];
  #free: number[] = [];

  /** Numbers in use, those of forgotten requests included. */
  get size(): number {
    return this.#numbers.length - this.#free.length;
  }

  /** Takes a request and gives its number. */
  add(request: GatewayRequest): number {
    const slot = this.#free.pop() ?? this.#numbers.length;
    const uses = this.#uses[slot] ?? 0;
    const use = uses === MOST_USES ? 1 : uses + 1;
    const number = use * MOST_RUNNING + slot;
    this.#uses[slot] = use;
    this.#requests[slot] = request;
    this.#shapes[slot] = request.shape;
    request.shape?.retain();
    this.#numbers[slot] = number;
    return number;
  }

  /** The request of this number, unless it is forgotten or gone. */
  get(number: number): GatewayRequest | undefined {
    const slot = number & SLOT_MASK;
    return this.#numbers[slot] === number ? this.#requests[slot] : undefined;
  }

  /** Takes a number out of use. Returns whether it was. */
  delete(number: number): boolean {
    const slot = number & SLOT_MASK;
    if (number === 0 || this.#numbers[slot] !== number) return false;
    this.#numbers[slot] = 0;
    this.#requests[slot] = undefined;
    this.#shapes[slot]?.release();
    this.#shapes[slot] = undefined;
    this.#free.push(slot);
    return true;
  }

  /** Forgets the request; its number stays in use. Returns whether it was here. */
  forget(request: GatewayRequest): boolean {
    const slot = this.#requests.indexOf(request);
    if (slot < 0) return false;
    this.#requests[slot] = undefined;
    return true;
  }

  /** The numbers in use at this moment. */
  numbers(): number[] {
    return this.#numbers.filter((number) => number !== 0);
  }
}
