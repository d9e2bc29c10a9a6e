import assert from "node:assert/strict";
import { Courses } from "./courses.ts";

Deno.test("start spawns one process for each slot", () => {
  const course = new Courses({ processes: 3 });
  assert.deepEqual(course.start(), [
    { type: "spawn", instance: 1, slot: 0 },
    { type: "spawn", instance: 2, slot: 1 },
    { type: "spawn", instance: 3, slot: 2 },
  ]);
});

Deno.test("a process takes requests once it is ready", () => {
  const course = new Courses();
  course.start();
  assert.deepEqual(course.ready(1), [{ type: "accept", instance: 1 }]);
  assert.deepEqual(course.ready(1), [], "said twice");
  assert.deepEqual(course.phases(), ["serving"]);
});

Deno.test("a process that crashes while starting is started again after a delay that doubles", () => {
  const course = new Courses();
  course.start();
  for (const [instance, delay] of [[1, 100], [2, 200], [3, 400]] as const) {
    const actions = course.exit(instance, { code: 1 });
    assert.deepEqual(actions[0], { type: "forget", instance });
    assert.match(course.logged(actions), /exited with status 1 before it was ready/);
    assert.match(course.logged(actions), new RegExp(`next try follows in ${delay / 1000} s`));
    assert.deepEqual(course.tick(delay - 1), []);
    assert.deepEqual(course.tick(1), [{ type: "spawn", instance: instance + 1, slot: 0 }]);
  }
  course.ready(4);
  course.exit(4, { code: 1 });
  course.exit(5, { code: 1 });
  assert.deepEqual(course.tick(100), [{ type: "spawn", instance: 6, slot: 0 }], "counts anew");
});

Deno.test("the delay of a process that can't start is never longer than 20 s", () => {
  const course = new Courses();
  course.start();
  for (let instance = 1; instance < 20; instance++) {
    course.exit(instance, { code: 1 });
    course.tick(20_000);
    assert.equal(course.state.processes.length, 1);
  }
});

