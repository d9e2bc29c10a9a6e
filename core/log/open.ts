/**
 * Opens the logs of the server process.
 *
 * @module
 */
import { ConfigurationError } from "../errors.ts";
import type { LogPlan, LogTarget } from "../plan.ts";
import { AccessLog } from "./access_log.ts";
import { ErrorLog, type LogSink } from "./error_log.ts";

/** The logs of a process. */
export interface Logs {
  readonly errorLog: ErrorLog;
  readonly accessLog: AccessLog | undefined;
}

/**
 * Opens the files, or the terminal, that the plan names.
 *
 * @throws {ConfigurationError} where a file can't be written.
 */
export function openLogs(plan: LogPlan): Logs {
  return {
    errorLog: new ErrorLog(open(plan.error), plan.partLevels.wsgi ?? plan.level),
    accessLog: plan.access === null
      ? undefined
      : new AccessLog(open(plan.access), plan.access.format),
  };
}

function open(target: LogTarget): LogSink {
  if (target.kind === "terminal") return target.stream === "stderr" ? Deno.stderr : Deno.stdout;
  try {
    const folder = target.path.replace(/[^/\\]*$/, "");
    if (folder !== "") Deno.mkdirSync(folder, { recursive: true });
    return Deno.openSync(target.path, { append: true, create: true });
  } catch (error) {
    throw new ConfigurationError(
      `can't write the log "${target.path}": ${
        error instanceof Error ? error.message : error
      }; choose another folder with --log-directory, or --log-to-terminal`,
    );
  }
}
