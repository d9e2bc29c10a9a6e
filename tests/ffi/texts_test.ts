import assert from "node:assert/strict";
import fc from "npm:fast-check@4.3.0";
import { cString, orNotNull, readCString, wideString, WideStrings } from "../../ffi/texts.ts";

const withoutNul = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0"));

Deno.test("cString() ends with a NUL after the encoded bytes", () => {
  assert.deepEqual(Array.from(cString("é")), [0xc3, 0xa9, 0]);
  assert.deepEqual(Array.from(cString("")), [0]);
});

Deno.test("cString() and wideString() refuse a NUL inside", () => {
  assert.throws(() => cString("a\0b"), TypeError);
  assert.throws(() => wideString("a\0b"), TypeError);
});

Deno.test("readCString() reads back what cString() wrote", () => {
  fc.assert(fc.property(withoutNul, (text) => {
    assert.equal(readCString(Deno.UnsafePointer.of(cString(text))), text);
  }));
  assert.equal(readCString(null), "");
});

Deno.test("wideString() is UTF-32 on POSIX systems", () => {
  fc.assert(fc.property(withoutNul, (text) => {
    const units = Array.from(new Uint32Array(wideString(text, "linux").buffer));
    assert.equal(units.pop(), 0);
    assert.equal(String.fromCodePoint(...units), text);
  }));
});

Deno.test("wideString() is UTF-16 on Windows", () => {
  assert.deepEqual(
    Array.from(new Uint16Array(wideString("a😀", "windows").buffer)),
    [0x61, 0xd83d, 0xde00, 0],
  );
});

Deno.test("WideStrings has the address of each text", () => {
  for (const os of ["linux", "windows"] as const) {
    const texts = ["", "python", "ä😀"];
    const strings = new WideStrings(texts, os);
    assert.equal(strings.length, 3);
    texts.forEach((text, index) => {
      const expected = wideString(text, os);
      const pointer = Deno.UnsafePointer.create(strings.addresses[index] ?? 0n);
      assert.ok(pointer);
      const bytes = new Uint8Array(expected.length);
      Deno.UnsafePointerView.copyInto(pointer, bytes);
      assert.deepEqual(bytes, expected);
    });
  }
});

Deno.test("orNotNull() replaces only an empty buffer", () => {
  const bytes = new Uint8Array([1]);
  assert.equal(orNotNull(bytes), bytes);
  assert.equal(orNotNull(new Uint8Array(0)).length, 1);
});
