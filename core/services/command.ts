/**
 * How the process of a service script is started.
 *
 * Without another user it is Python itself. To become another user before any Python runs, this program is started first
 * with a role of its own; it changes its identity and turns into Python (execve(2)).
 *
 * @module
 */
import { ownArguments } from "../platform/own_program.ts";
import type { Identity } from "../../ffi/accounts.ts";
import type { PythonInfo } from "../../ffi/discovery/info.ts";
import type { Plan, ServicePlan } from "../plan.ts";
import { bootstrapSource, packedSources, serviceStartSource } from "../python/sources.ts";

/** First argument of this program where it changes its identity for a service script. */
export const SERVICE_ROLE = "__service__";
/** Environment variable with the JSON of a `ServiceSummons`. */
export const SERVICE_VARIABLE = "WSGI_EXPRESS_SERVICE";

/** What the role is told. */
export interface ServiceSummons {
  readonly identity: Identity;
  /** File for standard output and standard error; null leaves them. */
  readonly logPath: string | null;
  /** Absolute path of the program to become. */
  readonly program: string;
  /** Its arguments, without its name. */
  readonly arguments: readonly string[];
}

/** Arguments of the Python that runs service scripts. */
export function pythonArguments(plan: Plan): string[] {
  return [...plan.python.warnings.flatMap((filter) => ["-W", filter]), "-c", serviceStartSource];
}

/**
 * What the process reads from its standard input: a length (4 bytes, little endian) and JSON.
 *
 * @param logOpened the log is standard error already.
 */
export function serviceMessage(plan: Plan, service: ServicePlan, logOpened: boolean): Uint8Array {
  const { log } = service;
  const target = log.kind === "file"
    ? logOpened ? { fd: 2 } : { path: log.path }
    : { fd: log.stream === "stderr" ? 2 : 1 };
  const json = JSON.stringify({
    bootstrap: bootstrapSource,
    sources: packedSources,
    plan: {
      script: service.script,
      sysArgv: ["mod_wsgi"],
      osEnviron: plan.osEnviron,
      environ: plan.environ,
      workingDirectory: plan.application.workingDirectory,
      pythonPath: plan.python.path,
      processGroup: `service:${service.name}`,
      applicationGroup: "",
      processes: 1,
      threads: 0,
      locale: plan.locale,
      log: target,
      logLevel: plan.log.partLevels.wsgi ?? plan.log.level,
      shutdownTimeout: plan.timeouts.shutdown,
    },
  });
  const text = new TextEncoder().encode(json);
  const message = new Uint8Array(4 + text.length);
  new DataView(message.buffer).setUint32(0, text.length, true);
  message.set(text, 4);
  return message;
}

/** Program, arguments and environment of the process. */
export function serviceCommand(
  plan: Plan,
  service: ServicePlan,
  python: PythonInfo,
  identity: Identity | null,
): { program: string; args: string[]; env: Record<string, string> } {
  const args = pythonArguments(plan);
  if (identity === null) return { program: python.executable, args, env: {} };
  const summons: ServiceSummons = {
    identity,
    logPath: service.log.kind === "file" ? service.log.path : null,
    program: python.executable,
    arguments: args,
  };
  return {
    program: Deno.execPath(),
    args: ownArguments(SERVICE_ROLE),
    env: { [SERVICE_VARIABLE]: JSON.stringify(summons) },
  };
}
