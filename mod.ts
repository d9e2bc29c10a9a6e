/**
 * Serves WSGI applications from a Deno program.
 *
 * ```ts
 * import { startServer } from "./mod.ts";
 *
 * const server = await startServer({ entryPoint: "examples/hello.wsgi", port: 0, threads: 2 });
 * await server.ready;
 * console.log(await (await fetch(server.url)).text());
 * await server.stop();
 * ```
 *
 * The settings are the options of `wsgi-express start-server`, named in camel case. Importing this module opens nothing
 * and starts nothing. The program needs all permissions (`-A`): the application runs in processes of its own, which load
 * libpython.
 *
 * @module
 */
import type { Settings } from "./core/options/table.ts";
import type { RunningServer } from "./core/running_server.ts";

export type { Settings } from "./core/options/table.ts";
export type { RunningServer } from "./core/running_server.ts";
export type { Plan } from "./core/plan.ts";
export { AddressError, ConfigurationError, ServerError, UsageError } from "./core/errors.ts";
export { PythonNotUsableError } from "./ffi/errors.ts";
export { VERSION } from "./core/version.ts";

/** What a program may say about the start of a server beside its settings. */
export interface StartOptions {
  /**
   * Gets each thing that is to be said about the settings, a line of text each, before the server starts: an option
   * without effect, an application that runs as root. Without it they are in the error log.
   */
  readonly onWarning?: (warning: string) => void;
}

/**
 * Starts a server. When it returns, the socket listens and the application processes are starting; a request that comes
 * before they are ready waits for them.
 *
 * @param settings such as `{ entryPoint: "app.wsgi", port: 0, processes: 2, threads: 4 }`; `port: 0` lets the system
 * choose, and `server.address.port` tells. What is left out has the default of the command line, except that logs go to
 * the terminal unless `logDirectory` is given.
 * @throws {UsageError} for a setting that does not exist or a value that it does not take.
 * @throws {ConfigurationError} for settings that can't be carried out.
 * @throws {AddressError} where the address can't be listened on.
 */
export async function startServer(
  settings: Partial<Settings>,
  { onWarning }: StartOptions = {},
): Promise<RunningServer> {
  const { createPlan } = await import("./core/options/create_plan.ts");
  const { startServer: start } = await import("./core/server.ts");
  const toTerminal = settings.logToTerminal === undefined && !settings.logDirectory;
  const { plan, warnings } = createPlan(
    toTerminal ? { ...settings, logToTerminal: true } : settings,
  );
  if (onWarning === undefined) return await start(plan, warnings);
  for (const warning of warnings) onWarning(warning);
  return await start(plan);
}
