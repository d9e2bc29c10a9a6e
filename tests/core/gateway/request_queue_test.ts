import assert from "node:assert/strict";
import fc from "npm:fast-check@4.3.0";
import { RequestQueue } from "../../../core/gateway/request_queue.ts";
import { TestRequest } from "./fake_process.ts";

Deno.test("RequestQueue does what an array would do, whatever is done to it", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant("push" as const) },
    { weight: 4, arbitrary: fc.constant("takeFirst" as const) },
    fc.constant("putFirst" as const),
    fc.nat(20),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const queue = new RequestQueue();
    const model: TestRequest[] = [];
    steps.forEach((each, index) => {
      const request = new TestRequest(String(index), 0);
      if (each === "push") {
        queue.push(request);
        model.push(request);
      } else if (each === "putFirst") {
        queue.putFirst(request);
        model.unshift(request);
      } else if (each === "takeFirst") {
        assert.equal(queue.takeFirst(), model.shift());
      } else {
        const chosen = model[each] ?? request;
        assert.equal(queue.remove(chosen), model.includes(chosen));
        if (model.includes(chosen)) model.splice(model.indexOf(chosen), 1);
      }
      assert.equal(queue.length, model.length);
      assert.deepEqual(queue.snapshot(), model);
    });
  }));
});

Deno.test("RequestQueue keeps its order over many requests", () => {
  const queue = new RequestQueue();
  let taken = 0;
  for (let index = 0; index < 10_000; index++) {
    queue.push(new TestRequest(String(index), 0));
    if (index < 3000) continue;
    for (let count = 0; count < 2 && queue.length > 0; count++) {
      assert.equal(queue.takeFirst()!.environ, String(taken++));
    }
  }
});
