/** Courses of events for the supervisor's reducer. */
import { reduce } from "../../../core/supervisor/reducer.ts";
import {
  initialState,
  type Phase,
  type SupervisorAction,
  type SupervisorEvent,
  type SupervisorSettings,
  type SupervisorState,
} from "../../../core/supervisor/state.ts";

const SETTINGS: SupervisorSettings = {
  processes: 1,
  gracefulTimeout: 15,
  evictionTimeout: 0,
  shutdownTimeout: 5,
  endsWithProcess: false,
};

type Actions = readonly SupervisorAction[];

/** One course: a state, a clock, and what each event makes of them. PIDs are 1000 + instance. */
export class Courses {
  state: SupervisorState;
  now = 1000;

  constructor(settings: Partial<SupervisorSettings> = {}) {
    this.state = initialState({ ...SETTINGS, ...settings });
  }

  event(event: SupervisorEvent): Actions {
    const [state, actions] = reduce(this.state, event);
    this.state = state;
    for (const action of actions) {
      if (action.type !== "spawn") continue;
      const { instance } = action;
      [this.state] = reduce(this.state, { type: "spawned", instance, pid: 1000 + instance });
    }
    return actions;
  }

  start(): Actions {
    return this.event({ type: "start", now: this.now });
  }

  ready(instance: number): Actions {
    return this.event({ type: "ready", instance, now: this.now });
  }

  drained(instance: number): Actions {
    return this.event({ type: "drained", instance, now: this.now });
  }

  exit(instance: number, end: { code?: number; signal?: string } = {}): Actions {
    const { code = 0, signal = null } = end;
    return this.event({ type: "exited", instance, end: { code, signal }, now: this.now });
  }

  replace(instance: number, handover: boolean, reason = "a reason"): Actions {
    return this.event({ type: "replace", instance, reason, handover, now: this.now });
  }

  restart(handover: boolean): Actions {
    return this.event({ type: "restart", reason: "a reason", handover, now: this.now });
  }

  stop(immediately: boolean): Actions {
    return this.event({ type: "stop", reason: "shutdown_signal", immediately, now: this.now });
  }

  /** The clock goes on by so many milliseconds. */
  tick(milliseconds: number): Actions {
    this.now += milliseconds;
    return this.event({ type: "tick", now: this.now });
  }

  phases(): Phase[] {
    return this.state.processes.map((each) => each.phase);
  }

  logged(actions: Actions): string {
    return actions.flatMap((each) => each.type === "log" ? [each.text] : []).join("\n");
  }
}
