/**
 * Decoders of request bodies (RFC 9112 sections 6 and 7.1): they find the body's bytes within the
 * receive buffer and copy none of them.
 */

import { type RequestFailure, requestFailure } from "./parser/failure.ts";
import { ChunkedDecoder } from "./parser/chunked.ts";
import { BodyEvent } from "./parser/body_event.ts";

export { BodyEvent } from "./parser/body_event.ts";
export { ChunkedDecoder } from "./parser/chunked.ts";

/**
 * Reads one body.
 *
 * ```ts
 * for (let at = start;;) {
 *   const event = body.next(buffer, at, end);
 *   at = body.position;
 *   if (event === BodyEvent.data) use(buffer.subarray(body.dataStart, body.dataEnd));
 *   else if (event === BodyEvent.end) break; // the next head begins at `at`
 *   else if (event === BodyEvent.more) receive(); // bytes before `at` are done with
 *   else return refuse(body.failure);
 * }
 * ```
 */
export interface BodyDecoder {
  /** Looks at the bytes `[start, end)`; returns one of {@linkcode BodyEvent}. */
  next(bytes: Uint8Array, start: number, end: number): number;
  /** Where the next call begins. */
  readonly position: number;
  /** After {@linkcode BodyEvent.data}: the region of the body's bytes, never empty. */
  readonly dataStart: number;
  readonly dataEnd: number;
  /** After {@linkcode BodyEvent.failure}: what is wrong, 400 or 413. */
  readonly failure: RequestFailure | undefined;
}

/** Reads a body whose length is known. */
export class LengthDecoder implements BodyDecoder {
  position = 0;
  dataStart = 0;
  dataEnd = 0;
  readonly failure = undefined;
  #remaining: number;

  /** `length` in bytes. */
  constructor(length: number) {
    this.#remaining = length;
  }

  /** Bytes of the body not seen yet. */
  get remaining(): number {
    return this.#remaining;
  }

  next(_bytes: Uint8Array, start: number, end: number): number {
    this.position = start;
    if (this.#remaining === 0) return BodyEvent.end;
    if (start >= end) return BodyEvent.more;
    const length = Math.min(end - start, this.#remaining);
    this.#remaining -= length;
    this.dataStart = start;
    this.dataEnd = start + length;
    this.position = start + length;
    return BodyEvent.data;
  }
}

/**
 * The decoder of a request's body, `undefined` for a request without one, or the refusal of a body
 * that is announced as longer than `limit` bytes (0: no limit).
 */
export function bodyDecoder(
  head: { readonly contentLength: number; readonly chunked: boolean },
  limit: number,
): BodyDecoder | RequestFailure | undefined {
  if (head.chunked) return new ChunkedDecoder(limit);
  if (head.contentLength <= 0) return undefined;
  if (limit > 0 && head.contentLength > limit) {
    return requestFailure(413, "request body is larger than the limit");
  }
  return new LengthDecoder(head.contentLength);
}
