/**
 * What the Python half of an application process is told: the part of the plan that concerns it, under the names that
 * `core/python/` reads.
 *
 * @module
 */
import type { DebugPlan, LogLevelName, Plan } from "../plan.ts";

/** How an application process reaches something that listens. */
export type Endpoint =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "fd"; readonly fd: number }
  | { readonly kind: "fds"; readonly fds: readonly number[] };

/** What one application process is told beside the plan. */
export interface ApplicationProcess {
  /** Number of the process instance, never used twice. */
  readonly instance: number;
  /** 32 ASCII characters that only processes of this launch know. */
  readonly secret: string;
  /** Where its threads connect to. */
  readonly gateway: Endpoint;
  /** Its connection for stop and ready messages. */
  readonly manager: Endpoint;
}

/** The JSON object that the Python half of an application process is started with. */
export interface PythonHalfPlan extends ApplicationProcess {
  readonly threads: number;
  readonly processes: number;
  readonly multiprocess: boolean;
  readonly multithread: boolean;
  readonly run_once: boolean;
  readonly application: {
    readonly type: "script" | "module";
    readonly entryPoint: string;
    readonly callable: string;
  };
  readonly reloading: boolean;
  readonly reloadOnChanges: boolean;
  /** When the process asks to be replaced; seconds, 0 is off. */
  readonly recycling: {
    readonly requestTimeout: number;
    readonly interruptTimeout: number;
    readonly slowRequests: number;
    readonly startupTimeout: number;
    readonly inactivityTimeout: number;
    readonly ignoreActivity: readonly string[];
    /** A number, not seconds. */
    readonly maximumRequests: number;
    readonly restartInterval: number;
  };
  readonly pythonPath: readonly string[];
  readonly workingDirectory: string;
  readonly processGroup: string;
  readonly applicationGroup: string;
  readonly applicationGroupGil: "shared" | "own";
  readonly environ: Readonly<Record<string, string>>;
  readonly osEnviron: Readonly<Record<string, string>>;
  /** Locale to set for all categories; null leaves what Python sets. */
  readonly locale: string | null;
  readonly log: { readonly fd: number } | { readonly path: string };
  readonly logLevel: LogLevelName;
  /** Null unless in debug mode. */
  readonly debug: DebugPlan | null;
  readonly shutdownTimeout: number;
  readonly serverMetrics: boolean;
  readonly sysArgv: readonly string[];
  /** Seconds for `sys.setswitchinterval`; null leaves Python's. */
  readonly switchInterval: number | null;
  /** Embedded mode with one thread: address of the function that blocks where the client is slow. */
  readonly direct?: { readonly function: number };
}

/** The plan for the Python half of one application process. */
export function applicationPlan(plan: Plan, process: ApplicationProcess): PythonHalfPlan {
  const { application, processes, log, timeouts } = plan;
  return {
    instance: process.instance,
    secret: process.secret,
    gateway: process.gateway,
    manager: process.manager,
    threads: processes.threads,
    processes: processes.count,
    multiprocess: processes.multiprocess,
    multithread: processes.multithread,
    run_once: processes.runOnce,
    application: {
      type: application.type,
      entryPoint: application.entryPoint,
      callable: application.callable,
    },
    reloading: application.reloading,
    reloadOnChanges: application.reloadOnChanges,
    recycling: {
      requestTimeout: timeouts.request,
      interruptTimeout: timeouts.interrupt,
      slowRequests: timeouts.slow,
      startupTimeout: timeouts.startup,
      inactivityTimeout: timeouts.inactivity,
      ignoreActivity: processes.ignoreActivity,
      maximumRequests: processes.maximumRequests,
      restartInterval: processes.restartInterval,
    },
    pythonPath: plan.python.path,
    workingDirectory: application.workingDirectory,
    processGroup: application.processGroup,
    applicationGroup: application.applicationGroup,
    applicationGroupGil: application.applicationGroupGil,
    environ: plan.environ,
    osEnviron: plan.osEnviron,
    locale: plan.mode === "daemon" ? plan.locale : null,
    log: log.error.kind === "file"
      ? { path: log.error.path }
      : { fd: log.error.stream === "stderr" ? 2 : 1 },
    logLevel: log.partLevels.wsgi ?? log.level,
    debug: plan.debug,
    shutdownTimeout: plan.timeouts.shutdown,
    serverMetrics: application.serverMetrics,
    sysArgv: ["mod_wsgi"],
    switchInterval: plan.python.switchInterval,
  };
}
