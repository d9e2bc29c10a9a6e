/**
 * Requests that wait for a thread, in order of arrival.
 *
 * @module
 */
import type { GatewayRequest } from "./request.ts";

/** How many places in front may be empty before the others move up. */
const MOST_EMPTY = 1024;

/** A queue. */
export class RequestQueue {
  #items: GatewayRequest[] = [];
  /** Index of the first request: taking one off the front moves nothing. */
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  /** The request that is next, which came before all others. */
  get first(): GatewayRequest | undefined {
    return this.#items[this.#first];
  }

  push(request: GatewayRequest): void {
    this.#items.push(request);
  }

  /** Puts a request before all others. */
  putFirst(request: GatewayRequest): void {
    if (this.#first > 0) this.#items[--this.#first] = request;
    else this.#items.unshift(request);
  }

  takeFirst(): GatewayRequest | undefined {
    if (this.length === 0) return undefined;
    const request = this.#items[this.#first++]!;
    if (this.length === 0) {
      this.#items.length = 0;
      this.#first = 0;
    } else if (this.#first > MOST_EMPTY) {
      this.#items.splice(0, this.#first);
      this.#first = 0;
    }
    return request;
  }

  /** Takes a request out. Returns whether it was there. */
  remove(request: GatewayRequest): boolean {
    const index = this.#items.indexOf(request, this.#first);
    if (index < 0) return false;
    this.#items.splice(index, 1);
    return true;
  }

  /** The requests of this moment, the first one first. */
  snapshot(): GatewayRequest[] {
    return this.#items.slice(this.#first);
  }
}
