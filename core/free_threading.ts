/**
 * Python with or without its global interpreter lock (PEP 703), `--free-threading`.
 *
 * @module
 */
import type { PythonInfo } from "../ffi/discovery/info.ts";
import { PythonNotUsableError } from "../ffi/errors.ts";

/**
 * Options of the `python` command that set the lock as the plan has it: a free-threaded Python keeps the lock unless it
 * is asked to run without, as under mod_wsgi. Without it, extension modules that want it don't get it back.
 *
 * @throws {PythonNotUsableError} where there is no running without it.
 */
export function lockOptions(python: PythonInfo, freeThreading: boolean): string[] {
  if (python.freeThreaded) return ["-X", `gil=${freeThreading ? 0 : 1}`];
  if (!freeThreading) return [];
  throw new PythonNotUsableError(
    `--free-threading needs a free-threaded build of Python (3.13t or later), which Python ` +
      `${python.version} ("${python.executable}") is not; name one with --python PATH, or leave ` +
      "--free-threading out",
  );
}
