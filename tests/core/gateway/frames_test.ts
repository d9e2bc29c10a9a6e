import assert from "node:assert/strict";
import fc from "npm:fast-check@4.3.0";
import {
  FRAME_HEADER_SIZE,
  FrameReader,
  FrameType,
  readInt64,
  readUint16,
  readUint32,
  writeFrameHeader,
  writeUint32,
} from "../../../core/gateway/frames.ts";

interface Frame {
  readonly type: number;
  readonly payload: Uint8Array;
}

function encode(frames: readonly Frame[]): Uint8Array {
  return Uint8Array.from(frames.flatMap(({ type, payload }) => {
    const header = new Uint8Array(FRAME_HEADER_SIZE);
    writeFrameHeader(header, 0, type, payload.length);
    return [...header, ...payload];
  }));
}

/** Reads the bytes in parts of these sizes, each in a buffer of its own; the parts of a `DATA` frame are joined. */
function read(bytes: Uint8Array, sizes: readonly number[], reader = new FrameReader()): Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const end = Math.min(at + (sizes[index % sizes.length] ?? bytes.length), bytes.length);
    const buffer = new Uint8Array(end - at + 20).fill(0xee);
    buffer.set(bytes.subarray(at, end), 10);
    reader.push(buffer, 10, 10 + end - at, (type, source, from, to) => {
      frames.push({ type, payload: source.slice(from, to) });
      // Free to overwrite.
      source.fill(0xdd, from - FRAME_HEADER_SIZE, to);
    });
    buffer.fill(0xcc);
    at = end;
  }
  return frames;
}

/** The parts of data in a row as one, as a body is: where its frames were cut does not matter. */
function joined(frames: readonly Frame[]): Frame[] {
  const result: Frame[] = [];
  for (const { type, payload } of frames) {
    const last = result.at(-1);
    if (type !== FrameType.DATA) result.push({ type, payload });
    else if (last?.type !== type) result.push({ type, payload });
    else result[result.length - 1] = { type, payload: Uint8Array.of(...last.payload, ...payload) };
  }
  return result.filter(({ type, payload }) => type !== FrameType.DATA || payload.length > 0);
}

const frame = fc.record({
  type: fc.constantFrom(FrameType.HEAD, FrameType.DATA, FrameType.FINISH, FrameType.WANT_BODY),
  payload: fc.uint8Array({ maxLength: 3000, size: "max" }),
});

Deno.test("FrameReader finds the same frames however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 10 }),
      (frames, sizes) => {
        const bytes = encode(frames);
        assert.deepEqual(joined(read(bytes, sizes)), joined(frames));
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("FrameReader finds frames that come byte by byte", () => {
  const frames = [
    { type: FrameType.HEAD, payload: Uint8Array.of(1, 2, 3) },
    { type: FrameType.FINISH, payload: new Uint8Array(0) },
    { type: FrameType.ABORT, payload: Uint8Array.of(244, 1) },
  ];
  assert.deepEqual(read(encode(frames), [1]), frames);
});

Deno.test("FrameReader passes the parts of a DATA frame on as they come", () => {
  const bytes = encode([{ type: FrameType.DATA, payload: new Uint8Array(100).fill(7) }]);
  const sizes = read(bytes, [30]).map(({ payload }) => payload.length);
  assert.deepEqual(sizes, [25, 30, 30, 15]);
});

Deno.test("FrameReader refuses a frame that is longer than its limit before it has come", () => {
  const header = new Uint8Array(FRAME_HEADER_SIZE);
  writeFrameHeader(header, 0, FrameType.HELLO, 41);
  assert.throws(() => read(header, [5], new FrameReader(40)), RangeError);
  writeFrameHeader(header, 0, FrameType.HEAD, 64 * 1024 * 1024 + 1);
  assert.throws(() => read(header, [5]), RangeError);
});

Deno.test("numbers are little endian", () => {
  const buffer = new Uint8Array(8);
  writeUint32(buffer, 1, 0xfedcba98);
  assert.deepEqual([...buffer.subarray(1, 5)], [0x98, 0xba, 0xdc, 0xfe]);
  assert.equal(readUint32(buffer, 1), 0xfedcba98);
  assert.equal(readUint16(Uint8Array.of(0xf4, 0x01), 0), 500);
});

Deno.test("readInt64() reads every length that a number can hold, and -1", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), (number) => {
    const buffer = new Uint8Array(9);
    new DataView(buffer.buffer).setBigInt64(1, BigInt(number), true);
    assert.equal(readInt64(buffer, 1), number);
  }));
  assert.equal(readInt64(new Uint8Array(8).fill(255), 0), -1);
});
