/**
 * Settings to plan.
 *
 * @module
 */

import {
  type ApplicationPlan,
  type DebugPlan,
  deepFreeze,
  type LogPlan,
  type Plan,
  type PythonPlan,
  type ServerPlan,
  type ServicePlan,
  type TimeoutsPlan,
} from "../plan.ts";
import { VERSION } from "../version.ts";
import { accessFormatter } from "../log/access_log.ts";
import { environTemplate, osEnviron } from "./environment.ts";
import type { Host } from "./host.ts";
import { readLogLevel } from "./log_level.ts";
import { absolutePath, joinPath, parentFolder } from "./paths.ts";
import { refuseContradictions } from "./refusals.ts";
import * as rules from "./rules.ts";
import type { Settings } from "./table.ts";

/** `--header-buffer-size 0`. */
const RESPONSE_HEADERS = 32768;
/** `--response-buffer-size 0`. */
const RESPONSE_BUFFER = 65536;

/**
 * The plan that follows from the settings, frozen.
 *
 * Throws `UsageError` or `ConfigurationError` when there is none. Looks at nothing but its
 * arguments: whether the files exist is for `checkFiles`.
 */
export function makePlan(settings: Settings, host: Host): Plan {
  refuseContradictions(settings);
  const application = applicationSection(settings, host);
  const server = serverSection(settings, host);
  return deepFreeze({
    version: VERSION,
    mode: rules.operatingMode(settings),
    server,
    listener: {
      host: settings.host,
      port: settings.port,
      url: rules.serverUrl(settings),
      backlog: settings.serverBacklog,
    },
    limits: {
      maxClients: rules.maxClients(settings),
      clientLimit: settings.maxClients === null || rules.operatingMode(settings) !== "daemon"
        ? null
        : rules.maxClients(settings),
      queueLength: settings.daemonBacklog,
      requestBody: settings.limitRequestBody,
      chunkedRequest: settings.chunkedRequest,
      responseHeaders: settings.headerBufferSize || RESPONSE_HEADERS,
      responseBuffer: settings.responseBufferSize || RESPONSE_BUFFER,
    },
    timeouts: timeoutsSection(settings),
    processes: processesSection(settings),
    application,
    python: pythonSection(settings, host, application),
    log: logSection(settings, host),
    services: servicesSection(settings, host),
    debug: debugSection(settings, host),
    locale: rules.locales(settings, host).locale,
    environ: environTemplate(settings, host, application, server),
    osEnviron: osEnviron(settings, host),
  });
}

const absolute = (host: Host, path: string) =>
  absolutePath(host.system, host.workingDirectory, path);

function serverSection(settings: Settings, host: Host): ServerPlan {
  const root = rules.serverRoot(settings, host);
  const inRoot = (name: string) => joinPath(host.system, root, name);
  const chosen = (path: string | null, name: string) =>
    path === null ? inRoot(name) : absolute(host, path);
  const byRoot = host.uid === 0;
  return {
    root,
    rootIsDefault: settings.serverRoot === null,
    configurationFile: inRoot("wsgi-express.json"),
    pidFile: chosen(settings.pidFile, "httpd.pid"),
    socketPrefix: settings.socketPrefix === null ? root : absolute(host, settings.socketPrefix),
    documentRoot: inRoot("htdocs"),
    handlerScript: inRoot("handler.wsgi"),
    processName: settings.processName,
    user: byRoot ? settings.user : null,
    group: byRoot ? settings.group : null,
  };
}

function applicationSection(settings: Settings, host: Host): ApplicationPlan {
  const script = settings.applicationType === "script";
  const entryPoint = settings.entryPoint ?? "";
  const group = settings.applicationGroup;
  return {
    type: script ? "script" : "module",
    entryPoint: script ? absolute(host, entryPoint) : entryPoint,
    callable: settings.callableObject,
    mountPoint: rules.scriptName(settings.mountPoint),
    workingDirectory: absolute(host, settings.workingDirectory ?? "."),
    processGroup: rules.processGroup(settings),
    applicationGroup: group === "%{GLOBAL}" ? "" : group,
    applicationGroupGil: settings.applicationGroupGil,
    reloading: rules.isReloading(settings),
    reloadOnChanges: rules.isReloading(settings) && settings.reloadOnChanges,
    serverMetrics: settings.serverMetrics,
  };
}

