/**
 * The supervisor's hands: starts application processes, talks to them, and does what the reducer decides.
 *
 * @module
 */
import { type ProcessSetup, type Summons, SUMMONS_VARIABLE } from "../application/setup.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { ProcessMessage } from "../gateway/control.ts";
import type { ProcessControl } from "../gateway/reception.ts";
import type { Scoreboard } from "../gateway/scoreboard.ts";
import type { ErrorLog } from "../log/error_log.ts";
import type { LocalAddress } from "../net/transport.ts";
import type { DebugPlan } from "../plan.ts";
import { platform } from "../platform/platform.ts";
import { processCommand } from "./process_command.ts";
import { DeadlockWatch } from "./deadlock_watch.ts";
import { lateStarts } from "./late_starts.ts";
import { OutOfMemoryCounter } from "./out_of_memory.ts";
import { reduce } from "./reducer.ts";
import {
  initialState,
  type SupervisorAction,
  type SupervisorEvent,
  type SupervisorSettings,
  type SupervisorState,
} from "./state.ts";

/** What the supervisor works with. */
export interface SupervisorParts {
  readonly settings: SupervisorSettings;
  /** Seconds, from the options of the same names; 0 is off. */
  readonly deadlockTimeout: number;
  readonly startupTimeout: number;
  /** Where the processes' threads connect to; undefined in embedded mode, where each process has its own. */
  readonly gateway: Gateway | undefined;
  /** What applications are told with `mod_wsgi.server_metrics()`, where that was asked for. */
  readonly scoreboard: Scoreboard | undefined;
  readonly errorLog: ErrorLog;
  /** Where application processes connect. */
  readonly address: LocalAddress;
  readonly secret: string;
  /** Null unless in debug mode, where the one process has the terminal's standard input. */
  readonly debug: DebugPlan | null;
  /** Environment variables of application processes, beside the server's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** What a process is told once it has connected; rejects where Python can't be used. */
  readonly setup: Promise<ProcessSetup>;
  /** Called whenever a process has become ready and all others are. */
  onReady(): void;
  /** Called when a process tells that the terminal is ending. */
  onTerminalEnd(): void;
  /** Called once all processes have ended and none will be started. */
  onFinish(exitStatus: number): void;
}

interface Running {
  readonly child: Deno.ChildProcess;
  control: ProcessControl<ProcessSetup> | undefined;
  /** Set when its end follows the dump of its stacks. */
  killTimer?: ReturnType<typeof setTimeout>;
}

const TICK_MS = 100;
/** Deno does not ask the network whether there is a newer one. The process takes this out of its environment. */
const QUIET = { DENO_NO_UPDATE_CHECK: "1" };
/** How long a process that is killed has to write the stacks of its threads. */
const DUMP_MS = 300;

/** Runs the application processes of a server. */
export class Supervisor {
  #parts: SupervisorParts;
  #state: SupervisorState;
  #running = new Map<number, Running>();
  #ticker: ReturnType<typeof setInterval>;
  #deadlocks: DeadlockWatch;
  #memory = new OutOfMemoryCounter();
  /** Notices of processes that have been logged: what is true of each is said once. */
  #noticed = new Set<string>();

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#state = initialState(parts.settings);
    this.#deadlocks = new DeadlockWatch(parts.deadlockTimeout);
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  get state(): SupervisorState {
    return this.#state;
  }

  /** Something has happened. */
  dispatch(event: SupervisorEvent): void {
    if (event.type === "replace") this.#logReplacement(event.instance, event.reason);
    const [state, actions] = reduce(this.#state, event);
    this.#state = state;
    for (const action of actions) this.#perform(action);
  }

  /** A process has connected. */
  connect(instance: number, control: ProcessControl<ProcessSetup>): void {
    const running = this.#running.get(instance);
    if (running === undefined) {
      control.close();
      return;
    }
    running.control = control;
    control.onMessage = (message) => this.#receive(instance, message);
    // Where Python can't be used the server ends, so there is nobody to tell.
    this.#parts.setup.then((setup) => control.send({ type: "setup", setup }), () => {});
  }

  #receive(instance: number, message: ProcessMessage): void {
    const now = performance.now();
    if (message.type === "ready") {
      this.dispatch({ type: "ready", instance, now });
      this.#parts.errorLog.write(
        "info",
        `application process ${this.#running.get(instance)?.child.pid} is ready`,
      );
      if (this.#allServe()) this.#parts.onReady();
    } else if (message.type === "server_metrics") {
      const metrics = this.#parts.scoreboard?.metrics(this.#state.processes) ?? null;
      this.#running.get(instance)?.control?.send({ type: "server_metrics", metrics });
    } else if (message.type === "drained") {
      this.dispatch({ type: "drained", instance, now });
    } else if (message.type === "pong") {
      this.#deadlocks.answered(instance);
    } else if (message.type === "terminal_end") {
      this.#parts.onTerminalEnd();
    } else if (message.type === "notice") {
      if (this.#noticed.has(message.text)) return;
      this.#noticed.add(message.text);
      this.#parts.errorLog.write("error", message.text);
    } else {
      const { reason, handover } = message;
      this.dispatch({ type: "replace", instance, reason, handover, now });
    }
  }

  #logReplacement(instance: number, reason: string): void {
    const process = this.#state.processes.find((each) => each.instance === instance);
    if (process?.phase !== "serving" || process.reason === reason) return;
    this.#parts.errorLog.write("info", `replacing application process ${process.pid}: ${reason}`);
  }

