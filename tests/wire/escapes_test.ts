import assert from "node:assert/strict";
import { unescape } from "./escapes.ts";

Deno.test("unescape knows control characters, bytes and copies", () => {
  assert.equal(unescape("a\\r\\n\\t\\0\\\\b"), "a\r\n\t\0\\b");
  assert.equal(unescape("\\x41\\xe9"), "A\xe9");
  assert.equal(unescape("<\\{3*ab}>"), "<ababab>");
  assert.equal(unescape("\\{2*\\x41\\r\\n}"), "A\r\nA\r\n");
});

Deno.test("unescape refuses what it does not know", () => {
  for (const text of ["\\q", "\\", "\\x4", "\\{3 a}"]) {
    assert.throws(() => unescape(text), SyntaxError, text);
  }
});
