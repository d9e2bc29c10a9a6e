import assert from "node:assert/strict";
import { decodeLatin1 } from "../../../core/wsgi/latin1.ts";
import { Framing, type ResponsePlan } from "../../../core/wsgi/response.ts";
import {
  CHUNK_START_BYTES,
  ResponseBody,
  writeChunkStart,
} from "../../../core/wsgi/response_body.ts";

function body(framing: number, length = -1): ResponseBody {
  const plan: ResponsePlan = {
    framing,
    length,
    addedLength: -1,
    dropLength: false,
    keepAlive: true,
    given: 0,
    protocol: "HTTP/1.1",
  };
  return new ResponseBody(plan);
}

Deno.test("ResponseBody cuts what is beyond Content-Length", () => {
  const it = body(Framing.length, 5);
  assert.equal(it.take(3), 3);
  assert.equal(it.full, false);
  assert.equal(it.take(3), 2);
  assert.equal(it.full, true);
  assert.equal(it.take(3), 0);
  assert.equal(it.finish(), true);
});

Deno.test("ResponseBody tells that bytes are missing", () => {
  const it = body(Framing.length, 5);
  it.take(4);
  assert.equal(it.finish(), false);
});

Deno.test("ResponseBody sends nothing where there is no body", () => {
  const it = body(Framing.none);
  assert.equal(it.full, true);
  assert.equal(it.take(10), 0);
  assert.equal(it.finish(), true);
});

Deno.test("ResponseBody sends everything chunked or until the connection closes", () => {
  for (const framing of [Framing.chunked, Framing.close]) {
    const it = body(framing);
    assert.equal(it.take(10), 10);
    assert.equal(it.full, false);
    assert.equal(it.finish(), true);
    assert.equal(it.chunked, framing === Framing.chunked);
  }
});

Deno.test("writeChunkStart writes the size in hexadecimal", () => {
  for (const [length, text] of [[1, "1\r\n"], [16, "10\r\n"], [65535, "ffff\r\n"]] as const) {
    const target = new Uint8Array(20);
    const end = writeChunkStart(length, target, 2);
    assert.equal(decodeLatin1(target, 2, end), text);
  }
  assert.ok(writeChunkStart(Number.MAX_SAFE_INTEGER, new Uint8Array(32), 0) <= CHUNK_START_BYTES);
});
