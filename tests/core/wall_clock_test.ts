import assert from "node:assert/strict";
import { WallClock } from "../../core/wall_clock.ts";

/** Clocks that go by hand. Reading the monotonic one takes `delay` milliseconds of both. */
class FakeClocks {
  time = 1000;
  origin = 1_800_000_000_000.25;
  delay = 0;

  monotonic(): number {
    return this.time += this.delay;
  }

  epoch(): number {
    return Math.floor(this.origin + this.time);
  }
}

Deno.test("a wall clock follows the system's clock, forwards and back", () => {
  const clocks = new FakeClocks();
  const clock = new WallClock(clocks);
  clock.follow();
  for (const step of [0, 3_600_000, -7_200_000, 5]) {
    clocks.origin += step;
    clock.follow();
    assert.ok(Math.abs(clock.at(clocks.time) - clocks.origin - clocks.time) <= 1, String(step));
  }
});

Deno.test("a wall clock keeps its origin while the clocks agree", () => {
  const clocks = new FakeClocks();
  const clock = new WallClock(clocks);
  clock.follow();
  const origin = clock.at(0);
  for (const delay of [0, 0.3, 5000]) {
    clocks.delay = delay;
    for (let count = 0; count < 20; count++) {
      clocks.time += 0.07;
      clock.follow();
    }
  }
  assert.equal(clock.at(0), origin);
});
