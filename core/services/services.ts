/**
 * Service scripts: Python scripts in processes of their own beside the application, started again when they end.
 *
 * @module
 */
import type { PythonInfo } from "../../ffi/discovery/info.ts";
import { type ProcessIdentity, processIdentity } from "../identity.ts";
import type { ErrorLog } from "../log/error_log.ts";
import type { LogLevelName, Plan, ServicePlan } from "../plan.ts";
import { platform } from "../platform/platform.ts";
import { exitText } from "../supervisor/exit_text.ts";
import { serviceCommand, serviceMessage } from "./command.ts";
import { startDelay } from "./delay.ts";

/** Runs the services of a server. */
export class Services {
  #services: readonly Service[];

  /** @throws {ConfigurationError} where there is no such user or group. */
  constructor(plan: Plan, errorLog: ErrorLog) {
    this.#services = plan.services.map((service) =>
      new Service(plan, service, processIdentity(service, Deno.uid()), errorLog)
    );
  }

  /** Starts all of them. */
  start(python: PythonInfo): void {
    for (const service of this.#services) service.start(python);
  }

  /** Lets all of them end and start anew. */
  restart(): void {
    for (const service of this.#services) service.restart();
  }

  /**
   * Asks all to end, kills those that have not within `--shutdown-timeout`, and resolves when none is left. Called again
   * with `immediately`, it kills now.
   */
  async stop(immediately: boolean): Promise<void> {
    await Promise.all(this.#services.map((service) => service.stop(immediately)));
  }
}

/** One service. */
class Service {
  #plan: Plan;
  #service: ServicePlan;
  #identity: ProcessIdentity;
  #errorLog: ErrorLog;
  #python: PythonInfo | undefined;
  #running: Running | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #shortRuns = 0;
  #stopping = false;

  constructor(plan: Plan, service: ServicePlan, identity: ProcessIdentity, errorLog: ErrorLog) {
    this.#plan = plan;
    this.#service = service;
    this.#identity = identity;
    this.#errorLog = errorLog;
  }

  start(python: PythonInfo): void {
    this.#python = python;
    if (!this.#stopping) this.#spawn(python);
  }

  restart(): void {
    this.#shortRuns = 0;
    void this.#running?.end(this.#plan.timeouts.shutdown);
  }

  async stop(immediately: boolean): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await this.#running?.end(immediately ? 0 : this.#plan.timeouts.shutdown);
  }

  #spawn(python: PythonInfo): void {
    const { name } = this.#service;
    const began = performance.now();
    let running: Running;
    try {
      running = new Running(this.#plan, this.#service, python, this.#identity);
    } catch (error) {
      // No process or memory is left, or Python is being replaced: the server goes on, and tries again.
      const problem = error instanceof Error ? error.message : String(error);
      const { delay, shortRuns } = startDelay(0, this.#shortRuns);
      this.#startLater(
        delay,
        shortRuns,
        "error",
        `can't start service script "${name}": ${problem}`,
      );
      return;
    }
    this.#running = running;
    void running.status.then((status) => {
      this.#running = undefined;
      if (this.#stopping) return;
      const { delay, shortRuns } = running.ending
        ? { delay: 0, shortRuns: 0 }
        : startDelay(performance.now() - began, this.#shortRuns);
      this.#startLater(
        delay,
        shortRuns,
        status.success || running.ending ? "info" : "error",
        `service script "${name}" (process ${running.pid}) ${exitText(status)}`,
      );
    });
  }

  /** @param delay milliseconds. */
  #startLater(delay: number, shortRuns: number, level: LogLevelName, event: string): void {
    this.#shortRuns = shortRuns;
    const when = delay === 0 ? "now" : `in ${delay / 1000} s`;
    this.#errorLog.write(level, `${event}; it starts again ${when}`);
    this.#timer = setTimeout(() => this.start(this.#python!), delay);
  }
}

/** A process of a service. */
class Running {
  readonly status: Promise<Deno.CommandStatus>;
  /** Set once it was asked to end. */
  ending = false;
  #child: Deno.ChildProcess;
  #control: WritableStreamDefaultWriter<Uint8Array>;

  constructor(plan: Plan, service: ServicePlan, python: PythonInfo, identity: ProcessIdentity) {
    const { program, args, env } = serviceCommand(plan, service, python, identity.change);
    platform.keepSockets();
    this.#child = new Deno.Command(program, {
      args,
      env: { LC_ALL: plan.locale, ...identity.environment, ...env },
      stdin: "piped",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    this.status = this.#child.status;
    platform.holdChild(this.#child.pid);
    this.#control = this.#child.stdin.getWriter();
    // A process that ended at once has not read it.
    this.#control.write(serviceMessage(plan, service, identity.change !== null)).catch(() => {});
    void this.status.then(() => this.#closeControl());
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Asks it to end, kills it after `limit` seconds, and waits for its end. */
  async end(limit: number): Promise<void> {
    if (!this.ending) this.#ask();
    const timer = setTimeout(() => this.#kill("SIGKILL"), limit * 1000);
    await this.status;
    clearTimeout(timer);
  }

  /** Once and in one way, as a handler of the script's own would be called again in the middle. */
  #ask(): void {
    this.ending = true;
    if (platform.system === "unix") this.#kill("SIGTERM");
    else this.#closeControl();
  }

  /** The end of the pipe says that the script is to end, where there are no signals or the server was killed. */
  #closeControl(): void {
    this.#control.close().catch(() => {});
  }

  #kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended already.
    }
  }
}
