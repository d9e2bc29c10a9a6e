/**
 * The frames on the socket between a gateway and a worker thread, and on the control connection of a process.
 *
 * A frame is a type (one byte), the length of its payload (32 bits, little endian) and the payload. What each payload
 * holds is told beside its type; the Python side of the same list is `core/python/frames.py`.
 *
 * @module
 */
import { GIVEN_DATE, GIVEN_SERVER } from "../wsgi/response.ts";

/** Bytes before a frame's payload. */
export const FRAME_HEADER_SIZE = 5;

/** The largest payload a peer may announce: a head, or one part of a body. */
export const MAX_PAYLOAD_SIZE = 64 * 1024 * 1024;

/** Frame types by name. */
export const FrameType = {
  /** First frame of a process's socket: secret (32 bytes), process instance (u32), thread number (u32, from 1; 0: the trunk). */
  HELLO: 0x49, // I
  /** First frame of an application process's control connection: secret (32 bytes), process instance (u32). */
  CONTROL: 0x43, // C
  /** On the control connection, both ways: one JSON object. */
  MESSAGE: 0x4a, // J
  /** On the trunk: names of the environ texts that end with a marker; marker NUL name NUL name … */
  SHAPE: 0x53, // S
  /** On the trunk: number (u32), length of the environ text (u32), kind of body (u8, `BodyKind`), environ text, body bytes. */
  REQUEST: 0x52, // R
  /** Process to gateway, before the frames of an answer: they belong to this request (u32). */
  TAKE: 0x54, // T
  /** Gateway to thread: look for requests. */
  PROMOTE: 0x50, // P
  /** Gateway to thread: look for requests, until other threads serve short ones again. */
  VISIT: 0x56, // V
  /** Gateway to thread: the client of this request (u32) is gone, its response is not wanted. */
  ABANDON: 0x58, // X
  /** Thread to gateway: nothing to do, waiting to be promoted. */
  PARKED: 0x5a, // Z
  /** On the trunk, from a process whose threads run at the same time: whether requests take long (u8). */
  PACE: 0x4c, // L
  /** Gateway to thread: a part of the request's body. */
  BODY: 0x42, // B
  /** Gateway to thread: no more body; u8 `BodyEnd`. */
  END_OF_BODY: 0x45, // E
  /** Thread to gateway: send me the body (once a request). */
  WANT_BODY: 0x57, // W
  /** Thread to gateway: status (u16), content length (i64, -1: none), flags (u8, `HEAD_…`), length of the head (u32), head, body. */
  HEAD: 0x48, // H
  /** Thread to gateway: a part of the response's body. */
  DATA: 0x44, // D
  /** Thread to gateway: the response is complete. */
  FINISH: 0x46, // F
  /** Thread to gateway: the response can't be completed; status (u16) for where no head was sent. */
  ABORT: 0x41, // A
  /** Thread to gateway: the request was not taken, the process wants to be replaced; reason text. */
  NOT_TAKEN: 0x51, // Q
} as const;

/** Where a request's body is. */
export const BodyKind = { NONE: 0, WHOLE: 1, STREAMED: 2 } as const;
export type BodyKind = typeof BodyKind[keyof typeof BodyKind];

/** Why a body ended. */
export const BodyEnd = {
  COMPLETE: 0,
  CLIENT_GONE: 1,
  TIMED_OUT: 2,
  MALFORMED: 3,
  TOO_LARGE: 4,
} as const;
export type BodyEnd = typeof BodyEnd[keyof typeof BodyEnd];

/** Flag of `HEAD`: the response is complete with this frame. */
export const HEAD_COMPLETE = 1;
/** Flag of `HEAD`: the connection to the client closes behind this response. */
export const HEAD_CLOSE = 2;
/** Flags of `HEAD`: which lines the application gave. */
export const HEAD_GIVEN = GIVEN_DATE | GIVEN_SERVER;
/** Flag of `HEAD`: the response is complete, but not the request: `FINISH` follows when its thread is free. */
export const HEAD_LINGERS = 16;
/** Bytes of `HEAD` before the head's text. */
export const HEAD_PREFIX_SIZE = 15;
/** Where the flags are in the payload of `HEAD`. */
export const HEAD_FLAGS_AT = 10;

/** Writes a frame's header at `at`. */
export function writeFrameHeader(
  buffer: Uint8Array,
  at: number,
  type: number,
  payloadLength: number,
): void {
  buffer[at] = type;
  writeUint32(buffer, at + 1, payloadLength);
}

