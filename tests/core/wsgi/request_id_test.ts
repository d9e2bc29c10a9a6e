import assert from "node:assert/strict";
import { IdSequence } from "../../../core/wsgi/request_id.ts";

Deno.test("IdSequence gives ids of 11 letters, none twice", () => {
  const ids = new IdSequence();
  const seen = new Set<string>();
  for (let count = 0; count < 20000; count++) {
    const id = ids.next();
    assert.match(id, /^[A-Za-z0-9_-]{11}$/);
    seen.add(id);
  }
  assert.equal(seen.size, 20000);
});

Deno.test("IdSequence differs from launch to launch", () => {
  assert.notEqual(new IdSequence().next(), new IdSequence().next());
});