Deno.test("a process that can't be spawned is tried again after a delay", () => {
  const course = new Courses();
  course.start();
  const actions = course.event({
    type: "notSpawned",
    instance: 1,
    problem: "Resource temporarily unavailable",
    now: course.now,
  });
  assert.match(course.logged(actions), /can't start .*: Resource temporarily unavailable/);
  assert.deepEqual(course.tick(100), [{ type: "spawn", instance: 2, slot: 0 }]);
});

for (const code of [3, 4]) {
  Deno.test(`exit status ${code} before any process was ready ends the program with that status`, () => {
    const course = new Courses({ processes: 2 });
    course.start();
    assert.deepEqual(course.exit(1, { code }).at(-1), { type: "kill", instance: 2 });
    assert.deepEqual(course.exit(2, { signal: "SIGKILL" }), [
      { type: "forget", instance: 2 },
      { type: "finish", exitStatus: code },
    ]);
  });

  Deno.test(`exit status ${code} after one was ready is a start to be tried again`, () => {
    const course = new Courses({ processes: 2 });
    course.start();
    course.ready(1);
    course.exit(2, { code });
    assert.deepEqual(course.phases(), ["serving"]);
    assert.deepEqual(course.tick(100), [{ type: "spawn", instance: 3, slot: 1 }]);
  });
}

Deno.test("a process that crashes while serving is replaced at once, and its end told in words", () => {
  const course = new Courses();
  course.start();
  course.ready(1);
  const actions = course.exit(1, { signal: "SIGSEGV" });
  assert.match(
    course.logged(actions),
    /application process 1001 crashed with a segmentation fault/,
  );
  assert.deepEqual(actions.at(-1), { type: "spawn", instance: 2, slot: 0 });
});

Deno.test("replace with handover: the old process serves until the new one is ready", () => {
  const course = new Courses();
  course.start();
  course.ready(1);
  assert.deepEqual(course.replace(1, true), [{ type: "spawn", instance: 2, slot: 0 }]);
  assert.deepEqual(course.phases(), ["serving", "starting"]);
  assert.deepEqual(course.ready(2), [
    { type: "accept", instance: 2 },
    { type: "drain", instance: 1 },
  ]);
  assert.deepEqual(course.drained(1), [{ type: "stop", instance: 1, reason: "a reason" }]);
  assert.deepEqual(course.exit(1), [{ type: "forget", instance: 1 }]);
  assert.deepEqual(course.phases(), ["serving"]);
});

Deno.test("replace without handover: the old process takes no more requests at once", () => {
  const course = new Courses();
  course.start();
  course.ready(1);
  assert.deepEqual(course.replace(1, false), [
    { type: "spawn", instance: 2, slot: 0 },
    { type: "drain", instance: 1 },
  ]);
  assert.deepEqual(course.replace(1, false), [], "asked for twice");
  assert.deepEqual(course.drained(1), [{ type: "stop", instance: 1, reason: "a reason" }]);
  assert.deepEqual(course.ready(2), [{ type: "accept", instance: 2 }]);
});

Deno.test("replace of an unknown process does nothing", () => {
  const course = new Courses();
  course.start();
  assert.deepEqual(course.replace(77, false), []);
});

Deno.test("a successor that dies is tried again while the old process serves on", () => {
  const course = new Courses();
  course.start();
  course.ready(1);
  course.replace(1, true);
  course.exit(2, { code: 1 });
  assert.deepEqual(course.phases(), ["serving"]);
  assert.deepEqual(course.tick(100), [{ type: "spawn", instance: 3, slot: 0 }]);
  assert.deepEqual(course.ready(3).at(-1), { type: "drain", instance: 1 });
});

Deno.test("an old process that dies while its successor waits to be tried again starts no second one", () => {
  const course = new Courses();
  course.start();
  course.ready(1);
  course.replace(1, true);
  course.exit(2, { code: 1 });
  const actions = course.exit(1, { signal: "SIGKILL" });
  assert.equal(actions.filter((each) => each.type === "spawn").length, 0);
  assert.deepEqual(course.tick(100), [{ type: "spawn", instance: 3, slot: 0 }]);
  assert.deepEqual(course.tick(60_000), []);
});

Deno.test("an old process that dies after its successor is ready starts nothing", () => {
  const course = new Courses();
  course.start();
  course.ready(1);
  course.replace(1, true);
  course.ready(2);
  const actions = course.exit(1, { signal: "SIGABRT" });
  assert.equal(actions.filter((each) => each.type === "spawn").length, 0);
});

Deno.test("replace of a process that is starting ends it by SIGTERM and starts another", () => {
  const course = new Courses();
  course.start();
  assert.deepEqual(course.replace(1, true), [
    { type: "stop", instance: 1, reason: "a reason" },
    { type: "terminate", instance: 1 },
  ]);
  assert.deepEqual(course.exit(1, { signal: "SIGTERM" }), [
    { type: "forget", instance: 1 },
    { type: "spawn", instance: 2, slot: 0 },
  ]);
});

Deno.test("a third process of a slot is started when one of two has ended, which is hurried for it", () => {
  const course = new Courses();
  course.start();
  course.ready(1);
  course.replace(1, false);
  course.ready(2);
  assert.deepEqual(course.replace(2, false), [
    { type: "drain", instance: 2 },
    { type: "stop", instance: 1, reason: "a reason" },
  ]);
  assert.deepEqual(course.exit(1), [
    { type: "forget", instance: 1 },
    { type: "spawn", instance: 3, slot: 0 },
  ]);
});

Deno.test("a process to be handed over serves on while another of its slot still leaves", () => {
  const course = new Courses();
  course.start();
  course.ready(1);
  course.replace(1, false);
  course.ready(2);
  assert.deepEqual(course.replace(2, true), []);
  assert.deepEqual(course.exit(1).at(-1), { type: "spawn", instance: 3, slot: 0 });
  assert.deepEqual(course.ready(3).at(-1), { type: "drain", instance: 2 });
});

Deno.test("restart replaces all processes", () => {
  const course = new Courses({ processes: 2 });
  course.start();
  course.ready(1);
  course.ready(2);
  assert.deepEqual(course.restart(true), [
    { type: "spawn", instance: 3, slot: 0 },
    { type: "spawn", instance: 4, slot: 1 },
  ]);
  assert.deepEqual(course.restart(true), [
    { type: "stop", instance: 3, reason: "a reason" },
    { type: "terminate", instance: 3 },
    { type: "stop", instance: 4, reason: "a reason" },
    { type: "terminate", instance: 4 },
  ]);
});

Deno.test("restart tries at once what waited to be tried again", () => {
  const course = new Courses();
  course.start();
  course.exit(1, { code: 1 });
  assert.deepEqual(course.restart(false), [{ type: "spawn", instance: 2, slot: 0 }]);
  assert.deepEqual(course.tick(60_000), []);
});

Deno.test("a draining process is told to stop when its time is over", () => {
  const course = new Courses({ gracefulTimeout: 15, evictionTimeout: 3 });
  course.start();
  course.ready(1);
  course.replace(1, false);
  course.ready(2);
  assert.deepEqual(course.tick(14_999), []);
  assert.deepEqual(course.tick(1), [{ type: "stop", instance: 1, reason: "a reason" }]);
  course.exit(1);
  course.replace(2, false, "eviction_signal");
  assert.deepEqual(course.tick(3000), [{ type: "stop", instance: 2, reason: "eviction_signal" }]);
});

Deno.test("without an eviction timeout the graceful timeout counts for evictions too", () => {
  const course = new Courses({ gracefulTimeout: 15, evictionTimeout: 0 });
  course.start();
  course.ready(1);
  course.replace(1, false, "eviction_signal");
  assert.deepEqual(course.tick(14_999), []);
  assert.equal(course.tick(1).length, 1);
});

Deno.test("a process that does not stop is killed a second after the shutdown timeout", () => {
  const course = new Courses({ shutdownTimeout: 5 });
  course.start();
  course.ready(1);
  course.stop(false);
  assert.deepEqual(course.tick(5999), []);
  const actions = course.tick(1);
  assert.deepEqual(actions[0], { type: "kill", instance: 1 });
  assert.match(course.logged(actions), /1001 did not end within --shutdown-timeout \(5 s\)/);
  assert.deepEqual(course.tick(60_000), [], "killed once");
  assert.deepEqual(course.exit(1, { signal: "SIGKILL" }), [
    { type: "forget", instance: 1 },
    { type: "finish", exitStatus: 0 },
  ]);
});

Deno.test("stop in each phase: serving and draining processes are asked, a starting one is terminated", () => {
  const course = new Courses({ processes: 4 });
  course.start();
  for (const instance of [2, 3, 4]) course.ready(instance);
  course.replace(3, false); // 3 drains, 5 starts
  course.replace(4, false); // 4 stops, 6 starts
  course.drained(4);
  assert.deepEqual(course.stop(false), [
    { type: "drain", instance: 1 },
    { type: "stop", instance: 1, reason: "shutdown_signal" },
    { type: "terminate", instance: 1 },
    { type: "drain", instance: 2 },
    { type: "stop", instance: 2, reason: "shutdown_signal" },
    { type: "drain", instance: 3 },
    { type: "stop", instance: 3, reason: "shutdown_signal" },
    { type: "drain", instance: 5 },
    { type: "stop", instance: 5, reason: "shutdown_signal" },
    { type: "terminate", instance: 5 },
    { type: "drain", instance: 6 },
    { type: "stop", instance: 6, reason: "shutdown_signal" },
    { type: "terminate", instance: 6 },
  ]);
  assert.deepEqual(new Set(course.phases()), new Set(["stopping"]));
});

Deno.test("stop at once kills every process, whatever its phase", () => {
  const course = new Courses({ processes: 2 });
  course.start();
  course.ready(1);
  course.stop(false);
  assert.deepEqual(course.stop(true), [
    { type: "kill", instance: 1 },
    { type: "kill", instance: 2 },
  ]);
});

Deno.test("a terminated process ends without an entry in the log, one that fails to stop with one", () => {
  const course = new Courses({ processes: 2 });
  course.start();
  course.ready(1);
  course.stop(false);
  assert.equal(course.logged(course.exit(2, { signal: "SIGTERM" })), "");
  assert.match(course.logged(course.exit(1, { code: 1 })), /exited with status 1/);
});

Deno.test("stop without a process finishes, once", () => {
  const course = new Courses();
  course.start();
  course.exit(1, { code: 1 });
  assert.deepEqual(course.stop(false), [{ type: "finish", exitStatus: 0 }]);
  assert.deepEqual(course.stop(true), []);
  assert.deepEqual(course.tick(60_000), [], "what waited is not started");
});

Deno.test("once it stops, nothing is replaced or restarted", () => {
  const course = new Courses();
  course.start();
  course.ready(1);
  course.stop(false);
  assert.deepEqual(course.replace(1, false), []);
  assert.deepEqual(course.restart(true), []);
  assert.deepEqual(course.ready(1), []);
  assert.deepEqual(course.drained(1), []);
});

for (
  const [how, end, exitStatus] of [
    ["with status 7", { code: 7 }, 1],
    ["by a signal", { signal: "SIGSEGV" }, 1],
    ["with status 0", { code: 0 }, 0],
  ] as const
) {
  Deno.test(`in debug mode a process that ends ${how} is logged and ends the program`, () => {
    const course = new Courses({ endsWithProcess: true });
    course.start();
    course.ready(1);
    const actions = course.exit(1, end);
    assert.match(course.logged(actions), /application process 1001 (exited|crashed)/);
    assert.deepEqual(actions.at(-1), { type: "finish", exitStatus });
    assert.deepEqual(course.tick(60_000), []);
  });
}

Deno.test("in debug mode the end of a process ends its successor that starts", () => {
  const course = new Courses({ endsWithProcess: true });
  course.start();
  course.ready(1);
  course.replace(1, true);
  assert.deepEqual(course.exit(1, { code: 7 }).at(-1), { type: "kill", instance: 2 });
  assert.deepEqual(course.exit(2, { signal: "SIGKILL" }).at(-1), {
    type: "finish",
    exitStatus: 1,
  });
});

Deno.test("in debug mode a process that never served is started again", () => {
  const course = new Courses({ endsWithProcess: true });
  course.start();
  course.exit(1, { code: 7 });
  assert.deepEqual(course.tick(100), [{ type: "spawn", instance: 2, slot: 0 }]);
});
