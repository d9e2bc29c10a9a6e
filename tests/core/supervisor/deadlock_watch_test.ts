import assert from "node:assert/strict";
import { DeadlockWatch } from "../../../core/supervisor/deadlock_watch.ts";

/** Looks every 100 ms of a made-up clock and lets `answers` decide who answers. */
function watch(limit: number, milliseconds: number, answers: (now: number) => boolean) {
  const watch = new DeadlockWatch(limit);
  const asked: number[] = [];
  const deadlocked: number[] = [];
  for (let now = 0; now <= milliseconds; now += 100) {
    const found = watch.look(now, [7]);
    if (found.ask.length > 0) asked.push(now);
    if (found.deadlocked.length > 0) deadlocked.push(now);
    if (found.ask.length > 0 && answers(now)) watch.answered(7);
  }
  return { asked, deadlocked };
}

Deno.test("a process that answers is asked again after a tenth of the limit", () => {
  const { asked, deadlocked } = watch(5, 2000, () => true);
  assert.deepEqual(asked, [0, 500, 1000, 1500, 2000]);
  assert.deepEqual(deadlocked, []);
});

Deno.test("a process that does not answer for the limit is named once, and not asked again", () => {
  const { asked, deadlocked } = watch(5, 20_000, (now) => now < 1000);
  assert.deepEqual(asked, [0, 500, 1000]);
  assert.deepEqual(deadlocked, [6000]);
});

Deno.test("with a long limit a process is asked every five seconds", () => {
  assert.deepEqual(watch(600, 11_000, () => true).asked, [0, 5000, 10_000]);
});

Deno.test("a limit of 0 asks nobody", () => {
  assert.deepEqual(watch(0, 5000, () => false), { asked: [], deadlocked: [] });
});

Deno.test("time in which nobody looked counts no more than a second", () => {
  const watch = new DeadlockWatch(5);
  assert.deepEqual(watch.look(0, [7]).ask, [7]);
  assert.deepEqual(watch.look(3_600_000, [7]).deadlocked, []);
  assert.deepEqual(watch.look(7_200_000, [7]).deadlocked, []);
});

Deno.test("a process that is gone is forgotten; a new one starts from nothing", () => {
  const watch = new DeadlockWatch(1);
  watch.look(0, [7]);
  assert.deepEqual(watch.look(900, [8]), { ask: [8], deadlocked: [] });
  assert.deepEqual(watch.look(1800, [8]).deadlocked, []);
  assert.deepEqual(watch.look(1900, [8]).deadlocked, [8]);
  watch.answered(7);
});
