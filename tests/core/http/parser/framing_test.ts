import assert from "node:assert/strict";
import {
  checkTransferEncoding,
  ConnectionOption,
  connectionOptions,
  parseContentLength,
} from "../../../../core/http/parser/framing.ts";

Deno.test("parseContentLength takes digits only", () => {
  assert.equal(parseContentLength("0"), 0);
  assert.equal(parseContentLength("0042"), 42);
  assert.equal(parseContentLength("9007199254740991"), Number.MAX_SAFE_INTEGER);
  for (const value of ["", "1 ", "1,1", "1, 1", "0x1", "1e3", "1.0", "+1", "-1", "\xb2", "١"]) {
    const result = parseContentLength(value);
    assert.equal(typeof result === "number" ? result : result.status, 400, JSON.stringify(value));
  }
});

Deno.test("parseContentLength refuses with 413 what a number can't hold", () => {
  for (const value of ["9007199254740992", "1".repeat(400)]) {
    const result = parseContentLength(value);
    assert.equal(typeof result === "number" ? result : result.status, 413);
  }
});

Deno.test("checkTransferEncoding takes exactly chunked, in any case", () => {
  assert.equal(checkTransferEncoding("chunked"), undefined);
  assert.equal(checkTransferEncoding("Chunked"), undefined);
  for (const value of ["", ",", "chunked,", "chunked,chunked", "chunked, chunked"]) {
    assert.equal(checkTransferEncoding(value)?.status, 400, value);
  }
  for (
    const value of ["gzip", "identity", "chunked, gzip", "gzip,chunked", "xchunked", "chunked;q=1"]
  ) {
    assert.equal(checkTransferEncoding(value)?.status, 501, value);
  }
});

Deno.test("connectionOptions finds the options in a list", () => {
  const { close, keepAlive, upgrade } = ConnectionOption;
  assert.equal(connectionOptions("close"), close);
  assert.equal(connectionOptions(" Keep-Alive ,\tUPGRADE"), keepAlive | upgrade);
  assert.equal(connectionOptions("TE, x-close, keepalive"), 0);
  assert.equal(connectionOptions(""), 0);
});
