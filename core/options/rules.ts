/**
 * How settings act on each other. Each rule is a function of settings and of the facts about the
 * machine; together they make the plan (`make_plan.ts`).
 *
 * @module
 */

import { ConfigurationError } from "../errors.ts";
import type { LogTarget, OperatingMode, ProcessesPlan } from "../plan.ts";
import type { Host } from "./host.ts";
import { absolutePath, joinPath } from "./paths.ts";
import type { Settings } from "./table.ts";

/** Debug mode, asked for by itself or by one of the tools that need it. */
export function isDebugMode(settings: Settings): boolean {
  return settings.debugMode || settings.enableDebugger || settings.enableCoverage ||
    settings.enableProfiler || settings.enableRecorder || settings.enableGdb;
}

/** Debug mode wins over embedded mode. */
export function operatingMode(settings: Settings): OperatingMode {
  if (isDebugMode(settings)) return "debug";
  return settings.embeddedMode ? "embedded" : "daemon";
}

/** Processes and threads, and what the `wsgi.*` flags say of them. */
export type ProcessLayout = Pick<
  ProcessesPlan,
  "count" | "threads" | "multiprocess" | "multithread" | "runOnce"
>;

/**
 * How many processes and threads there are.
 *
 * In daemon mode `wsgi.multiprocess` is true when `--processes` was given, even as 1; in embedded
 * mode when there is more than one. Throws `ConfigurationError` when the arrangement asked for with
 * `--server-mpm` can't have that few threads.
 */
export function processLayout(settings: Settings): ProcessLayout {
  const mode = operatingMode(settings);
  if (mode === "debug") return layout(1, 1, false, settings);
  const processes = settings.processes ?? 1;
  const { threads } = settings;
  if (mode === "daemon") return layout(processes, threads, settings.processes !== null, settings);
  const arrangement = settings.serverMpm[0] ?? "worker";
  if (arrangement === "event" && threads < 3) {
    throw new ConfigurationError(
      `--server-mpm event in embedded mode needs at least three threads per process and ` +
        `--threads is ${threads}; give --threads 3 or more, or --server-mpm worker`,
    );
  }
  if (arrangement === "prefork") {
    return layout(processes * threads, 1, processes * threads > 1, settings);
  }
  return layout(processes, threads, processes > 1, settings);
}

function layout(
  count: number,
  threads: number,
  multiprocess: boolean,
  settings: Settings,
): ProcessLayout {
  const multithread = threads !== 1;
  const runOnce = threads === 1 && settings.maximumRequests === 1;
  return { count, threads, multiprocess, multithread, runOnce };
}

/** Most client connections in daemon mode: never fewer than there are request threads. */
export function maxClients(settings: Settings): number {
  const { count, threads } = processLayout(settings);
  const total = count * threads;
  if (settings.maxClients !== null) return Math.max(settings.maxClients, total);
  return 10 + Math.max(10, Math.trunc(1.5 * total));
}

/** Whether a changed script file restarts processes: in daemon mode, unless switched off. */
export function isReloading(settings: Settings): boolean {
  return operatingMode(settings) === "daemon" && !settings.disableReloading;
}

/** The group of an application's processes: `localhost:8000`, and none outside daemon mode. */
export function processGroup(settings: Settings): string {
  if (operatingMode(settings) !== "daemon") return "";
  return settings.processGroup ?? `${listenerName(settings)}:${settings.port}`;
}

/** The name in URLs and in the process group when no server name is given. */
export function listenerName(settings: Settings): string {
  return settings.host ?? "localhost";
}

/** Address of the server for people. Port 80 is left out. */
export function serverUrl(settings: Settings): string {
  const name = settings.serverName ?? listenerName(settings);
  const host = name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
  return `http://${host}${settings.port === 80 ? "" : `:${settings.port}`}/`;
}

/** SCRIPT_NAME of a mount point: a slash before and none after; empty for `/`. */
export function scriptName(mountPoint: string): string {
  const path = mountPoint.split("/").filter((part) => part !== "").join("/");
  return path === "" ? "" : `/${path}`;
}

/**
 * Folder of the server's files. The default one is named after address and user; while the port is
 * yet to be chosen by the system, the process id takes its place. Windows allows no colons.
 */
export function serverRoot(settings: Settings, host: Host): string {
  const { system, workingDirectory, temporaryDirectory } = host;
  if (settings.serverRoot !== null) {
    return absolutePath(system, workingDirectory, settings.serverRoot);
  }
  const port = settings.port === 0 ? `pid${host.pid}` : String(settings.port);
  const user = host.uid === null ? host.environment.USERNAME ?? "user" : String(host.uid);
  const name = ["mod_wsgi-" + listenerName(settings), port, user].join(":");
  const fileName = system === "windows" ? name.replaceAll(":", "-") : name;
  return absolutePath(system, workingDirectory, joinPath(system, temporaryDirectory, fileName));
}

/** A log file in the log folder, else in the server root. A name that is a path of its own is taken as such. */
export function logFile(settings: Settings, host: Host, name: string): LogTarget {
  const folder = settings.logDirectory === null
    ? serverRoot(settings, host)
    : absolutePath(host.system, host.workingDirectory, settings.logDirectory);
  return { kind: "file", path: absolutePath(host.system, folder, name) };
}

/** Where one log goes: a log folder wins over the terminal, and a terminal over the server root. */
export function logTarget(
  settings: Settings,
  host: Host,
  name: string,
  stream: "stdout" | "stderr",
): LogTarget {
  const toTerminal = settings.logToTerminal || host.terminal;
  if (settings.logDirectory === null && toTerminal) return { kind: "terminal", stream };
  return logFile(settings, host, name);
}

/**
 * LANG and LC_ALL of the application processes. Where the environment says C or POSIX or nothing,
 * a locale with UTF-8 takes its place; one given with an option stays as it is.
 */
export function locales(settings: Settings, host: Host): { lang: string; locale: string } {
  const { LC_ALL, LC_CTYPE, LANG } = host.environment;
  const inherited = LC_ALL || LC_CTYPE || LANG || "C";
  const utf8 = host.os === "linux" ? "C.UTF-8" : "en_US.UTF-8";
  const usable = /^(C|POSIX)$/i.test(inherited) ? utf8 : inherited;
  const locale = settings.locale ?? settings.lang ?? usable;
  return { lang: settings.lang ?? locale, locale };
}

/**
 * Directories in which Python looks for modules first. Embedded and debug mode put the working directory before them. One
 * value may hold several, joined as in PATH: mod_wsgi joins all values so and takes them apart again.
 */
export function pythonPath(settings: Settings, host: Host): readonly string[] {
  const { system, workingDirectory } = host;
  const separator = system === "windows" ? ";" : ":";
  const given = settings.pythonPath.flatMap((paths) => paths.split(separator))
    .filter((path) => path !== "")
    .map((path) => absolutePath(system, workingDirectory, path));
  if (operatingMode(settings) === "daemon") return given;
  return [absolutePath(system, workingDirectory, settings.workingDirectory ?? "."), ...given];
}
