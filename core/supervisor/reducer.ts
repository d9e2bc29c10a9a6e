/**
 * The supervisor's decisions: what is done when something happens to an application process or to the program.
 *
 * A pure function, so every course of events can be tested without a process.
 *
 * @module
 */
import { exitText } from "./exit_text.ts";
import type {
  Phase,
  ProcessState,
  Step,
  SupervisorAction,
  SupervisorEvent,
  SupervisorState,
} from "./state.ts";

/** A process that never became ready delays the next start by this, doubled each time. */
const FIRST_DELAY_MS = 100;
/** mod_wsgi waits 20 s as well for a child that can't set itself up. */
const LONGEST_DELAY_MS = 20_000;
/** How much longer than `--shutdown-timeout` a process may take: it cuts itself, and says what blocked, before. */
const KILL_GRACE_MS = 1000;
/** Exit statuses with which a process says that starting it again is of no use. */
const HOPELESS = new Set([3, 4]);

/** State and actions after `event`. */
export function reduce(state: SupervisorState, event: SupervisorEvent): Step {
  switch (event.type) {
    case "start": {
      const slots = Array.from({ length: state.settings.processes }, (_, slot) => slot);
      return spawn(state, slots, event.now);
    }
    case "spawned":
      return [update(state, event.instance, { pid: event.pid }), []];
    case "ready":
      return ready(state, event.instance, event.now);
    case "drained":
      return drained(state, event.instance, event.now);
    case "exited":
      return exited(state, event);
    case "replace": {
      const process = state.processes.find((each) => each.instance === event.instance);
      return process === undefined || state.mode === "stopping"
        ? [state, []]
        : replace(state, process, event.reason, event.handover, event.now);
    }
    case "restart":
      return chain(
        state.mode === "stopping"
          ? []
          : state.processes.map((each) => (now: SupervisorState) =>
            replace(now, each, event.reason, event.handover, event.now)
          ),
        state,
      );
    case "stop":
      return stop(state, event.reason, event.immediately, event.now);
    case "tick":
      return tick(state, event.now);
  }
}

function ready(state: SupervisorState, instance: number, now: number): Step {
  const process = state.processes.find((each) => each.instance === instance);
  if (process === undefined || process.phase !== "starting") return [state, []];
  const serving = enter(state, instance, "serving", now);
  const next: SupervisorState = { ...serving, failures: 0, everReady: true };
  // Those of the slot that waited for this one may go.
  const leaving = next.processes.filter((each) =>
    each.slot === process.slot && each.awaitsSuccessor && each.phase === "serving"
  );
  const [after, actions] = chain(
    leaving.map((each) => (current: SupervisorState) =>
      drain(update(current, each.instance, { awaitsSuccessor: false }), each.instance, now)
    ),
    next,
  );
  return [after, [{ type: "accept", instance }, ...actions]];
}

function drained(state: SupervisorState, instance: number, now: number): Step {
  const process = state.processes.find((each) => each.instance === instance);
  if (process?.phase !== "draining") return [state, []];
  return [enter(state, instance, "stopping", now), [
    { type: "stop", instance, reason: process.reason },
  ]];
}

function exited(
  state: SupervisorState,
  event: Extract<SupervisorEvent, { type: "exited" }>,
): Step {
  const process = state.processes.find((each) => each.instance === event.instance);
  if (process === undefined) return [state, []];
  const next: SupervisorState = {
    ...state,
    processes: state.processes.filter((each) => each !== process),
  };
  const actions: SupervisorAction[] = [{ type: "forget", instance: process.instance }];
  const expected = process.phase === "stopping" || process.phase === "killed";
  if (!expected || (event.end.code !== 0 && process.phase === "stopping")) {
    actions.push({ type: "log", level: "error", text: endText(process, event.end) });
  }
  if (next.mode === "stopping") {
    const last = next.processes.length === 0;
    return [next, last ? [...actions, { type: "finish", exitStatus: next.exitStatus }] : actions];
  }
  const succeeded = next.processes.some((each) =>
    each.slot === process.slot &&
    (each.phase === "starting" || (each.phase === "serving" && !each.awaitsSuccessor))
  );
  if (succeeded) return [next, actions];
  if (process.phase !== "starting") {
    const [after, more] = spawn(next, [process.slot], event.now);
    return [after, [...actions, ...more]];
  }
  return startFailed(next, actions, process, event);
}

