/** The body of a response that is sent piece by piece. */

import { encodeLatin1 } from "./latin1.ts";
import { Framing, type ResponsePlan } from "./response.ts";

/** What follows the data of each chunk (RFC 9112 section 7.1). */
export const CHUNK_END: Uint8Array = encodeLatin1("\r\n");

/** What ends a chunked body without trailers. */
export const LAST_CHUNK: Uint8Array = encodeLatin1("0\r\n\r\n");

/** Most bytes {@linkcode writeChunkStart} writes. */
export const CHUNK_START_BYTES = 16;

/** Writes the size line of a chunk into `target` at `offset`; returns the offset behind it. */
export function writeChunkStart(length: number, target: Uint8Array, offset: number): number {
  const digits = length.toString(16);
  for (let index = 0; index < digits.length; index++) {
    target[offset + index] = digits.charCodeAt(index);
  }
  target[offset + digits.length] = 13;
  target[offset + digits.length + 1] = 10;
  return offset + digits.length + 2;
}

/** Counts what goes out of a body, so that the client gets neither more nor, unnoticed, less than promised. */
export class ResponseBody {
  readonly #framing: number;
  #remaining: number;

  constructor(plan: ResponsePlan) {
    this.#framing = plan.framing;
    this.#remaining = plan.length;
  }

  /** True where data goes between {@linkcode writeChunkStart} and {@linkcode CHUNK_END}. */
  get chunked(): boolean {
    return this.#framing === Framing.chunked;
  }

  /** True where no further byte of the application's will be sent. */
  get full(): boolean {
    return this.#framing === Framing.none ||
      (this.#framing === Framing.length && this.#remaining === 0);
  }

  /** How many of the next `length` bytes are to be sent: what is beyond Content-Length is cut off. */
  take(length: number): number {
    if (this.#framing === Framing.none) return 0;
    if (this.#framing !== Framing.length) return length;
    const taken = Math.min(length, this.#remaining);
    this.#remaining -= taken;
    return taken;
  }

  /**
   * Called at the end of the response: false where bytes of the promised Content-Length are missing;
   * the connection must then be closed. {@linkcode LAST_CHUNK} is still to be sent where `chunked`.
   */
  finish(): boolean {
    return this.#framing !== Framing.length || this.#remaining === 0;
  }
}
