/**
 * A running server: its application processes and services, HTTP in front of them in daemon mode, and their end.
 *
 * This file puts the parts together; what each does is told where it is.
 *
 * @module
 */
import type { discoverPython } from "../ffi/discovery.ts";
import type { ProcessSetup } from "./application/setup.ts";
import { lockOptions } from "./free_threading.ts";
import { newSecret, Reception } from "./gateway/reception.ts";
import { Scoreboard } from "./gateway/scoreboard.ts";
import { scoreboardPath, ScoreboardReader } from "./gateway/scoreboard_file.ts";
import { AHEAD, Front } from "./http/front.ts";
import type { ProcessIdentity } from "./identity.ts";
import type { Logs } from "./log/open.ts";
import { holdInspectorPort } from "./net/inspector_port.ts";
import type { Listener, LocalAddress, Stream, Transport } from "./net/transport.ts";
import type { Plan } from "./plan.ts";
import { platform } from "./platform/platform.ts";
import type { ServerRoot } from "./server_root.ts";
import { Services } from "./services/services.ts";
import { Supervisor } from "./supervisor/processes.ts";
import { Renewals } from "./supervisor/renewals.ts";

/** A running server. */
export interface RunningServer {
  /** The plan with the port that the system chose, where port 0 was asked for. */
  readonly plan: Plan;
  /** Where a client finds it, such as `http://localhost:8000/`. */
  readonly url: string;
  /** Address it listens on. */
  readonly address: { readonly hostname: string; readonly port: number };
  /** Resolves once every application process takes requests; rejects where none ever will. */
  readonly ready: Promise<void>;
  /** Resolves with the program's exit status once everything has ended. */
  readonly finished: Promise<number>;
  /** It has been told to end, and its processes too. */
  readonly stopping: boolean;
  /** Ends it: running requests finish within `--shutdown-timeout`. Called again, it ends at once. */
  stop(reason?: string): Promise<void>;
  /** Ends it without a time limit but `--graceful-timeout`: requests that wait are served too. */
  stopGracefully(): Promise<void>;
  /**
   * Replaces all processes; `handover` keeps the old ones serving until the new ones are ready. Resolves once new ones serve
   * in the place of all, or the server has ended.
   */
  restart(handover: boolean): Promise<void>;
}

/** How long answers that are written may still take to reach their clients when all else has ended. */
const LAST_ANSWERS_MS = 1000;

/** The server of a plan. `startServer` makes it. */
export class Server implements RunningServer {
  readonly plan: Plan;
  readonly #ready = Promise.withResolvers<void>();
  readonly #finished = Promise.withResolvers<number>();
  #transport: Transport;
  #listener: Listener;
  #root: ServerRoot;
  #logs: Logs;
  /** HTTP and queue; undefined in embedded mode, where each application process has its own. */
  #front: Front | undefined;
  #supervisor: Supervisor | undefined;
  #services: Services | undefined;
  #renewals = new Renewals();
  /** Kept with `--server-metrics`. */
  #scoreboard: Scoreboard | undefined;
  #phase: "running" | "graceful stop" | "stop" = "running";
  /** Until when clients may still read their last answers, milliseconds of a monotonic clock. */
  #answersUntil = 0;
  #pythonError: unknown;
  #releaseInspectorPort = holdInspectorPort();
  /** Debug mode: undoes what a debugger has done to the terminal when it was killed at its prompt. */
  #restoreTerminal: (() => void) | undefined;

