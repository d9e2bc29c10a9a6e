import assert from "node:assert/strict";
import { parseRequestFile } from "./request_file.ts";

Deno.test("parseRequestFile ends lines with CRLF but for a backslash at their end", () => {
  assert.deepEqual(parseRequestFile("GET /\n\nabc\\\nd\\\\\n"), [
    { kind: "send", text: "GET /\r\n\r\nabcd\\\r\n" },
  ]);
});

Deno.test("parseRequestFile reads a file with CRLF alike", () => {
  assert.deepEqual(parseRequestFile("a\r\nb\\\r\n"), [{ kind: "send", text: "a\r\nb" }]);
});

Deno.test("parseRequestFile cuts at steps", () => {
  assert.deepEqual(parseRequestFile("a\\\n#! split\nb\\\n#! end\n"), [
    { kind: "send", text: "a" },
    { kind: "split" },
    { kind: "send", text: "b" },
    { kind: "end" },
  ]);
});

Deno.test("parseRequestFile refuses unknown steps and a last line without end", () => {
  assert.throws(() => parseRequestFile("#! sleep\n"), SyntaxError);
  assert.throws(() => parseRequestFile("a"), SyntaxError);
});
