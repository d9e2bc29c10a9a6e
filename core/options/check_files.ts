/**
 * Looks whether the files that a plan names are there.
 *
 * @module
 */

import { ConfigurationError } from "../errors.ts";
import type { Plan } from "../plan.ts";

/** Throws `ConfigurationError` for a script or folder of the plan that doesn't exist. */
export function checkFiles(plan: Plan): void {
  const { application, services } = plan;
  if (application.type === "script") requireFile(application.entryPoint, "the script");
  requireFolder(application.workingDirectory, "--working-directory");
  for (const service of services) requireFile(service.script, `--service-script ${service.name}`);
}

function requireFile(path: string, what: string): void {
  const info = statOf(path, what);
  if (info.isDirectory) {
    throw new ConfigurationError(`${what} '${path}' is a folder; name a Python file`);
  }
}

function requireFolder(path: string, what: string): void {
  if (!statOf(path, what).isDirectory) {
    throw new ConfigurationError(`${what} '${path}' is no folder`);
  }
}

function statOf(path: string, what: string): Deno.FileInfo {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new ConfigurationError(`${what} '${path}' does not exist`, { cause: error });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`${what} '${path}' can't be looked at: ${reason}`, {
      cause: error,
    });
  }
}
