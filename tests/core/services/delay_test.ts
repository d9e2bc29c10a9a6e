import assert from "node:assert/strict";
import { startDelay } from "../../../core/services/delay.ts";

Deno.test("startDelay() doubles with each short run up to 20 seconds", () => {
  const delays: number[] = [];
  let shortRuns = 0;
  for (let run = 0; run < 10; run++) {
    const next = startDelay(50, shortRuns);
    shortRuns = next.shortRuns;
    delays.push(next.delay);
  }
  assert.deepEqual(delays, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 20_000, 20_000]);
});

Deno.test("startDelay() is none after a long run, and forgets the short ones", () => {
  assert.deepEqual(startDelay(10_000, 7), { delay: 0, shortRuns: 0 });
});

Deno.test("startDelay() stays finite after any number of short runs", () => {
  assert.equal(startDelay(0, 1e6).delay, 20_000);
});
