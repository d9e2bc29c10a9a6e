import { BodyEvent } from "./body_event.ts";
import { type RequestFailure, requestFailure } from "./failure.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const SEMICOLON = 59;
const COLON = 58;

/** Above this no digit may follow in a chunk size: it has 52 bits at most, which a number holds exactly. */
const LARGEST_PREFIX = 2 ** 48 - 1;
/** Most digits of a chunk size, zeros at its start included. */
const SIZE_DIGITS = 128;

/**
 * Most bytes of chunk extensions, white space before them included, and of trailer lines, in one body. All are read
 * over.
 */
const EXTENSION_BYTES = 4096;
const TRAILER_BYTES = 8190;

/** Where in the grammar of RFC 9112 section 7.1 the decoder stands. */
const State = {
  size: 0,
  sizeSpace: 1,
  extension: 2,
  sizeLineFeed: 3,
  data: 4,
  dataReturn: 5,
  dataLineFeed: 6,
  trailerStart: 7,
  trailerName: 8,
  trailerValue: 9,
  trailerLineFeed: 10,
  lastLineFeed: 11,
  end: 12,
  failed: 13,
} as const;

/** Value of a hexadecimal digit, or -1. */
const DIGITS = new Int8Array(256).fill(-1);
for (const [value, digit] of [..."0123456789abcdef"].entries()) {
  DIGITS[digit.charCodeAt(0)] = value;
  DIGITS[digit.toUpperCase().charCodeAt(0)] = value;
}

/** 1 for the characters of a token. */
const TOKEN = new Uint8Array(256);
for (let code = 33; code < 127; code++) {
  TOKEN[code] = '"(),/:;<=>?@[\\]{}'.includes(String.fromCharCode(code)) ? 0 : 1;
}

/**
 * Reads a chunked body. Line ends are CRLF and nothing else, extensions and trailers are read over
 * within limits, and the sum of all chunks is held to a limit as well.
 */
export class ChunkedDecoder {
  position = 0;
  dataStart = 0;
  dataEnd = 0;
  failure: RequestFailure | undefined;
  readonly #limit: number;
  #state: number = State.size;
  /** Bytes left of the chunk, and digits read of its size. */
  #remaining = 0;
  #digits = 0;
  #total = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;

  /** `limit`: most bytes of the decoded body, 0 for no limit. */
  constructor(limit = 0) {
    this.#limit = limit;
  }

  /** Bytes of the decoded body announced so far. */
  get total(): number {
    return this.#total;
  }

  /** See `BodyDecoder`. */
  next(bytes: Uint8Array, start: number, end: number): number {
    let index = start;
    while (index < end) {
      if (this.#state === State.data) {
        const length = Math.min(end - index, this.#remaining);
        this.#remaining -= length;
        if (this.#remaining === 0) this.#state = State.dataReturn;
        this.dataStart = index;
        this.dataEnd = index + length;
        this.position = index + length;
        return BodyEvent.data;
      }
      if (this.#state >= State.end) break;
      this.#step(bytes[index]!);
      if (this.failure !== undefined) break;
      index++;
    }
    this.position = index;
    if (this.#state === State.end) return BodyEvent.end;
    return this.failure === undefined ? BodyEvent.more : BodyEvent.failure;
  }

  /** Takes one byte outside the chunks' data. */
  #step(byte: number): void {
    switch (this.#state) {
      case State.size:
        return this.#size(byte);
      case State.sizeSpace:
        // White space may stand before an extension, not before the end of the line.
        if (byte === SEMICOLON) this.#state = State.extension;
        else if (isBlank(byte)) this.#countExtension();
        else this.#fail(400, "invalid chunk size");
        return;
      case State.extension:
        if (byte === CR) this.#state = State.sizeLineFeed;
        else if (isControl(byte)) this.#fail(400, "control character in a chunk extension");
        else this.#countExtension();
        return;
      case State.sizeLineFeed:
        this.#state = this.#remaining === 0 ? State.trailerStart : State.data;
        return this.#expect(byte, LF, "chunk size");
      case State.dataReturn:
        this.#state = State.dataLineFeed;
        return this.#expect(byte, CR, "chunk");
      case State.dataLineFeed:
        this.#state = State.size;
        this.#digits = 0;
        return this.#expect(byte, LF, "chunk");
      case State.lastLineFeed:
        this.#state = State.end;
        return this.#expect(byte, LF, "chunked body");
      default:
        return this.#trailer(byte);
    }
  }

  #size(byte: number): void {
    const digit = DIGITS[byte]!;
    if (digit >= 0) {
      if (++this.#digits > SIZE_DIGITS || this.#remaining > LARGEST_PREFIX) {
        return this.#fail(400, "chunk size is too long");
      }
      this.#remaining = this.#remaining * 16 + digit;
      return;
    }
    if (this.#digits === 0 || (byte !== CR && byte !== SEMICOLON && !isBlank(byte))) {
      return this.#fail(400, "invalid chunk size");
    }
    this.#total += this.#remaining;
    if (this.#limit > 0 && this.#total > this.#limit) {
      return this.#fail(413, "request body is larger than the limit");
    }
    if (byte === CR) this.#state = State.sizeLineFeed;
    else this.#state = byte === SEMICOLON ? State.extension : State.sizeSpace;
  }

  #countExtension(): void {
    if (++this.#extensionBytes > EXTENSION_BYTES) this.#fail(400, "chunk extensions are too long");
  }

  #trailer(byte: number): void {
    if (++this.#trailerBytes > TRAILER_BYTES) return this.#fail(400, "trailers are too long");
    switch (this.#state) {
      case State.trailerStart:
        if (byte === CR) this.#state = State.lastLineFeed;
        else if (TOKEN[byte] === 1) this.#state = State.trailerName;
        else this.#fail(400, "invalid trailer name");
        return;
      case State.trailerName:
        if (byte === COLON) this.#state = State.trailerValue;
        else if (TOKEN[byte] !== 1) this.#fail(400, "invalid trailer name");
        return;
      case State.trailerValue:
        if (byte === CR) this.#state = State.trailerLineFeed;
        else if (isControl(byte)) this.#fail(400, "control character in a trailer");
        return;
      default:
        this.#state = State.trailerStart;
        return this.#expect(byte, LF, "trailer");
    }
  }

  #expect(byte: number, wanted: number, what: string): void {
    if (byte !== wanted) this.#fail(400, `${what} does not end with CRLF`);
  }

  #fail(status: number, reason: string): void {
    this.#state = State.failed;
    this.failure = requestFailure(status, reason);
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** Every control character but the tab. */
function isControl(byte: number): boolean {
  return (byte < SPACE && byte !== TAB) || byte === 127;
}
