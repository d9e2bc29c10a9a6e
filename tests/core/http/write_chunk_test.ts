import assert from "node:assert/strict";
import fc from "npm:fast-check@4.3.0";
import { writeChunk } from "../../../core/http/write_chunk.ts";

Deno.test("writeChunk() frames the bytes wherever they stand, and leaves alone what is behind them", () => {
  fc.assert(fc.property(
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
    fc.nat(40),
    fc.nat(40),
    (bytes, before, behind) => {
      const buffer = new Uint8Array(before + bytes.length + behind).fill(0xee);
      buffer.set(bytes, before);
      const end = before + bytes.length;
      const written: number[][] = [];
      writeChunk(buffer, before, end, (source, from, to) => {
        written.push([...source.subarray(from, to)]);
      });
      const size = new TextEncoder().encode(`${bytes.length.toString(16)}\r\n`);
      assert.deepEqual(written, [[...size, ...bytes, 13, 10]]);
      assert.deepEqual([...buffer.subarray(before)], [...bytes, ...new Array(behind).fill(0xee)]);
    },
  ));
});

Deno.test("writeChunk() frames more than its own room", () => {
  const bytes = new Uint8Array(200_000).fill(7);
  let length = 0;
  writeChunk(bytes, 0, bytes.length, (_buffer, from, to) => length += to - from);
  assert.equal(length, "30d40\r\n".length + 200_000 + 2);
});