/** Writes 32 bits, little endian. */
export function writeUint32(buffer: Uint8Array, at: number, value: number): void {
  buffer[at] = value & 255;
  buffer[at + 1] = (value >>> 8) & 255;
  buffer[at + 2] = (value >>> 16) & 255;
  buffer[at + 3] = value >>> 24;
}

/** Reads 32 bits, little endian. */
export function readUint32(buffer: Uint8Array, at: number): number {
  return (buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16)) +
    buffer[at + 3]! * 0x1000000;
}

/** Reads 16 bits, little endian. */
export function readUint16(buffer: Uint8Array, at: number): number {
  return buffer[at]! | (buffer[at + 1]! << 8);
}

/** Reads a signed 64-bit integer, little endian, whose magnitude is below 2⁵³. */
export function readInt64(buffer: Uint8Array, at: number): number {
  const high = readUint32(buffer, at + 4) | 0;
  return high * 0x100000000 + readUint32(buffer, at);
}

/** What `FrameReader` calls: the type and its payload, `buffer[start, end)`, valid during the call. */
export type FrameHandler = (type: number, buffer: Uint8Array, start: number, end: number) => void;

/**
 * Takes frames out of a stream of bytes, whatever way the bytes are cut into reads.
 *
 * The parts of a `DATA` frame are passed on as they come, as if each were a frame: a body is never collected.
 */
export class FrameReader {
  #kept: Uint8Array<ArrayBuffer> | undefined;
  #keptLength = 0;
  /** Bytes of a `DATA` frame still to come. */
  #dataLeft = 0;
  readonly #limit: number;

  /** @param limit the largest payload that is taken, in bytes. */
  constructor(limit = MAX_PAYLOAD_SIZE) {
    this.#limit = limit;
  }

  /**
   * Calls `onFrame` for each frame that is complete with `buffer[start, end)` and keeps a copy of what is left. A payload
   * has `FRAME_HEADER_SIZE` bytes before it that are free to overwrite.
   *
   * @throws {RangeError} where a frame announces more than the limit: the peer speaks something else.
   */
  push(buffer: Uint8Array, start: number, end: number, onFrame: FrameHandler): void {
    let source = buffer;
    let at = start;
    let stop = end;
    if (this.#dataLeft > 0) at = this.#passData(buffer, at, stop, onFrame);
    if (this.#keptLength > 0) {
      source = this.#append(buffer, at, end);
      at = 0;
      stop = this.#keptLength;
    }
    while (stop - at >= FRAME_HEADER_SIZE) {
      const type = source[at]!;
      const size = readUint32(source, at + 1);
      if (size > this.#limit) throw new RangeError(`a frame of ${size} bytes was announced`);
      const payload = at + FRAME_HEADER_SIZE;
      if (stop - payload >= size) {
        at = payload + size;
        onFrame(type, source, payload, at);
      } else if (type === FrameType.DATA) {
        this.#dataLeft = size;
        at = this.#passData(source, payload, stop, onFrame);
      } else {
        break;
      }
    }
    this.#keep(source, at, stop);
  }

  #passData(buffer: Uint8Array, at: number, end: number, onFrame: FrameHandler): number {
    const stop = Math.min(end, at + this.#dataLeft);
    this.#dataLeft -= stop - at;
    if (stop > at) onFrame(FrameType.DATA, buffer, at, stop);
    return stop;
  }

  #keep(source: Uint8Array, at: number, stop: number): void {
    const length = stop - at;
    if (source === this.#kept && at === 0) return;
    this.#keptLength = length;
    this.#kept = undefined;
    if (length === 0) return;
    // Room for the whole frame at once: the reads that complete it are copied into place.
    const size = length < FRAME_HEADER_SIZE ? 0 : readUint32(source, at + 1);
    this.#kept = new Uint8Array(Math.max(FRAME_HEADER_SIZE + size, length, 1024));
    this.#kept.set(source.subarray(at, stop));
  }

  #append(buffer: Uint8Array, start: number, end: number): Uint8Array {
    const length = this.#keptLength + end - start;
    let kept = this.#kept!;
    if (kept.length < length) {
      const larger = new Uint8Array(length * 2);
      larger.set(kept.subarray(0, this.#keptLength));
      this.#kept = kept = larger;
    }
    kept.set(buffer.subarray(start, end), this.#keptLength);
    this.#keptLength = length;
    return kept;
  }
}
