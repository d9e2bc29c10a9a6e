import assert from "node:assert/strict";
import { Renewals } from "../../../core/supervisor/renewals.ts";
import { initialState, type Phase, type SupervisorState } from "../../../core/supervisor/state.ts";

/** A state with processes, each given as instance, slot and phase. */
function stateOf(...processes: [instance: number, slot: number, phase: Phase][]): SupervisorState {
  const settings = {
    processes: 2,
    gracefulTimeout: 15,
    evictionTimeout: 0,
    shutdownTimeout: 5,
    endsWithProcess: false,
  };
  return {
    ...initialState(settings),
    nextInstance: Math.max(0, ...processes.map(([instance]) => instance)) + 1,
    processes: processes.map(([instance, slot, phase]) => ({
      instance,
      slot,
      phase,
      pid: instance,
      since: 0,
      reason: "",
      awaitsSuccessor: false,
    })),
  };
}

async function isOver(renewal: Promise<void>): Promise<boolean> {
  let over = false;
  void renewal.then(() => over = true);
  await new Promise((resolve) => setTimeout(resolve));
  return over;
}

Deno.test("a restart is over once a new process serves in each slot", async () => {
  const renewals = new Renewals();
  const renewal = renewals.begin(stateOf([1, 0, "serving"], [2, 1, "serving"]));
  renewals.look(
    stateOf([1, 0, "draining"], [2, 1, "serving"], [3, 0, "serving"], [4, 1, "starting"]),
  );
  assert.equal(await isOver(renewal), false);
  renewals.look(stateOf([3, 0, "serving"], [2, 1, "draining"], [4, 1, "serving"]));
  assert.equal(await isOver(renewal), true);
});

Deno.test("two new processes in one slot are not enough", async () => {
  const renewals = new Renewals();
  const renewal = renewals.begin(stateOf([1, 0, "serving"], [2, 1, "serving"]));
  renewals.look(stateOf([3, 0, "serving"], [5, 0, "serving"], [4, 1, "starting"]));
  assert.equal(await isOver(renewal), false);
  renewals.end();
  assert.equal(await isOver(renewal), true);
});

Deno.test("a second restart is over later than the first", async () => {
  const renewals = new Renewals();
  const first = renewals.begin(stateOf([1, 0, "serving"], [2, 1, "serving"]));
  const second = renewals.begin(stateOf([3, 0, "serving"], [4, 1, "starting"]));
  renewals.look(stateOf([3, 0, "serving"], [4, 1, "serving"]));
  assert.deepEqual([await isOver(first), await isOver(second)], [true, false]);
  renewals.end();
  await second;
});
