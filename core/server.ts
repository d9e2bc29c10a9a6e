/**
 * The server of daemon mode: listens, starts application processes, serves HTTP, stops.
 *
 * This file puts the parts together; what each does is told where it is.
 *
 * @module
 */
import { discoverPython } from "../ffi/discovery.ts";
import { thisHost } from "../ffi/discovery/host.ts";
import type { ProcessSetup } from "./application/setup.ts";
import { lockOptions } from "./free_threading.ts";
import { newSecret, Reception } from "./gateway/reception.ts";
import { Scoreboard } from "./gateway/scoreboard.ts";
import { Front } from "./http/front.ts";
import { type ProcessIdentity, processIdentity } from "./identity.ts";
import { type Logs, openLogs } from "./log/open.ts";
import { holdInspectorPort } from "./net/inspector_port.ts";
import { openTransport } from "./net/open.ts";
import type { Listener, Stream, Transport } from "./net/transport.ts";
import { type Plan, withBoundPort } from "./plan.ts";
import { platform } from "./platform/platform.ts";
import { prepareServerRoot, type ServerRoot } from "./server_root.ts";
import { Services } from "./services/services.ts";
import { Supervisor } from "./supervisor/processes.ts";

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
  /** Ends it: running requests finish within `--shutdown-timeout`. Called again, it ends at once. */
  stop(reason?: string): Promise<void>;
  /** Ends it without a time limit but `--graceful-timeout`: requests that wait are served too. */
  stopGracefully(): Promise<void>;
  /** Replaces all processes; `handover` keeps the old ones serving until the new ones are ready. */
  restart(handover: boolean): void;
}

/** How long answers that are written may still take to reach their clients when all else has ended. */
const LAST_ANSWERS_MS = 1000;

/**
 * Starts a server. When it returns the socket listens and the application processes are starting; requests that come
 * before they are ready wait.
 *
 * @throws {AddressError} where the address can't be listened on.
 * @throws {ConfigurationError} where the server root or a log can't be written, or there is no such user or group.
 */
export async function startServer(plan: Plan): Promise<RunningServer> {
  const identity = processIdentity(plan.server, Deno.uid());
  if (plan.server.processName !== null) platform.setProcessTitle(plan.server.processName);
  const transport = await openTransport();
  const python = discoverPython({
    python: plan.python.given ?? undefined,
    applicationFolder: plan.python.applicationFolder,
  }, thisHost(identity.change ?? undefined));
  // Looked at where it is needed; not to be called unhandled until then.
  python.catch(() => {});
  let root: ServerRoot | undefined;
  let listener: Listener | undefined;
  let logs: Logs | undefined;
  let server: Server | undefined;
  try {
    const embedded = plan.mode === "embedded";
    // Who connects before the server can serve waits unread.
    const early: Stream[] = [];
    let accept = (stream: Stream): void => {
      stream.pause();
      early.push(stream);
    };
    listener = await transport.listen(
      {
        hostname: plan.listener.host ?? "",
        port: plan.listener.port,
        backlog: plan.listener.backlog,
        inheritable: embedded,
      },
      (stream) => accept(stream),
    );
    // In embedded mode the application processes accept.
    if (embedded) listener.pause();
    const bound = withBoundPort(plan, listener.address.port);
    root = await prepareServerRoot(bound, identity.change?.uid ?? null);
    logs = openLogs(bound.log);
    const started = server = new Server(bound, transport, listener, root, logs);
    await started.start(python, identity);
    accept = (stream) => started.accept(stream);
    for (const stream of early) {
      started.accept(stream);
      stream.resume();
    }
    return started;
  } catch (error) {
    server?.abandon();
    listener?.close();
    root?.remove();
    logs?.close();
    await transport.close();
    throw error;
  }
}

class Server implements RunningServer {
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
  /** Kept with `--server-metrics`; not in embedded mode. */
  #scoreboard: Scoreboard | undefined;
  #phase: "running" | "graceful stop" | "stop" = "running";
  /** Until when clients may still read their last answers, milliseconds of a monotonic clock. */
  #answersUntil = 0;
  #pythonError: unknown;
  #releaseInspectorPort = holdInspectorPort();

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
    if (!plan.application.serverMetrics) return;
    const { count, threads } = plan.processes;
    this.#front.gateway.observer = this.#scoreboard = new Scoreboard(count, threads);
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
    this.#supervisor = new Supervisor({
      settings: {
        processes: plan.processes.count,
        gracefulTimeout: plan.timeouts.graceful,
        evictionTimeout: plan.timeouts.eviction,
        shutdownTimeout: plan.timeouts.shutdown,
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
      onReady: () => this.#ready.resolve(),
      onFinish: (exitStatus) => void this.#finish(exitStatus),
    });
    const services = this.#services = new Services(plan, this.#logs.errorLog);
    setup.then(({ python }) => services.start(python), (error) => {
      this.#pythonError = error;
      this.#stop("startup_failed", true);
    });
    this.#supervisor.dispatch({ type: "start", now: performance.now() });
  }

  /** Undoes what the constructor did, where `start` has failed. */
  abandon(): void {
    this.#releaseInspectorPort();
    this.#front?.close();
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
      if (!this.#stopped()) this.#stop("shutdown_signal", false);
    }
    await this.finished.catch(() => {});
  }

  restart(handover: boolean): void {
    const reason = handover ? "graceful_signal" : "shutdown_signal";
    this.#supervisor?.dispatch({ type: "restart", reason, handover, now: performance.now() });
    this.#services?.restart();
    this.#scoreboard?.restart();
  }

  /** Whether the processes have been told to end, perhaps while something was waited for. */
  #stopped(): boolean {
    return this.#phase === "stop";
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
    await this.#services?.stop(false);
    await this.#transport.close();
    this.#releaseInspectorPort();
    this.#root.remove();
    this.#logs.errorLog.write("info", `wsgi-express ended with status ${exitStatus}`);
    this.#logs.close();
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