  #tick(): void {
    const now = performance.now();
    this.dispatch({ type: "tick", now });
    this.#lookForDeadlocks(now);
    const { gateway, startupTimeout } = this.#parts;
    for (const instance of lateStarts(this.#state, gateway?.waitingSince, startupTimeout, now)) {
      const complaint =
        `has not loaded its application within --startup-timeout (${startupTimeout} s)`;
      this.dispatch({ type: "condemn", instance, reason: "startup_timeout", complaint, now });
    }
  }

  #lookForDeadlocks(now: number): void {
    // One that starts is busy loading, and one that stops has a limit of its own.
    const instances = this.#state.processes
      .filter(({ phase }) => phase === "serving" || phase === "draining")
      .map(({ instance }) => instance);
    const { ask, deadlocked } = this.#deadlocks.look(now, instances);
    for (const instance of ask) this.#running.get(instance)?.control?.send({ type: "ping" });
    for (const instance of deadlocked) {
      const complaint = "has not answered within --deadlock-timeout " +
        `(${this.#parts.deadlockTimeout} s): something keeps Python's global interpreter lock`;
      this.dispatch({ type: "condemn", instance, reason: "deadlock_timeout", complaint, now });
    }
  }

  #perform(action: SupervisorAction): void {
    const { gateway, scoreboard, errorLog } = this.#parts;
    switch (action.type) {
      case "spawn":
        this.#spawn(action.instance);
        break;
      case "accept":
        gateway?.accept(action.instance);
        break;
      case "drain":
        if (gateway !== undefined) gateway.drain(action.instance);
        else this.#running.get(action.instance)?.control?.send({ type: "drain" });
        break;
      case "forget":
        gateway?.remove(action.instance);
        scoreboard?.onGone(action.instance);
        clearTimeout(this.#running.get(action.instance)?.killTimer);
        this.#running.delete(action.instance);
        break;
      case "stop":
        this.#running.get(action.instance)?.control?.send({ type: "stop", reason: action.reason });
        break;
      case "terminate":
        signal(this.#running.get(action.instance)?.child, "SIGTERM");
        break;
      case "kill":
        this.#kill(this.#running.get(action.instance), action.dump ?? false);
        break;
      case "log":
        errorLog.write(action.level, action.text);
        break;
      case "finish":
        clearInterval(this.#ticker);
        this.#parts.onFinish(action.exitStatus);
    }
  }

  #spawn(instance: number): void {
    const { address, secret, environment, gateway, scoreboard, debug } = this.#parts;
    const summons: Summons = { gateway: address, secret, instance };
    gateway?.announce(instance);
    scoreboard?.announce(instance);
    const [program, ...args] = processCommand(debug);
    const command = new Deno.Command(program, {
      args,
      env: { ...environment, ...QUIET, [SUMMONS_VARIABLE]: JSON.stringify(summons) },
      stdin: debug === null ? "null" : "inherit",
      stdout: "inherit",
      stderr: "inherit",
    });
    let child: Deno.ChildProcess;
    try {
      platform.keepSockets();
      child = command.spawn();
    } catch (error) {
      // No process or memory is left, or the executable is gone: the server goes on with what it has, and tries again.
      const problem = error instanceof Error ? error.message : String(error);
      this.dispatch({ type: "notSpawned", instance, problem, now: performance.now() });
      return;
    }
    this.#parts.errorLog.write("info", `application process ${child.pid} starts`);
    platform.holdChild(child.pid);
    this.#running.set(instance, { child, control: undefined });
    this.dispatch({ type: "spawned", instance, pid: child.pid });
    child.status.then(({ code, signal }) => {
      const now = performance.now();
      // Whoever leaves gdb has asked for the end.
      if (debug !== null && debug.gdb !== null) {
        this.dispatch({ type: "stop", reason: "process_ended", immediately: true, now });
      }
      const outOfMemory = this.#memory.hasRisen() && signal === "SIGKILL";
      this.dispatch({ type: "exited", instance, end: { code, signal, outOfMemory }, now });
    });
  }

  #kill(running: Running | undefined, dump: boolean): void {
    const { dumpSignal } = platform;
    if (running === undefined) return;
    if (!dump || dumpSignal === undefined) return signal(running.child, "SIGKILL");
    // The Python half writes the stacks (`core/python/signals.py`).
    signal(running.child, dumpSignal);
    running.killTimer = setTimeout(() => signal(running.child, "SIGKILL"), DUMP_MS);
  }

  #allServe(): boolean {
    const { processes, settings } = this.#state;
    const serving = processes.filter((each) => each.phase === "serving");
    return new Set(serving.map((each) => each.slot)).size === settings.processes;
  }
}

function signal(child: Deno.ChildProcess | undefined, name: Deno.Signal): void {
  try {
    child?.kill(name);
  } catch {
    // It has ended already.
  }
}
