/**
 * A strict, incremental parser of HTTP/1.1 and HTTP/1.0 request heads (RFC 9112).
 *
 * It works on a region of the connection's receive buffer and copies nothing but the text of a whole
 * head. What two servers in a row could understand differently is refused: bare CR or LF, folded
 * lines, a space before the colon, control characters, two lengths.
 */

import { decodeAscii, decodeHighBytes } from "../wsgi/latin1.ts";
import { DEFAULT_HEAD_LIMITS, type HeadLimits } from "./parser/limits.ts";
import { type RequestFailure, requestFailure } from "./parser/failure.ts";
import { HeaderNames } from "./parser/header_names.ts";
import { parseRequestHead, type RequestHead } from "./parser/request_head.ts";

export { DEFAULT_HEAD_LIMITS, type HeadLimits } from "./parser/limits.ts";
export { type RequestFailure, requestFailure } from "./parser/failure.ts";
export { type HeaderName, HeaderRole } from "./parser/header_names.ts";
export { headerValue, type RequestHead } from "./parser/request_head.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const DELETE = 127;

/** Empty lines tolerated before a request line (RFC 9112 section 2.2). */
const LEADING_EMPTY_LINES = 4;
/** Characters of a head that is kept to be compared with the next of its connection. */
const MOST_KEPT = 4096;

const sharedNames = new HeaderNames();

/**
 * Parses the request heads of one connection, one after the other.
 *
 * ```ts
 * const parser = new RequestParser();
 * const result = parser.parse(buffer, start, end);
 * if (result === undefined) {
 *   // incomplete: receive more, call again with the same first byte
 * } else if (result.kind === "failure") {
 *   // answer result.status, close
 * } else {
 *   // the body, or the next head, begins at start + result.length
 * }
 * ```
 */
export class RequestParser {
  readonly #limits: HeadLimits;
  /** Ends of the lines seen so far (positions of their CR), counted from the first byte of the region. */
  readonly #lineEnds: Int32Array;
  #lineCount = 0;
  /** Where to go on, where the current line and where the request line begin; counted likewise. */
  #scanned = 0;
  #lineStart = 0;
  #headStart = 0;
  #emptyLines = 0;
  /** All bytes of the head or-ed together: above 127 where one isn't ASCII. */
  #seen = 0;
  /** The head before, its text, and its bytes once it has come twice. */
  #last: RequestHead | undefined;
  #lastText = "";
  #lastBytes: Uint8Array | undefined;

  constructor(limits: HeadLimits = DEFAULT_HEAD_LIMITS) {
    this.#limits = limits;
    this.#lineEnds = new Int32Array(limits.fields + 1);
  }

  /** True while the parser has seen a part of a head: the client is in the middle of a request. */
  get started(): boolean {
    return this.#scanned > this.#headStart;
  }

  /** Whole lines seen of the head that is being read. */
  get lines(): number {
    return this.#lineCount;
  }

  /**
   * Reads the head that begins at `start`. `undefined` means that it isn't whole yet: the next call
   * must give a region that begins with the same byte (it may have moved) and holds at least as much.
   * Bytes already looked at are not looked at again. A head like the one before is the same object.
   */
  parse(bytes: Uint8Array, start: number, end: number): RequestHead | RequestFailure | undefined {
    if (this.#lastBytes !== undefined && this.#scanned === 0) {
      if (startsWith(bytes, start, end, this.#lastBytes)) return this.#last;
    }
    const result = this.#scan(bytes, start, end);
    if (typeof result !== "number") {
      if (result !== undefined) this.#reset();
      return result;
    }
    const from = start + this.#headStart;
    const text = this.#seen > DELETE
      ? decodeHighBytes(bytes, from, result)
      : decodeAscii(bytes, from, result);
    const length = result - start;
    const last = this.#last;
    if (last !== undefined && text === this.#lastText && length === last.length) {
      this.#lastBytes ??= bytes.slice(start, result);
      this.#reset();
      return last;
    }
    const head = parseRequestHead(
      text,
      this.#lineEnds,
      this.#lineCount,
      this.#headStart,
      sharedNames,
      length,
      last?.fields,
    );
    const isKept = head.kind === "head" && text.length <= MOST_KEPT;
    this.#last = isKept ? head : undefined;
    this.#lastText = isKept ? text : "";
    this.#lastBytes = undefined;
    this.#reset();
    return head;
  }

  /** Finds the end of the head, notes the line ends and refuses bytes that no head may hold. */
  #scan(bytes: Uint8Array, start: number, end: number): number | RequestFailure | undefined {
    let index = start + this.#scanned;
    let seen = this.#seen;
    while (index < end) {
      const byte = bytes[index]!;
      if (byte > 31 && byte !== DELETE) {
        seen |= byte;
        index++;
        continue;
      }
      if (byte === CR) {
        if (index + 1 === end) break;
        if (bytes[index + 1] !== LF) {
          return requestFailure(400, "carriage return without line feed");
        }
        const position = index - start;
        index += 2;
        if (position === this.#lineStart) {
          if (this.#lineCount > 0) {
            if (index - start - this.#headStart > this.#limits.headSize) return tooLarge();
            this.#seen = seen;
            return index;
          }
          if (++this.#emptyLines > LEADING_EMPTY_LINES) {
            return requestFailure(400, "empty lines before the request line");
          }
          this.#headStart = index - start;
        } else {
          const failure = this.#endLine(position);
          if (failure !== undefined) return failure;
        }
        this.#lineStart = index - start;
      } else if (byte === TAB && this.#lineCount > 0) {
        index++;
      } else {
        return requestFailure(
          400,
          byte === LF
            ? "line feed without carriage return"
            : "control character in the request head",
        );
      }
    }
    this.#scanned = index - start;
    this.#seen = seen;
    return this.#checkPartialLine(index - start);
  }

  /** Notes the line that ends at `position`. */
  #endLine(position: number): RequestFailure | undefined {
    const failure = this.#checkPartialLine(position);
    if (failure !== undefined) return failure;
    if (this.#lineCount > this.#limits.fields) return requestFailure(431, "too many header lines");
    this.#lineEnds[this.#lineCount++] = position;
    return undefined;
  }

  /** Applies the limits to the current line as far as it reaches. */
  #checkPartialLine(position: number): RequestFailure | undefined {
    const length = position - this.#lineStart;
    if (this.#lineCount === 0) {
      if (length > this.#limits.requestLine) return requestFailure(414, "request line is too long");
    } else if (length > this.#limits.fieldSize) {
      return requestFailure(431, "header line is too long");
    }
    return position - this.#headStart > this.#limits.headSize ? tooLarge() : undefined;
  }

  #reset(): void {
    this.#lineCount = 0;
    this.#scanned = 0;
    this.#lineStart = 0;
    this.#headStart = 0;
    this.#emptyLines = 0;
    this.#seen = 0;
  }
}

function startsWith(bytes: Uint8Array, start: number, end: number, others: Uint8Array): boolean {
  const length = others.length;
  if (end - start < length) return false;
  for (let index = 0; index < length; index++) {
    if (bytes[start + index] !== others[index]) return false;
  }
  return true;
}

function tooLarge(): RequestFailure {
  return requestFailure(431, "request head is too large");
}
