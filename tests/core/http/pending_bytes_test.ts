import assert from "node:assert/strict";
import fc from "npm:fast-check@4.3.0";
import { PendingBytes } from "../../../core/http/pending_bytes.ts";
import { DATA_MARGIN } from "../../../core/net/transport.ts";

Deno.test("PendingBytes holds what was appended and not taken out, with room around it", () => {
  const step = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 2000, size: "max" }),
    fc.nat(3000),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const pending = new PendingBytes();
    let model: number[] = [];
    for (const each of steps) {
      if (typeof each === "number") {
        const count = Math.min(each, model.length);
        model = model.slice(count);
        pending.advance(pending.start + count);
      } else {
        const source = Uint8Array.of(1, 2, ...each, 3);
        model.push(...each);
        pending.append(source, 2, 2 + each.length);
      }
      assert.equal(pending.length, model.length);
      assert.deepEqual([...pending.buffer.subarray(pending.start, pending.end)], model);
      if (model.length > 0) {
        assert.ok(pending.start >= DATA_MARGIN);
        assert.ok(pending.buffer.length - pending.end >= DATA_MARGIN);
      } else {
        assert.equal(pending.buffer.length, 0, "an empty one keeps no memory");
      }
    }
  }));
});
