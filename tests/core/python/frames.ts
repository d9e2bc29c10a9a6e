/**
 * The gateway's side of the frame codec, as the tests need it.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** A frame: type letter and payload. */
export interface Frame {
  readonly type: string;
  readonly payload: Buffer;
}

/** A response head frame, decoded. */
export interface Head {
  readonly status: number;
  /** -1 when the application gave none. */
  readonly contentLength: number;
  readonly isWhole: boolean;
  readonly closes: boolean;
  /** 4: a Date, 8: a Server. */
  readonly given: number;
  /** Status line's tail and header lines. */
  readonly lines: readonly string[];
  readonly body: Buffer;
}

/** How a request brings its body: not at all, in the request frame, or on demand. */
export type BodyKind = 0 | 1 | 2;

/** Encodes a frame. */
export function encodeFrame(type: string, payload: Uint8Array = new Uint8Array()): Uint8Array {
  const frame = Buffer.alloc(5 + payload.length);
  frame.write(type, 0, "latin1");
  frame.writeUInt32LE(payload.length, 1);
  frame.set(payload, 5);
  return frame;
}

/** Encodes a request frame: environ pairs, kind of body, (the first part of) the body. */
export function encodeRequest(
  number: number,
  pairs: Readonly<Record<string, string>>,
  kind: BodyKind,
  body: Uint8Array,
): Uint8Array {
  const text = Buffer.from(Object.entries(pairs).flat().join("\0"), "latin1");
  const prefix = Buffer.alloc(9);
  prefix.writeUInt32LE(number, 0);
  prefix.writeUInt32LE(text.length, 4);
  prefix.writeUInt8(kind, 8);
  return encodeFrame("R", Buffer.concat([prefix, text, body]));
}

/** Decodes an `H` frame. */
export function decodeHead(frame: Frame): Head {
  if (frame.type !== "H") throw new Error(`A head was expected, ${describe(frame)} came`);
  const { payload } = frame;
  const headLength = payload.readUInt32LE(11);
  const text = payload.toString("latin1", 15, 15 + headLength);
  if (!text.endsWith("\r\n")) throw new Error(`The head ${JSON.stringify(text)} is cut`);
  const flags = payload.readUInt8(10);
  return {
    status: payload.readUInt16LE(0),
    contentLength: Number(payload.readBigInt64LE(2)),
    isWhole: (flags & 1) !== 0,
    closes: (flags & 2) !== 0,
    given: flags & 12,
    lines: text.slice(0, -2).split("\r\n"),
    body: payload.subarray(15 + headLength),
  };
}

/** A frame in words, for messages. */
export function describe(frame: Frame): string {
  return `a frame ${frame.type} ${JSON.stringify(frame.payload.toString("latin1", 0, 200))}`;
}
