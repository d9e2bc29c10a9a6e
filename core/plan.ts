/**
 * The plan: what the server and its application processes do, as plain frozen data that goes to
 * processes unchanged as JSON. Settings say what was asked for; the plan says what follows from it.
 *
 * Times are in seconds and sizes in bytes; where a time is 0, the limit is off. Paths are absolute.
 *
 * @module
 */
import type { LogPlan, LogTarget } from "./log/plan.ts";

export type { LogLevelName } from "./log/levels.ts";
export type { LogPlan, LogTarget } from "./log/plan.ts";

/** How processes and HTTP belong together. */
export type OperatingMode = "daemon" | "embedded" | "debug";

/** Files, folders and identity of the server. */
export interface ServerPlan {
  /** Folder of the files that the server makes. */
  readonly root: string;
  /** Whether the root was made up for this server, so that it may be removed and replaced. */
  readonly rootIsDefault: boolean;
  /** File that the plan is written to. */
  readonly configurationFile: string;
  readonly pidFile: string;
  /** Folder in which the folder of the internal sockets is made. */
  readonly socketPrefix: string;
  readonly documentRoot: string;
  readonly handlerScript: string;
  /** Title of the server process; null leaves the system's. */
  readonly processName: string | null;
  /** User and group by name or number; null keeps the current one. Null unless started by root. */
  readonly user: string | null;
  readonly group: string | null;
}

/** The listening socket. */
export interface ListenerPlan {
  /** Address to listen on; null for all interfaces. */
  readonly host: string | null;
  /** Port to listen on; 0 until the system has chosen one (see `withBoundPort`). */
  readonly port: number;
  /** Where a person finds the server. */
  readonly url: string;
  readonly backlog: number;
}

/** Limits on clients and queues. 0 is no limit for `requestBody`. */
export interface LimitsPlan {
  /** Most client connections in daemon mode, as the banner tells them. */
  readonly maxClients: number;
  /**
   * So many connections are kept open; null for no limit but the system's. Apache needs one because a connection takes a
   * worker of its own; here an idle one costs a few KiB, so only a limit that was given holds. In daemon mode only:
   * mod_wsgi-express ignores `--max-clients` in embedded mode.
   */
  readonly clientLimit: number | null;
  /** Requests that may wait for a thread. */
  readonly queueLength: number;
  readonly requestBody: number;
  readonly chunkedRequest: boolean;
  /** Largest block of response headers from the application. */
  readonly responseHeaders: number;
  /** Bytes of a response that may wait for a slow client. */
  readonly responseBuffer: number;
}

/** Time a client has for a part of a request; `rate` bytes buy another second up to `most`. */
export interface ReadTimeout {
  readonly first: number;
  readonly most: number;
  readonly rate: number;
}

/** Time limits that apply in the mode of the plan. */
export interface TimeoutsPlan {
  readonly header: ReadTimeout;
  readonly body: ReadTimeout;
  /** Idle client connection; 0 closes it after each response. */
  readonly keepAlive: number;
  /** A read or write on a socket that stands still. */
  readonly socket: number;
  /** A write to a slow client that stands still. */
  readonly responseSocket: number;
  readonly connect: number;
  readonly queue: number;
  readonly request: number;
  readonly interrupt: number;
  /** A request that runs longer is reported in the error log. */
  readonly slow: number;
  readonly startup: number;
  readonly deadlock: number;
  readonly inactivity: number;
  readonly graceful: number;
  /** As graceful, for a replacement asked for by a signal. */
  readonly eviction: number;
  readonly shutdown: number;
}

/** Application processes: how many, and when one is replaced. */
export interface ProcessesPlan {
  readonly count: number;
  /** Request threads in each. */
  readonly threads: number;
  readonly multiprocess: boolean;
  readonly multithread: boolean;
  readonly runOnce: boolean;
  /** Requests after which a process is replaced; 0 is off. */
  readonly maximumRequests: number;
  /** Age in seconds at which a process is replaced; 0 is off. */
  readonly restartInterval: number;
  /** CPU seconds after which a process is replaced; 0 is off. */
  readonly cpuTimeLimit: number;
  /** URL paths whose requests are no activity. */
  readonly ignoreActivity: readonly string[];
}

