/**
 * Opens the logs of the server process.
 *
 * @module
 */
import { openForAppending } from "../../ffi/append_file.ts";
import { ConfigurationError } from "../errors.ts";
import { AccessLog } from "./access_log.ts";
import { ErrorLog, type LogSink } from "./error_log.ts";
import type { LogPlan, LogTarget } from "./plan.ts";
import { TerminalLog } from "./terminal.ts";

/** The logs of a process. */
export interface Logs {
  readonly errorLog: ErrorLog;
  readonly accessLog: AccessLog | undefined;
  /** Closes the files; gives the reader of a terminal or pipe up to a second for what is left. */
  close(): void;
}

/**
 * Opens the files, or the terminal, that the plan names.
 *
 * @throws {ConfigurationError} where a file can't be written.
 */
export function openLogs(plan: LogPlan): Logs {
  const files: { close(): void }[] = [];
  try {
    const errorLog = new ErrorLog(open(plan.error, files), plan.partLevels.wsgi ?? plan.level);
    const accessLog = plan.access === null
      ? undefined
      : new AccessLog(open(plan.access, files), plan.access.format);
    return { errorLog, accessLog, close };
  } catch (error) {
    close();
    throw error;
  }

  function close(): void {
    for (const file of files.splice(0)) file.close();
  }
}

function open(target: LogTarget, files: { close(): void }[]): LogSink {
  if (target.kind === "terminal") {
    const log = TerminalLog.open(target.stream);
    if (log !== undefined) files.push(log);
    return log ?? (target.stream === "stderr" ? Deno.stderr : Deno.stdout);
  }
  try {
    const folder = target.path.replace(/[^/\\]*$/, "");
    if (folder !== "") Deno.mkdirSync(folder, { recursive: true });
    const file = openForAppending(target.path);
    files.push(file);
    return file;
  } catch (error) {
    throw new ConfigurationError(
      `can't write the log "${target.path}": ${
        error instanceof Error ? error.message : error
      }; choose another folder with --log-directory, or --log-to-terminal`,
    );
  }
}
