import assert from "node:assert/strict";
import { Courses } from "./courses.ts";

function condemn(courses: Courses, instance: number) {
  return courses.event({
    type: "condemn",
    instance,
    reason: "deadlock_timeout",
    complaint: "has not answered",
    now: courses.now,
  });
}

Deno.test("a condemned process is killed with a dump, and its slot gets another when it is gone", () => {
  const courses = new Courses();
  courses.start();
  courses.ready(1);
  assert.deepEqual(condemn(courses, 1), [
    {
      type: "log",
      level: "error",
      text: "application process 1001 has not answered; it is killed (deadlock_timeout)",
    },
    { type: "drain", instance: 1 },
    { type: "kill", instance: 1, dump: true },
  ]);
  assert.deepEqual(courses.phases(), ["killed"]);
  assert.deepEqual(condemn(courses, 1), []);
  const actions = courses.exit(1, { code: 137, signal: "SIGKILL" });
  assert.deepEqual(actions.map(({ type }) => type), ["forget", "spawn"]);
});

Deno.test("a condemned process that still loads is followed by another at once", () => {
  const courses = new Courses();
  courses.start();
  condemn(courses, 1);
  const actions = courses.exit(1, { code: 137, signal: "SIGKILL" });
  assert.deepEqual(actions.map(({ type }) => type), ["forget", "spawn"]);
});

Deno.test("a condemned process that has a successor gets no other one", () => {
  const courses = new Courses();
  courses.start();
  courses.ready(1);
  courses.replace(1, true);
  condemn(courses, 1);
  const actions = courses.exit(1, { code: 137, signal: "SIGKILL" });
  assert.deepEqual(actions.map(({ type }) => type), ["forget"]);
});

for (
  const [reason, limit] of [
    ["request_timeout", 0],
    ["startup_timeout", 0],
    ["maximum_requests", 15_000],
    ["eviction_signal", 30_000],
  ] as const
) {
  Deno.test(`a process replaced for ${reason} may finish its requests for ${limit} ms`, () => {
    const courses = new Courses({ gracefulTimeout: 15, evictionTimeout: 30 });
    courses.start();
    courses.ready(1);
    courses.replace(1, true, reason);
    assert.deepEqual(courses.phases(), ["serving", "starting"]);
    courses.ready(2);
    assert.deepEqual(courses.phases(), ["draining", "serving"]);
    if (limit > 0) assert.deepEqual(courses.tick(limit - 1), []);
    assert.deepEqual(courses.tick(1), [{ type: "stop", instance: 1, reason }]);
  });
}