/** The WSGI application. */
export interface ApplicationPlan {
  readonly type: "script" | "module";
  /** Absolute path of the script, or name of the module. */
  readonly entryPoint: string;
  readonly callable: string;
  /** SCRIPT_NAME: empty for `/`, else with a leading and without a trailing slash. */
  readonly mountPoint: string;
  readonly workingDirectory: string;
  /** Empty in embedded and debug mode. */
  readonly processGroup: string;
  /** Empty for the main interpreter. */
  readonly applicationGroup: string;
  /** Whether the interpreter of `applicationGroup` has a GIL of its own. */
  readonly applicationGroupGil: "shared" | "own";
  /** Whether a changed script restarts its processes. */
  readonly reloading: boolean;
  /** Whether a changed file of any module restarts its processes. */
  readonly reloadOnChanges: boolean;
  readonly serverMetrics: boolean;
}

/** Which Python, and how it is set up. */
export interface PythonPlan {
  /** The value of --python; null leaves the choice to discovery. */
  readonly given: string | null;
  /** Folder beside which a `.venv` is looked for. */
  readonly applicationFolder: string;
  readonly path: readonly string[];
  /** Filters as `python -W` takes them. */
  readonly warnings: readonly string[];
  /** Seconds for `sys.setswitchinterval`; null leaves Python's. */
  readonly switchInterval: number | null;
  /** Whether Python runs without its global interpreter lock. */
  readonly freeThreading: boolean;
  /** Whether the interpreter is left as it is at the end of the process. */
  readonly orphanInterpreter: boolean;
}

/** A Python script that runs beside the application. */
export interface ServicePlan {
  readonly name: string;
  readonly script: string;
  readonly user: string | null;
  readonly group: string | null;
  readonly log: LogTarget;
}

/** Debugging tools; a tool that is off is null. */
export interface DebugPlan {
  readonly debugger: { readonly atStartup: boolean } | null;
  readonly coverageDirectory: string | null;
  readonly profilerDirectory: string | null;
  readonly recorderDirectory: string | null;
  readonly gdb: string | null;
}

/** Everything that the server and its application processes need to know. */
export interface Plan {
  readonly version: string;
  readonly mode: OperatingMode;
  readonly server: ServerPlan;
  readonly listener: ListenerPlan;
  readonly limits: LimitsPlan;
  readonly timeouts: TimeoutsPlan;
  readonly processes: ProcessesPlan;
  readonly application: ApplicationPlan;
  readonly python: PythonPlan;
  readonly log: LogPlan;
  readonly services: readonly ServicePlan[];
  /** Null unless in debug mode. */
  readonly debug: DebugPlan | null;
  /** LC_ALL of the application processes. */
  readonly locale: string;
  /** The part of each request's environ that never changes. */
  readonly environ: Readonly<Record<string, string>>;
  /** What application processes have in `os.environ` beside the server's own environment. */
  readonly osEnviron: Readonly<Record<string, string>>;
}

/** The plan with the port that the system chose, for a plan made for port 0; others stay as they are. */
export function withBoundPort(plan: Plan, port: number): Plan {
  const { listener, application } = plan;
  if (listener.port === port) return plan;
  // Only a name made from the port follows it, not one given with --process-group.
  const suffix = `:${listener.port}`;
  const processGroup = application.processGroup.endsWith(suffix)
    ? application.processGroup.slice(0, -suffix.length) + `:${port}`
    : application.processGroup;
  const url = new URL(listener.url);
  url.port = String(port);
  return deepFreeze({
    ...plan,
    listener: { ...listener, port, url: url.href },
    application: { ...application, processGroup },
    environ: {
      ...plan.environ,
      "mod_wsgi.listener_port": String(port),
      "mod_wsgi.process_group": processGroup,
    },
  });
}

/** Freezes plain data through and through, and gives it back. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
