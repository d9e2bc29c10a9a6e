import assert from "node:assert/strict";
import { lateStarts } from "../../../core/supervisor/late_starts.ts";
import { Courses } from "./courses.ts";

/** Two processes that started at 1000 ms; the first is ready. */
function state() {
  const courses = new Courses({ processes: 2 });
  courses.start();
  courses.ready(1);
  return courses.state;
}

Deno.test("lateStarts() names a process that starts for the limit while a request waits", () => {
  assert.deepEqual(lateStarts(state(), 500, 15, 15_999), []);
  assert.deepEqual(lateStarts(state(), 500, 15, 16_000), [2]);
});

Deno.test("lateStarts() counts from when the request came, if that was later", () => {
  assert.deepEqual(lateStarts(state(), 10_000, 15, 24_999), []);
  assert.deepEqual(lateStarts(state(), 10_000, 15, 25_000), [2]);
});

Deno.test("lateStarts() names nobody while no request waits, and none with a limit of 0", () => {
  assert.deepEqual(lateStarts(state(), undefined, 15, 1_000_000), []);
  assert.deepEqual(lateStarts(state(), 0, 0, 1_000_000), []);
});
