import assert from "node:assert/strict";
import fc from "npm:fast-check@4.3.0";
import type { GatewayRequest } from "../../../core/gateway/request.ts";
import { MOST_RUNNING, RunningRequests } from "../../../core/gateway/running_requests.ts";

const request = (name: string) => ({ environ: name }) as GatewayRequest;

Deno.test("a request is found by its number until the number is taken out of use", () => {
  const running = new RunningRequests();
  const [a, b] = [request("a"), request("b")];
  const [first, second] = [running.add(a), running.add(b)];
  assert.equal(running.get(first), a);
  assert.equal(running.get(second), b);
  assert.equal(running.size, 2);
  assert.equal(running.delete(first), true);
  assert.equal(running.delete(first), false);
  assert.equal(running.get(first), undefined);
  assert.deepEqual(running.numbers(), [second]);
});

Deno.test("the number of an answered request does not stand for the one in its place", () => {
  const running = new RunningRequests();
  const old = running.add(request("old"));
  running.delete(old);
  const next = running.add(request("next"));
  assert.notEqual(next, old);
  assert.equal(running.get(old), undefined);
  assert.equal(running.delete(old), false);
  assert.equal(running.size, 1);
});

Deno.test("a forgotten request keeps its number in use", () => {
  const running = new RunningRequests();
  const gone = request("gone");
  const number = running.add(gone);
  assert.equal(running.forget(gone), true);
  assert.equal(running.forget(gone), false);
  assert.equal(running.get(number), undefined);
  assert.equal(running.size, 1);
  assert.equal(running.delete(number), true);
  assert.equal(running.size, 0);
});

Deno.test("numbers fit into 32 bits, are never 0 and stand for one request each", () => {
  fc.assert(fc.property(
    fc.array(fc.option(fc.nat(60)), { maxLength: 400 }),
    (steps) => {
      const running = new RunningRequests();
      const expected = new Map<number, GatewayRequest>();
      steps.forEach((step, index) => {
        const oldest = [...expected.keys()][step ?? 0];
        if (step === null || oldest === undefined) {
          const added = request(String(index));
          const number = running.add(added);
          assert.ok(number > 0 && number <= 0xffffffff && !expected.has(number));
          expected.set(number, added);
        } else {
          assert.equal(running.delete(oldest), true);
          expected.delete(oldest);
        }
        assert.equal(running.size, expected.size);
        for (const [number, each] of expected) assert.equal(running.get(number), each);
      });
    },
  ));
  assert.equal(MOST_RUNNING, 4096);
});
