/**
 * Paths as text, of either system, without looking at the file system. `node:path` would do the same and costs a start
 * several milliseconds (docs/dependencies.md).
 *
 * @module
 */

/** How a system writes paths. */
export interface Paths {
  /** Between the entries of a list of folders such as PATH. */
  readonly delimiter: string;
  /** Joins parts with the separator and takes `.`, `..` and double separators out. */
  join(...parts: readonly string[]): string;
  /** An absolute path; a relative one starts at `base`. */
  resolve(base: string, path: string): string;
  isAbsolute(path: string): boolean;
  /** The folder that holds `path`; the root holds itself. */
  dirname(path: string): string;
  /** The last part of `path`. */
  basename(path: string): string;
}

const posix: Paths = {
  delimiter: ":",
  join: (...parts) => {
    const path = parts.filter((part) => part !== "").join("/");
    return (path.startsWith("/") ? "/" : "") + segments(path, "/").join("/") || ".";
  },
  resolve: (base, path) =>
    "/" + segments(path.startsWith("/") ? path : `${base}/${path}`, "/").join("/"),
  isAbsolute: (path) => path.startsWith("/"),
  dirname: (path) => {
    const end = path.replace(/\/+$/, "").lastIndexOf("/");
    return end < 0 ? "." : path.slice(0, end) || "/";
  },
  basename: (path) => segments(path, "/").at(-1) ?? "",
};

const windows: Paths = {
  delimiter: ";",
  join: (...parts) => {
    const path = backslashes(parts.filter((part) => part !== "").join("\\"));
    const root = windowsRoot(path);
    const rest = path.slice(root.length);
    return root + (rest.startsWith("\\") ? "\\" : "") + segments(rest, "\\").join("\\") || ".";
  },
  resolve: (base, path) => {
    const given = backslashes(path);
    let whole = `${backslashes(base)}\\${given}`;
    if (windowsRoot(given) !== "") whole = given;
    else if (given.startsWith("\\")) whole = windowsRoot(backslashes(base)) + given;
    const root = windowsRoot(whole);
    return `${root}\\${segments(whole.slice(root.length), "\\").join("\\")}`;
  },
  isAbsolute: (path) => /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path),
  dirname: (path) => {
    const whole = backslashes(path);
    const root = windowsRoot(whole);
    const rest = whole.slice(root.length).replace(/\\+$/, "");
    const end = rest.lastIndexOf("\\");
    if (end < 0) return root || ".";
    return root + (rest.slice(0, end) || "\\");
  },
  basename: (path) => segments(backslashes(path), "\\").at(-1) ?? "",
};

/** How `os` writes paths. */
export function pathsOf(os: typeof Deno.build.os): Paths {
  return os === "windows" ? windows : posix;
}

function backslashes(path: string): string {
  return path.replaceAll("/", "\\");
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
