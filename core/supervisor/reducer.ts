/**
 * The supervisor's decisions: what is done when something happens to an application process or to the program.
 *
 * A pure function, so every course of events can be tested without a process.
 *
 * @module
 */
import { exitText } from "./exit_text.ts";
import type {
  ProcessEnd,
  ProcessState,
  Step,
  SupervisorAction,
  SupervisorEvent,
  SupervisorState,
} from "./state.ts";
import { chain, drain, end, enter, inSlot, spawn, update } from "./steps.ts";

/** A process that never became ready delays the next start by this, doubled each time. */
const FIRST_DELAY_MS = 100;
/** mod_wsgi waits 20 s as well for a child that can't set itself up. */
const LONGEST_DELAY_MS = 20_000;
/** How much longer than `--shutdown-timeout` a process may take: it cuts itself, and says what blocked, before. */
const KILL_GRACE_MS = 1000;
/** Exit status of a program that ends because its process did. */
const PROCESS_FAILED = 1;
/** Exit statuses with which a process says that starting it again is of no use. */
const HOPELESS = new Set([3, 4]);
/** Reasons for which only `--shutdown-timeout` bounds the running requests: one of them is why the process leaves. */
const URGENT = new Set(["request_timeout", "startup_timeout"]);

/** State and actions after `event`. */
export function reduce(state: SupervisorState, event: SupervisorEvent): Step {
  switch (event.type) {
    case "start": {
      const slots = Array.from({ length: state.settings.processes }, (_, slot) => slot);
      return spawn(state, slots, event.now);
    }
    case "spawned":
      return [update(state, event.instance, { pid: event.pid }), []];
    case "notSpawned":
      return notSpawned(state, event);
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
    case "condemn":
      return condemn(state, event);
    case "restart":
      return restart(state, event);
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
  return end(state, instance, process.reason, now);
}

function exited(
  state: SupervisorState,
  event: Extract<SupervisorEvent, { type: "exited" }>,
): Step {
  const process = state.processes.find((each) => each.instance === event.instance);
  if (process === undefined) return [state, []];
  const { phase } = process;
  // One that was still loading was ended by SIGTERM.
  const asked = phase === "killed" ||
    phase === "stopping" && (event.end.code === 0 || event.end.signal === "SIGTERM");
  const log: SupervisorAction[] = asked
    ? []
    : [{ type: "log", level: "error", text: endText(process, event.end) }];
  if (state.settings.endsWithProcess && phase === "serving") {
    const { code, signal } = event.end;
    const exitStatus = code === 0 && signal === null ? 0 : PROCESS_FAILED;
    return chain([
      (current) => gone(current, process, log, undefined, event.now),
      (current) => stop(current, "process_ended", true, event.now),
    ], { ...state, mode: "stopping", delayed: [], exitStatus });
  }
  const hopeless = phase === "starting" && event.end.signal === null &&
    HOPELESS.has(event.end.code);
  return gone(state, process, log, hopeless ? event.end.code : undefined, event.now);
}

function notSpawned(
  state: SupervisorState,
  { instance, problem, now }: Extract<SupervisorEvent, { type: "notSpawned" }>,
): Step {
  const process = state.processes.find((each) => each.instance === instance);
  if (process === undefined) return [state, []];
  const text = `can't start an application process: ${problem}`;
  return gone(state, process, [{ type: "log", level: "error", text }], undefined, now);
}

/** What follows when a process is no more. `hopeless` is the exit status with which it said that it never will be. */
function gone(
  state: SupervisorState,
  process: ProcessState,
  log: readonly SupervisorAction[],
  hopeless: number | undefined,
  now: number,
): Step {
  const { slot } = process;
  const next: SupervisorState = {
    ...state,
    processes: state.processes.filter((each) => each !== process),
  };
  const actions: SupervisorAction[] = [{ type: "forget", instance: process.instance }, ...log];
  if (next.mode === "stopping") {
    const last = next.processes.length === 0;
    return [next, last ? [...actions, { type: "finish", exitStatus: next.exitStatus }] : actions];
  }
  const succeeded = inSlot(next, slot).some((each) =>
    each.phase === "starting" || (each.phase === "serving" && !each.awaitsSuccessor)
  );
  if (succeeded || next.delayed.some((each) => each.slot === slot)) return [next, actions];
  if (process.phase !== "starting") {
    const [after, more] = spawn(next, [slot], now);
    return [after, [...actions, ...more]];
  }
  const [after, more] = hopeless !== undefined && !state.everReady
    ? stop({ ...next, exitStatus: hopeless }, "startup_failed", true, now)
    : delay(next, slot, now);
  return [after, [...actions, ...more]];
}

/** A process that ended before it was ready is not started again at once, or the machine would do nothing else. */
function delay(state: SupervisorState, slot: number, now: number): Step {
  const failures = state.failures + 1;
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS);
  return [
    { ...state, failures, delayed: [...state.delayed, { slot, at: now + delay }] },
    [{
      type: "log",
      level: "error",
      text: `an application process could not start; the next try follows in ${delay / 1000} s`,
    }],
  ];
}

