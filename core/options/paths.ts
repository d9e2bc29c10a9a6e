/**
 * Paths of settings, by the system they are for.
 *
 * @module
 */

import { pathsOf } from "../../ffi/paths.ts";
import type { Host } from "./host.ts";

/** Joins a folder and a name with the separator of the system. */
export function joinPath(system: Host["system"], folder: string, name: string): string {
  const separator = system === "windows" ? "\\" : "/";
  return /[\\/]$/.test(folder) ? folder + name : folder + separator + name;
}

/** An absolute path without `.`, `..` and double separators; a relative one starts at `base`. */
export function absolutePath(system: Host["system"], base: string, path: string): string {
  return pathsOf(system === "windows" ? "windows" : "linux").resolve(base, path);
}

/** The folder that holds a file. */
export function parentFolder(system: Host["system"], path: string): string {
  return absolutePath(system, path, "..");
}