function pythonSection(
  settings: Settings,
  host: Host,
  application: ApplicationPlan,
): PythonPlan {
  return {
    given: settings.python,
    applicationFolder: application.type === "script"
      ? parentFolder(host.system, application.entryPoint)
      : application.workingDirectory,
    path: rules.pythonPath(settings, host),
    warnings: [...settings.pythonWarnings],
    switchInterval: settings.switchInterval,
    freeThreading: settings.freeThreading,
    orphanInterpreter: settings.orphanInterpreter,
  };
}

/** Seconds that a coverage report may take at the end. */
const COVERAGE_REPORT = 60;

/** The limits on requests and processes are for daemon mode; those on clients and on stopping for all. */
function timeoutsSection(settings: Settings): TimeoutsPlan {
  const daemon = rules.operatingMode(settings) === "daemon";
  const inDaemon = (seconds: number) => daemon ? seconds : 0;
  return {
    header: {
      first: settings.headerTimeout,
      most: settings.headerMaxTimeout,
      rate: settings.headerMinRate,
    },
    body: {
      first: settings.bodyTimeout,
      most: settings.bodyMaxTimeout,
      rate: settings.bodyMinRate,
    },
    keepAlive: settings.keepAliveTimeout,
    socket: settings.socketTimeout,
    responseSocket: settings.responseSocketTimeout || settings.socketTimeout,
    connect: rules.isDebugMode(settings) ? 0 : settings.connectTimeout,
    queue: inDaemon(settings.queueTimeout),
    request: inDaemon(settings.requestTimeout),
    interrupt: inDaemon(settings.interruptTimeout),
    slow: settings.slowRequests ?? 0,
    startup: inDaemon(settings.startupTimeout),
    deadlock: inDaemon(settings.deadlockTimeout),
    inactivity: inDaemon(settings.inactivityTimeout),
    graceful: settings.gracefulTimeout,
    eviction: settings.evictionTimeout || settings.gracefulTimeout,
    shutdown: settings.enableCoverage
      ? Math.max(settings.shutdownTimeout, COVERAGE_REPORT)
      : settings.shutdownTimeout,
  };
}

function processesSection(settings: Settings): Plan["processes"] {
  const mode = rules.operatingMode(settings);
  const daemon = mode === "daemon";
  return {
    ...rules.processLayout(settings),
    maximumRequests: mode === "debug" ? 0 : settings.maximumRequests,
    restartInterval: daemon ? settings.restartInterval : 0,
    cpuTimeLimit: daemon ? settings.cpuTimeLimit : 0,
    ignoreActivity: [...settings.ignoreActivity],
  };
}

function logSection(settings: Settings, host: Host): LogPlan {
  // Refuses a format that is not understood.
  if (settings.accessLog) accessFormatter(settings.accessLogFormat);
  const { level, parts } = readLogLevel(settings.logLevel);
  return {
    level,
    partLevels: parts,
    error: rules.logTarget(settings, host, settings.errorLogName, "stderr"),
    access: settings.accessLog
      ? {
        ...rules.logTarget(settings, host, settings.accessLogName, "stdout"),
        format: settings.accessLogFormat,
      }
      : null,
  };
}

function servicesSection(settings: Settings, host: Host): ServicePlan[] {
  const root = host.uid === 0;
  return settings.serviceScript.map(([name, script]) => {
    const log = lookUp(settings.serviceLogFile, name);
    return {
      name,
      script: absolute(host, script),
      user: root ? lookUp(settings.serviceUser, name) ?? settings.user : null,
      group: root ? lookUp(settings.serviceGroup, name) ?? settings.group : null,
      log: log === null
        ? rules.logTarget(settings, host, settings.errorLogName, "stderr")
        : rules.logFile(settings, host, log),
    };
  });
}

function lookUp(pairs: readonly (readonly [string, string])[], name: string): string | null {
  return pairs.findLast(([key]) => key === name)?.[1] ?? null;
}

function debugSection(settings: Settings, host: Host): DebugPlan | null {
  if (!rules.isDebugMode(settings)) return null;
  const root = rules.serverRoot(settings, host);
  const folder = (on: boolean, path: string | null, name: string) => {
    if (!on) return null;
    return path === null ? joinPath(host.system, root, name) : absolute(host, path);
  };
  return {
    debugger: settings.enableDebugger ? { atStartup: settings.debuggerStartup } : null,
    coverageDirectory: folder(settings.enableCoverage, settings.coverageDirectory, "htmlcov"),
    profilerDirectory: folder(settings.enableProfiler, settings.profilerDirectory, "pstats"),
    recorderDirectory: folder(settings.enableRecorder, settings.recorderDirectory, "archive"),
    gdb: settings.enableGdb && host.system === "unix" ? settings.gdbExecutable ?? "gdb" : null,
  };
}
