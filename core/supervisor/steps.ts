/**
 * The steps that the supervisor's decisions are made of.
 *
 * @module
 */
import type { Phase, ProcessState, Step, SupervisorAction, SupervisorState } from "./state.ts";

/** Starts a process in each slot. */
export function spawn(state: SupervisorState, slots: readonly number[], now: number): Step {
  const started = slots.map((slot, index): ProcessState => ({
    instance: state.nextInstance + index,
    slot,
    phase: "starting",
    pid: 0,
    since: now,
    reason: "",
    awaitsSuccessor: false,
  }));
  return [
    {
      ...state,
      nextInstance: state.nextInstance + slots.length,
      processes: [...state.processes, ...started],
      delayed: state.delayed.filter((each) => !slots.includes(each.slot)),
    },
    started.map(({ instance, slot }) => ({ type: "spawn", instance, slot })),
  ];
}

/** Has the gateway hand a process no more requests. */
export function drain(state: SupervisorState, instance: number, now: number): Step {
  return [enter(state, instance, "draining", now), [{ type: "drain", instance }]];
}

/** Tells a process to end. */
export function end(state: SupervisorState, instance: number, reason: string, now: number): Step {
  const actions: SupervisorAction[] = [{ type: "stop", instance, reason }];
  // It is deaf while it loads the application; where it has just become ready it gets both, and stops by the first.
  const loading = state.processes.some((each) =>
    each.instance === instance && each.phase === "starting"
  );
  if (loading) actions.push({ type: "terminate", instance });
  return [enter(state, instance, "stopping", now), actions];
}

/** The processes of a slot: one, or two while one takes over from the other. */
export function inSlot(state: SupervisorState, slot: number): readonly ProcessState[] {
  return state.processes.filter((each) => each.slot === slot);
}

/** The process in another phase. */
export function enter(
  state: SupervisorState,
  instance: number,
  phase: Phase,
  now: number,
): SupervisorState {
  return update(state, instance, { phase, since: now });
}

/** The process with some of its properties changed. */
export function update(
  state: SupervisorState,
  instance: number,
  change: Partial<ProcessState>,
): SupervisorState {
  return {
    ...state,
    processes: state.processes.map((each) =>
      each.instance === instance ? { ...each, ...change } : each
    ),
  };
}

/** One step after the other. */
export function chain(
  steps: readonly ((state: SupervisorState) => Step)[],
  start: SupervisorState,
): Step {
  let state = start;
  const actions: SupervisorAction[] = [];
  for (const step of steps) {
    const [next, more] = step(state);
    state = next;
    actions.push(...more);
  }
  return [state, actions];
}
