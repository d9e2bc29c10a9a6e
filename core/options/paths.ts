/**
 * Paths as text, without looking at the file system. `node:path` would do the same and costs a
 * start several milliseconds (docs/dependencies.md).
 *
 * @module
 */

import type { Host } from "./host.ts";

/** Joins a folder and a name with the separator of the system. */
export function joinPath(system: Host["system"], folder: string, name: string): string {
  const separator = system === "windows" ? "\\" : "/";
  return /[\\/]$/.test(folder) ? folder + name : folder + separator + name;
}

/** An absolute path without `.`, `..` and double separators; a relative one starts at `base`. */
export function absolutePath(system: Host["system"], base: string, path: string): string {
  return system === "windows" ? absoluteWindows(base, path) : absolutePosix(base, path);
}

/** The folder that holds a file. */
export function parentFolder(system: Host["system"], path: string): string {
  return absolutePath(system, path, "..");
}

function absolutePosix(base: string, path: string): string {
  return "/" + segments(path.startsWith("/") ? path : `${base}/${path}`, "/").join("/");
}

function absoluteWindows(base: string, path: string): string {
  const given = path.replaceAll("/", "\\");
  const root = windowsRoot(base.replaceAll("/", "\\"));
  let whole = `${base.replaceAll("/", "\\")}\\${given}`;
  if (windowsRoot(given) !== "") whole = given;
  else if (given.startsWith("\\")) whole = root + given;
  const start = windowsRoot(whole);
  return `${start}\\${segments(whole.slice(start.length), "\\").join("\\")}`;
}

/** `C:` or `\\server\share`; empty for a path without either. */
function windowsRoot(path: string): string {
  return /^(?:[A-Za-z]:(?=\\|$)|\\\\[^\\]+\\[^\\]+)/.exec(path)?.[0] ?? "";
}

function segments(path: string, separator: string): string[] {
  const kept: string[] = [];
  for (const segment of path.split(separator)) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return kept;
}
