/**
 * What the service manager that started this program has put into its environment (sd_notify(3), sd_watchdog_enabled(3),
 * sd_listen_fds(3)).
 *
 * @module
 */

/** What the service manager said. */
export interface ManagerEnvironment {
  /** Address of the socket that wants to know the state of this program: a path, or `@` and an abstract name. */
  readonly notifySocket: string | undefined;
  /** Microseconds within which a sign of life is expected, again and again; undefined where none is. */
  readonly watchdog: number | undefined;
  /** Names of the sockets that were passed on, from descriptor {@linkcode FIRST_DESCRIPTOR} on. */
  readonly sockets: readonly string[];
}

/** The descriptor of the first socket (SD_LISTEN_FDS_START). */
export const FIRST_DESCRIPTOR = 3;

/** Variables that are for this process alone: a child that had them would speak in its name. */
const VARIABLES = [
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "LISTEN_FDS",
  "LISTEN_PID",
  "LISTEN_PIDFDID",
  "LISTEN_FDNAMES",
];

/** The part of `Deno.env` that is needed. */
export interface Environment {
  get(name: string): string | undefined;
  delete(name: string): void;
}

/** Reads what is said to the process `pid`, and takes it out of the environment. */
export function takeManagerEnvironment(environment: Environment, pid: number): ManagerEnvironment {
  const values = new Map(VARIABLES.map((name) => [name, environment.get(name) ?? ""]));
  for (const name of VARIABLES) environment.delete(name);
  const value = (name: string) => values.get(name) ?? "";
  const isForUs = (name: string, needed: boolean) =>
    value(name) === "" ? !needed : Number(value(name)) === pid;
  const microseconds = Number(value("WATCHDOG_USEC"));
  const count = isForUs("LISTEN_PID", true) ? Number(value("LISTEN_FDS")) || 0 : 0;
  const names = value("LISTEN_FDNAMES").split(":");
  return {
    notifySocket: /^[@/]./.test(value("NOTIFY_SOCKET")) ? value("NOTIFY_SOCKET") : undefined,
    watchdog: microseconds > 0 && isForUs("WATCHDOG_PID", false) ? microseconds : undefined,
    sockets: Array.from({ length: count }, (_, index) => names[index] || "unknown"),
  };
}
