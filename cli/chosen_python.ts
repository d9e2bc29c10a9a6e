/**
 * The Python that a server started here without options would use.
 *
 * @module
 */

import { discoverPython, type PythonInfo } from "../ffi/discovery.ts";

/** Looks beside the current folder, as there is no application. Rejects with `PythonNotUsableError`. */
export async function chosenPython(): Promise<PythonInfo> {
  return (await discoverPython({ applicationFolder: Deno.cwd() })).python;
}