  constructor(
    plan: Plan,
    transport: Transport,
    listener: Listener,
    root: ServerRoot,
    logs: Logs,
  ) {
    this.plan = plan;
    this.#transport = transport;
    this.#listener = listener;
    this.#root = root;
    this.#logs = logs;
    if (plan.debug !== null) this.#restoreTerminal = platform.saveTerminal();
    // Who does not look at them has not asked.
    this.#ready.promise.catch(() => {});
    this.#finished.promise.catch(() => {});
    transport.onFault = (error) =>
      logs.errorLog.write("crit", `a defect of wsgi-express: ${text(error)}`);
    if (plan.mode === "embedded") return;
    this.#front = new Front(plan, transport, logs, {
      onReplacementWanted: (instance, reason) => {
        const now = performance.now();
        this.#supervisor?.dispatch({ type: "replace", instance, reason, handover: false, now });
      },
      onDrained: (instance) =>
        this.#supervisor?.dispatch({ type: "drained", instance, now: performance.now() }),
    });
    this.#front.http.limit(listener);
  }

  get url(): string {
    return this.plan.listener.url;
  }

  get address(): { hostname: string; port: number } {
    return this.#listener.address;
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get finished(): Promise<number> {
    return this.#finished.promise;
  }

  /** A client has connected. */
  accept(stream: Stream): void {
    this.#front?.http.accept(stream);
  }

  /** Starts the application processes; they and the search for Python run side by side. */
  async start(
    python: ReturnType<typeof discoverPython>,
    identity: ProcessIdentity,
  ): Promise<void> {
    const { plan } = this;
    const { count, threads } = plan.processes;
    // It may throw, so it comes before anything that would have to be stopped.
    const services = this.#services = new Services(plan, this.#logs.errorLog);
    this.#logs.errorLog.write(
      "info",
      `wsgi-express ${plan.version} serves ${this.url} in ${plan.mode} mode, ` +
        `processes: ${count}, threads of each: ${threads}`,
    );
    const secret = newSecret();
    const setup = python.then(({ python }): ProcessSetup => {
      // Said once here, not by each process.
      lockOptions(python, plan.python.freeThreading);
      const listenerFd = plan.mode === "embedded" ? this.#listener.fd : undefined;
      return { plan, python, identity, listenerFd };
    });
    // Looked at below, once the supervisor is there.
    setup.catch(() => {});
    const reception = new Reception<ProcessSetup>(
      secret,
      this.#front?.gateway,
      (instance, control) => this.#supervisor?.connect(instance, control),
    );
    const address = await this.#root.listen(
      this.#transport,
      (stream) => reception.receive(stream),
    );
    this.#scoreboard = this.#makeScoreboard(address);
    this.#supervisor = new Supervisor({
      settings: {
        processes: plan.processes.count,
        gracefulTimeout: plan.timeouts.graceful,
        evictionTimeout: plan.timeouts.eviction,
        shutdownTimeout: plan.timeouts.shutdown,
        endsWithProcess: plan.debug !== null,
      },
      deadlockTimeout: plan.timeouts.deadlock,
      startupTimeout: plan.timeouts.startup,
      gateway: this.#front?.gateway,
      scoreboard: this.#scoreboard,
      errorLog: this.#logs.errorLog,
      address,
      secret,
      debug: plan.debug,
      environment: { LC_ALL: plan.locale },
      setup,
      onReady: () => {
        this.#ready.resolve();
        this.#renewals.look(this.#supervisor!.state);
      },
      onTerminalEnd: () => {
        if (!this.stopping) void this.stop();
      },
      onFinish: (exitStatus) => void this.#finish(exitStatus),
    });
    setup.then(({ python }) => services.start(python), (error) => {
      this.#pythonError = error;
      this.#stop("startup_failed", true);
    });
    this.#supervisor.dispatch({ type: "start", now: performance.now() });
  }

  #makeScoreboard(address: LocalAddress): Scoreboard | undefined {
    const { application, processes, server } = this.plan;
    if (!application.serverMetrics) return undefined;
    const { count, threads } = processes;
    if (this.#front !== undefined) {
      return this.#front.gateway.observer = new Scoreboard(count, threads);
    }
    // In embedded mode each process knows its own requests.
    const pathOf = (instance: number) => scoreboardPath(address, server.root, instance);
    return new Scoreboard(count, threads, new ScoreboardReader(pathOf, threads + AHEAD));
  }

  /** Undoes what the constructor did, where `start` has failed. */
  abandon(): void {
    this.#releaseInspectorPort();
    this.#front?.close();
  }

  get stopping(): boolean {
    return this.#phase === "stop";
  }

  async stop(reason = "shutdown_signal"): Promise<void> {
    this.#stop(reason, this.#phase === "stop");
    await this.finished.catch(() => {});
  }

  async stopGracefully(): Promise<void> {
    if (this.#phase === "running") {
      this.#phase = "graceful stop";
      this.#listener.close();
      const limit = this.plan.timeouts.graceful * 1000;
      if (this.#front !== undefined) await settled(this.#front.http.drain(), limit);
      if (!this.stopping) this.#stop("shutdown_signal", false);
    }
    await this.finished.catch(() => {});
  }

  restart(handover: boolean): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor === undefined || this.#phase === "stop") return Promise.resolve();
    const reason = handover ? "graceful_signal" : "shutdown_signal";
    const renewed = this.#renewals.begin(supervisor.state);
    this.#scoreboard?.restart();
    supervisor.dispatch({ type: "restart", reason, handover, now: performance.now() });
    this.#services?.restart();
    return renewed;
  }

  #stop(reason: string, immediately: boolean): void {
    const now = performance.now();
    this.#logs.errorLog.write("info", `stopping${immediately ? " at once" : ""}: ${reason}`);
    this.#phase = "stop";
    this.#answersUntil = immediately ? now : now + this.plan.timeouts.shutdown * 1000;
    this.#listener.close();
    void this.#front?.http.drain();
    this.#front?.gateway.refuseWaiting(503);
    void this.#services?.stop(immediately);
    this.#supervisor?.dispatch({ type: "stop", reason, immediately, now });
  }

  async #finish(exitStatus: number): Promise<void> {
    const front = this.#front;
    front?.gateway.refuseWaiting(503);
    if (front !== undefined) {
      await settled(front.http.drain(), LAST_ANSWERS_MS);
      // A slow client gets the rest of its answer in what is left of --shutdown-timeout.
      if (front.http.writing) {
        await settled(front.http.drain(), this.#answersUntil - performance.now());
      }
      front.close();
    }
    this.#restoreTerminal?.();
    await this.#services?.stop(false);
    await this.#transport.close();
    this.#releaseInspectorPort();
    this.#root.remove();
    this.#logs.errorLog.write("info", `wsgi-express ended with status ${exitStatus}`);
    this.#logs.close();
    this.#renewals.end();
    // One that is ready already stays so.
    this.#ready.reject(this.#pythonError ?? new Error("the server ended before it was ready"));
    if (this.#pythonError !== undefined) this.#finished.reject(this.#pythonError);
    else this.#finished.resolve(exitStatus);
  }
}

/** Waits for `promise`, but no longer than `limit` milliseconds. */
async function settled(promise: Promise<void>, limit: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, Math.max(limit, 0));
  await Promise.race([promise, late.promise]);
  clearTimeout(timer);
}

function text(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
