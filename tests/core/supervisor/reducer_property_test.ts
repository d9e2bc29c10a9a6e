import assert from "node:assert/strict";
import fc from "npm:fast-check@4.3.0";
import { Courses } from "./courses.ts";

const PROCESSES = 3;

/** An event that may happen at any time; `pick` chooses a process that is alive. */
const step = fc.oneof(
  fc.record({ type: fc.constant("ready" as const), pick: fc.nat() }),
  fc.record({ type: fc.constant("drained" as const), pick: fc.nat() }),
  fc.record({
    type: fc.constant("exit" as const),
    pick: fc.nat(),
    code: fc.constantFrom(0, 1, 3),
    signal: fc.constantFrom(undefined, "SIGKILL", "SIGTERM"),
  }),
  fc.record({ type: fc.constant("replace" as const), pick: fc.nat(), handover: fc.boolean() }),
  fc.record({ type: fc.constant("restart" as const), handover: fc.boolean() }),
  fc.record({ type: fc.constant("condemn" as const), pick: fc.nat() }),
  fc.record({ type: fc.constant("notSpawned" as const), pick: fc.nat() }),
  fc.record({ type: fc.constant("tick" as const), milliseconds: fc.nat(30_000) }),
);
type StepOf = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const stop = fc.record({ at: fc.nat(40), immediately: fc.boolean(), again: fc.boolean() });

Deno.test("whatever happens, a slot has at most two processes, and none is lost or started in vain", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const course = new Courses({ processes: PROCESSES });
    course.start();
    for (const each of steps) {
      take(course, each);
      checkSlots(course);
      if (course.state.mode === "stopping") return;
      for (let slot = 0; slot < PROCESSES; slot++) {
        const alive = course.state.processes.some((process) => process.slot === slot);
        const delayed = course.state.delayed.filter((entry) => entry.slot === slot).length;
        assert.ok(alive || delayed === 1, `slot ${slot} is forgotten`);
        assert.ok(delayed <= 1, `slot ${slot} would be started twice`);
      }
    }
  }));
});

Deno.test("whatever happens, a stop ends with one `finish`, once all processes have exited", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), stop, (steps, { at, immediately, again }) => {
      const course = new Courses({ processes: PROCESSES });
      let finishes = 0;
      const note = (actions: readonly { type: string }[]) => {
        finishes += actions.filter((each) => each.type === "finish").length;
        const living = course.state.processes.length;
        if (finishes > 0) assert.equal(living, 0, "finished with processes alive");
      };
      note(course.start());
      steps.slice(0, at).forEach((each) => note(take(course, each)));
      note(course.stop(immediately));
      for (const each of steps.slice(at)) {
        const actions = take(course, each);
        note(actions);
        assert.ok(!actions.some(({ type }) => type === "spawn"), "started while stopping");
      }
      if (again) note(course.stop(true));
      // What does not end by itself is killed in the end, and a killed process exits.
      note(course.tick(60_000));
      note(course.tick(60_000));
      for (const process of course.state.processes) assert.equal(process.phase, "killed");
      for (const { instance } of course.state.processes) {
        note(course.exit(instance, { signal: "SIGKILL" }));
      }
      note(course.stop(true));
      assert.equal(finishes, 1);
    }),
  );
});

Deno.test("whatever happened, a server left alone comes back to one serving process a slot", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const course = new Courses({ processes: PROCESSES });
    course.start();
    for (const each of steps) take(course, each);
    if (course.state.mode === "stopping") return;
    for (let round = 0; round < 12; round++) {
      course.tick(30_000);
      for (const { instance, phase } of course.state.processes) {
        if (phase === "starting") course.ready(instance);
        else if (phase === "draining") course.drained(instance);
        else if (phase === "stopping" || phase === "killed") course.exit(instance);
      }
    }
    assert.deepEqual(course.phases(), new Array(PROCESSES).fill("serving"));
    assert.equal(new Set(course.state.processes.map((each) => each.slot)).size, PROCESSES);
  }));
});

function take(course: Courses, each: StepOf): readonly { type: string }[] {
  switch (each.type) {
    case "restart":
      return course.restart(each.handover);
    case "tick":
      return course.tick(each.milliseconds);
  }
  const { processes } = course.state;
  const process = processes[each.pick % Math.max(processes.length, 1)];
  if (process === undefined) return [];
  const { instance } = process;
  switch (each.type) {
    case "ready":
      return course.ready(instance);
    case "drained":
      return course.drained(instance);
    case "replace":
      return course.replace(instance, each.handover);
    case "condemn":
      return course.event({
        type: "condemn",
        instance,
        reason: "request_timeout",
        complaint: "does not answer",
        now: course.now,
      });
    case "exit":
      return course.exit(instance, {
        code: each.code,
        ...(each.signal === undefined ? {} : { signal: each.signal }),
      });
    case "notSpawned":
      return process.phase === "starting"
        ? course.event({ type: "notSpawned", instance, problem: "no memory", now: course.now })
        : [];
  }
}

function checkSlots(course: Courses): void {
  for (let slot = 0; slot < PROCESSES; slot++) {
    const count = course.state.processes.filter((each) => each.slot === slot).length;
    assert.ok(count <= 2, `${count} processes in slot ${slot}`);
  }
}
