/**
 * `pyvenv.cfg`: what makes a folder a virtual environment, and what can be wrong with it (PEP 405).
 *
 * @module
 */
import { pathsOf } from "../paths.ts";
import type { Host } from "./host.ts";

const CONFIGURATION = "pyvenv.cfg";

/** Whether the folder is a virtual environment, usable or not. */
export function isVirtualEnvironment(folder: string, host: Host): boolean {
  return host.isFile(pathsOf(host.os).join(folder, CONFIGURATION));
}

/** The virtual environment that a path would be the interpreter of: CPython looks beside it and one folder above. */
export function environmentAround(interpreter: string, host: Host): string | undefined {
  const { dirname } = pathsOf(host.os);
  const folder = dirname(interpreter);
  return [folder, dirname(folder)].find((path) => isVirtualEnvironment(path, host));
}

/** Why a virtual environment has lost the Python it was made from; undefined where it has not, or is none. */
export function lostBase(folder: string, host: Host): string | undefined {
  const configuration = host.readText(pathsOf(host.os).join(folder, CONFIGURATION));
  const home = /^\s*home\s*=\s*(.*?)\s*$/mi.exec(configuration ?? "")?.[1];
  if (home === undefined || host.isDirectory(home)) return undefined;
  return `the Python it was made from is gone (${CONFIGURATION}: home = ${home}). ` +
    "Make the environment again with a Python that is there";
}
