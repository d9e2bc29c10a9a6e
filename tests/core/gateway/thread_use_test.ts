import assert from "node:assert/strict";
import { ThreadUse } from "../../../core/gateway/thread_use.ts";

const at = (nativeId: number) => ({ parked: false, nativeId });
const ONE = [at(1), { parked: true, nativeId: 2 }];

/** What comes out after so many looks that found the thread computing, or not. */
function looks(use: ThreadUse, count: number, answered = 0): boolean[] {
  return Array.from({ length: count }, () => {
    use.look(ONE, answered);
    return use.waits;
  });
}

Deno.test("requests are found to wait, and to compute again, after several looks", () => {
  let runnable = false;
  const use = new ThreadUse((id) => id === 1 ? runnable : true);
  assert.deepEqual(looks(use, 6), [false, false, false, false, true, true]);
  runnable = true;
  assert.deepEqual(looks(use, 6), [true, true, true, true, false, false]);
});

Deno.test("nothing changes where the system does not tell", () => {
  const use = new ThreadUse(() => undefined);
  assert.deepEqual(looks(use, 20), Array(20).fill(false));
  assert.equal(use.computes(ONE), undefined);
});

Deno.test("threads that run beside each other are not looked at", () => {
  const use = new ThreadUse(() => assert.fail("asked"));
  for (let count = 0; count < 10; count++) use.look([at(0)], 0);
  assert.equal(use.waits, false);
  assert.equal(use.computes([at(0)]), undefined);
  use.setPace(true);
  use.look([at(0)], 1000);
  assert.equal(use.waits, true);
});

Deno.test("many answers in a short time need no look at the thread", () => {
  const use = new ThreadUse(() => assert.fail("asked"));
  for (let count = 1; count < 10; count++) use.look(ONE, count * 30);
  assert.equal(use.waits, false);
});