/** A process that ended before it was ready is not started again at once, or the machine would do nothing else. */
function startFailed(
  state: SupervisorState,
  actions: SupervisorAction[],
  process: ProcessState,
  event: Extract<SupervisorEvent, { type: "exited" }>,
): Step {
  if (!state.everReady && event.end.signal === null && HOPELESS.has(event.end.code)) {
    const [after, more] = stop(
      { ...state, exitStatus: event.end.code },
      "startup_failed",
      true,
      event.now,
    );
    return [after, [...actions, ...more]];
  }
  const failures = state.failures + 1;
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS);
  return [
    {
      ...state,
      failures,
      delayed: [...state.delayed, { slot: process.slot, at: event.now + delay }],
    },
    [...actions, {
      type: "log",
      level: "error",
      text: `an application process could not start; the next try follows in ${delay / 1000} s`,
    }],
  ];
}

function replace(
  state: SupervisorState,
  process: ProcessState,
  reason: string,
  handover: boolean,
  now: number,
): Step {
  if (process.phase === "starting") {
    // It may have read what has changed since: let it end and start another.
    const [next, actions] = spawn(state, [process.slot], now);
    return [
      update(enter(next, process.instance, "stopping", now), process.instance, { reason }),
      [...actions, { type: "stop", instance: process.instance, reason }],
    ];
  }
  if (process.phase !== "serving") return [state, []];
  const hasSuccessor = state.processes.some((each) =>
    each.slot === process.slot && each.phase === "starting"
  );
  const [next, actions] = hasSuccessor ? [state, []] : spawn(state, [process.slot], now);
  const marked = update(next, process.instance, { reason, awaitsSuccessor: true });
  if (handover) return [marked, actions];
  const [after, more] = drain(marked, process.instance, now);
  return [after, [...actions, ...more]];
}

function stop(
  state: SupervisorState,
  reason: string,
  immediately: boolean,
  now: number,
): Step {
  const next: SupervisorState = { ...state, mode: "stopping", delayed: [] };
  if (next.processes.length === 0) {
    return [next, [{ type: "finish", exitStatus: next.exitStatus }]];
  }
  return chain(
    next.processes.map(({ instance, phase }) => (current: SupervisorState): Step => {
      if (immediately) {
        return [enter(current, instance, "killed", now), [{ type: "kill", instance }]];
      }
      if (phase === "stopping" || phase === "killed") return [current, []];
      // The process itself waits for its running requests: its shutdown callbacks come before that.
      return [update(enter(current, instance, "stopping", now), instance, { reason }), [
        { type: "drain", instance },
        { type: "stop", instance, reason },
      ]];
    }),
    next,
  );
}

function tick(state: SupervisorState, now: number): Step {
  const due = state.delayed.filter((each) => each.at <= now).map((each) => each.slot);
  const waiting = state.delayed.filter((each) => each.at > now);
  const steps = state.processes.map((process) => (current: SupervisorState): Step => {
    const { instance, phase, since, reason } = process;
    const age = now - since;
    const { shutdownTimeout } = current.settings;
    if (phase === "draining" && age >= drainLimit(current, reason)) {
      return [enter(current, instance, "stopping", now), [{ type: "stop", instance, reason }]];
    }
    if (phase === "stopping" && age >= shutdownTimeout * 1000 + KILL_GRACE_MS) {
      return [enter(current, instance, "killed", now), [
        { type: "kill", instance },
        {
          type: "log",
          level: "error",
          text: `application process ${process.pid} did not end within --shutdown-timeout ` +
            `(${shutdownTimeout} s) and was killed`,
        },
      ]];
    }
    return [current, []];
  });
  return chain(
    [...steps, (current: SupervisorState) => spawn(current, due, now)],
    { ...state, delayed: waiting },
  );
}

/** Milliseconds that running requests may take before the process is told to end. */
function drainLimit(state: SupervisorState, reason: string): number {
  const { gracefulTimeout, evictionTimeout } = state.settings;
  if (reason === "eviction_signal" && evictionTimeout > 0) return evictionTimeout * 1000;
  return gracefulTimeout * 1000;
}

function drain(state: SupervisorState, instance: number, now: number): Step {
  return [enter(state, instance, "draining", now), [{ type: "drain", instance }]];
}

function spawn(state: SupervisorState, slots: readonly number[], now: number): Step {
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
    },
    started.map(({ instance, slot }) => ({ type: "spawn", instance, slot })),
  ];
}

function enter(
  state: SupervisorState,
  instance: number,
  phase: Phase,
  now: number,
): SupervisorState {
  return update(state, instance, { phase, since: now });
}

function update(
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

function chain(
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

function endText(process: ProcessState, end: { code: number; signal: string | null }): string {
  const when = process.phase === "starting" ? " before it was ready" : "";
  return `application process ${process.pid} ${exitText(end)}${when}`;
}