function restart(
  state: SupervisorState,
  { reason, handover, now }: Extract<SupervisorEvent, { type: "restart" }>,
): Step {
  if (state.mode === "stopping") return [state, []];
  return chain([
    ...state.processes.map((each) => (current: SupervisorState) =>
      replace(current, each, reason, handover, now)
    ),
    // What kept a process from starting may be mended.
    (current: SupervisorState) => spawn(current, current.delayed.map(({ slot }) => slot), now),
  ], state);
}

/** A slot never has more than two processes: a third one is started when one of them has ended (see `gone`). */
function replace(
  state: SupervisorState,
  process: ProcessState,
  reason: string,
  handover: boolean,
  now: number,
): Step {
  const { instance, slot, phase } = process;
  if (phase === "starting") {
    // It may have read what has changed since.
    return end(update(state, instance, { reason }), instance, reason, now);
  }
  if (phase !== "serving") return [state, []];
  const other = inSlot(state, slot).find((each) => each.instance !== instance);
  const [next, actions] = other === undefined ? spawn(state, [slot], now) : [state, []];
  const marked = update(next, instance, { reason, awaitsSuccessor: true });
  if (handover) return [marked, actions];
  const [after, more] = drain(marked, instance, now);
  // The slot has none that takes requests until the one that leaves is gone.
  const [last, hurry] = other?.phase === "draining"
    ? end(after, other.instance, other.reason, now)
    : [after, []];
  return [last, [...actions, ...more, ...hurry]];
}

function condemn(
  state: SupervisorState,
  { instance, reason, complaint, now }: Extract<SupervisorEvent, { type: "condemn" }>,
): Step {
  const process = state.processes.find((each) => each.instance === instance);
  if (process === undefined || process.phase === "killed") return [state, []];
  const text = `application process ${process.pid} ${complaint}; it is killed (${reason})`;
  return [
    enter(update(state, instance, { reason }), instance, "killed", now),
    [
      { type: "log", level: "error", text },
      // Requests that come while it dies are for others.
      { type: "drain", instance },
      { type: "kill", instance, dump: true },
    ],
  ];
}

function stop(
  state: SupervisorState,
  reason: string,
  immediately: boolean,
  now: number,
): Step {
  const next: SupervisorState = { ...state, mode: "stopping", delayed: [] };
  if (next.processes.length === 0) {
    // Said before where it was stopping already.
    const over = state.mode === "stopping";
    return [next, over ? [] : [{ type: "finish", exitStatus: next.exitStatus }]];
  }
  return chain(
    next.processes.map(({ instance, phase }) => (current: SupervisorState): Step => {
      if (immediately) {
        return [enter(current, instance, "killed", now), [{ type: "kill", instance }]];
      }
      if (phase === "stopping" || phase === "killed") return [current, []];
      // The process itself waits for its running requests: its shutdown callbacks come before that.
      const [after, actions] = end(update(current, instance, { reason }), instance, reason, now);
      return [after, [{ type: "drain", instance }, ...actions]];
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
      return end(current, instance, reason, now);
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
  if (URGENT.has(reason)) return 0;
  if (reason === "eviction_signal" && evictionTimeout > 0) return evictionTimeout * 1000;
  return gracefulTimeout * 1000;
}

function endText(process: ProcessState, end: ProcessEnd): string {
  const when = process.phase === "starting" ? " before it was ready" : "";
  return `application process ${process.pid} ${exitText(end, process.reason)}${when}`;
}
