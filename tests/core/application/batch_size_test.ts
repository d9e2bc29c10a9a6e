import assert from "node:assert/strict";
import { BatchSize } from "../../../core/application/batch_size.ts";

/** Serves what is allowed, `count` times, each in `duration` milliseconds. */
function serve(size: BatchSize, count: number, duration: number): void {
  for (let call = 0; call < count; call++) size.adjust(size.current, size.current, duration);
}

Deno.test("short requests are served together, more from call to call, up to sixteen", () => {
  const size = new BatchSize();
  const seen = [];
  for (let call = 0; call < 6; call++) {
    seen.push(size.current);
    serve(size, 1, 0.2);
  }
  assert.deepEqual(seen, [1, 2, 4, 8, 16, 16]);
});

Deno.test("no more are allowed than are needed, or fit into the time", () => {
  const size = new BatchSize();
  serve(size, 2, 0.2);
  size.adjust(3, 3, 0.2);
  assert.equal(size.current, 4);
  size.adjust(3, 4, 1.4);
  assert.equal(size.current, 4);
});

Deno.test("behind a long request they are served singly for 64 requests", () => {
  for (
    const long of [
      (size: BatchSize) => size.adjust(1, 1, 20),
      (size: BatchSize) => size.adjust(2, 8, 20),
    ]
  ) {
    const size = new BatchSize();
    serve(size, 3, 0.2);
    long(size);
    assert.equal(size.current, 1);
    serve(size, 64, 0.2);
    assert.equal(size.current, 1);
    serve(size, 1, 0.2);
    assert.equal(size.current, 2);
  }
});

for (const [served, asked, duration] of [[1, 1, 2.1], [2, 8, 4.1]] as const) {
  Deno.test(`one that took ${duration} ms is a hiccup, the second of 64 requests is long`, () => {
    const size = new BatchSize();
    for (let time = 0; time < 3; time++) {
      serve(size, 8, 0.2);
      assert.equal(size.current, 16);
      size.adjust(served, asked, duration);
      assert.equal(size.current, 1);
    }
    serve(size, 1, 0.2);
    assert.equal(size.current, 2);
    size.adjust(served, asked, duration);
    serve(size, 64, 0.2);
    assert.equal(size.current, 1);
    serve(size, 1, 0.2);
    assert.equal(size.current, 2);
  });
}

Deno.test("requests that are neither short nor long are served singly, until they are short", () => {
  const size = new BatchSize();
  serve(size, 3, 0.2);
  size.adjust(7, 8, 3.6);
  assert.equal(size.current, 4);
  size.adjust(4, 4, 2.1);
  size.adjust(2, 2, 1.1);
  assert.equal(size.current, 1);
  serve(size, 1, 0.6);
  assert.equal(size.current, 1);
  serve(size, 1, 0.4);
  assert.equal(size.current, 2);
});
