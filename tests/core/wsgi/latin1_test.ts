import assert from "node:assert/strict";
import fc from "npm:fast-check@^4";
import {
  bytesAsLatin1,
  decodeAscii,
  decodeHighBytes,
  decodeLatin1,
  encodeLatin1,
  writeLatin1,
} from "../../../core/wsgi/latin1.ts";

const ALL = Uint8Array.from({ length: 256 }, (_, index) => index);

Deno.test("decodeLatin1 gives one character for each of the 256 bytes", () => {
  const text = decodeLatin1(ALL, 0, 256);
  assert.deepEqual([...text].map((letter) => letter.codePointAt(0)), [...ALL]);
});

Deno.test("encodeLatin1 gives one byte for each of the 256 characters", () => {
  assert.deepEqual(encodeLatin1(String.fromCharCode(...ALL)), ALL);
});

Deno.test("decodeLatin1 keeps a byte order mark and takes texts of any length", () => {
  assert.equal(decodeLatin1(new Uint8Array([0xef, 0xbb, 0xbf, 65]), 0, 4), "\xef\xbb\xbfA");
  const long = new Uint8Array(20000).fill(0xe9);
  assert.equal(decodeLatin1(long, 1, 19999), "\xe9".repeat(19998));
  assert.equal(decodeHighBytes(long, 5, 4105), "\xe9".repeat(4100));
});

Deno.test("decodeAscii takes a region", () => {
  assert.equal(decodeAscii(encodeLatin1("abcdef"), 2, 4), "cd");
});

Deno.test("writeLatin1 writes at an offset and touches nothing else", () => {
  for (const text of ["abc", "\xe9b\xff"]) {
    const target = new Uint8Array(6).fill(1);
    assert.equal(writeLatin1(text, target, 2), 5);
    assert.deepEqual([...target], [1, 1, ...[...text].map((c) => c.charCodeAt(0)), 1]);
  }
});

Deno.test("writeLatin1 says where a text doesn't fit, and fills to the last byte", () => {
  const target = new Uint8Array(4);
  assert.equal(writeLatin1("abcde", target, 0), -1);
  assert.equal(writeLatin1("abcd", target, 1), -1);
  assert.equal(writeLatin1("\xe9\xe9\xe9\xe9", target, 0), 4);
  assert.deepEqual([...target], [0xe9, 0xe9, 0xe9, 0xe9]);
});

Deno.test("bytesAsLatin1 shows UTF-8 bytes", () => {
  assert.equal(bytesAsLatin1("/srv/app"), "/srv/app");
  assert.equal(bytesAsLatin1("/\u20ac"), "/\xe2\x82\xac");
});

Deno.test("texts of bytes survive encoding and decoding", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    const text = decodeLatin1(bytes, 0, bytes.length);
    assert.deepEqual(encodeLatin1(text), new Uint8Array(bytes));
  }));
});
