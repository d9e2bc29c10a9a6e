/**
 * The CPythons of this machine that the tests run on.
 *
 * Looked for in this order; the first source that names any wins:
 * 1. `WSGI_EXPRESS_TEST_PYTHONS`: interpreters, joined as in PATH; or, for interpreters that can't be run here,
 *    `3.13=PATH;3.14=PATH`;
 * 2. pyenv's versions folder (`PYENV_ROOT`, else `~/.pyenv`);
 * 3. `python3.8` … `python3.15` on PATH.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { closeSync, existsSync, openSync, readdirSync, readSync } from "node:fs";
import { delimiter, join } from "node:path";

/** One CPython that tests can start. */
export interface TestPython {
  /** `"3.12"`. */
  readonly minor: string;
  /** The interpreter's path. */
  readonly executable: string;
}

const OLDEST = 8;
const NEWEST = 15;

/**
 * Every supported CPython (3.8 to 3.15) found here, each minor version once, oldest first.
 * An empty list only where there is none: tests that need one then fail, they don't pass silently.
 */
export function testPythons(): readonly TestPython[] {
  found ??= search();
  return found;
}

/** The newest of {@linkcode testPythons}: for a test that needs one Python, whichever. */
export function newestPython(): TestPython {
  const newest = testPythons().at(-1);
  if (newest === undefined) {
    throw new Error(
      "No CPython 3.8 to 3.15 was found for the tests: set WSGI_EXPRESS_TEST_PYTHONS to the " +
        "paths of interpreters, joined as in PATH",
    );
  }
  return newest;
}

let found: readonly TestPython[] | undefined;

function search(): readonly TestPython[] {
  for (const source of [named, pyenv, onPath]) {
    const pythons = oncePerMinor(source());
    if (pythons.length > 0) return pythons;
  }
  return [];
}

function named(): TestPython[] {
  const value = Deno.env.get("WSGI_EXPRESS_TEST_PYTHONS") ?? "";
  if (value.includes("=")) {
    return value.split(";").filter((entry) => entry !== "").map((entry) => {
      const [minor = "", ...path] = entry.split("=");
      return { minor, executable: path.join("=") };
    });
  }
  return value.split(delimiter).filter((path) => path !== "").map((executable) => ({
    executable,
    minor: askMinor(executable),
  }));
}

function pyenv(): TestPython[] {
  const root = Deno.env.get("PYENV_ROOT") ?? join(Deno.env.get("HOME") ?? "", ".pyenv");
  const versions = join(root, "versions");
  if (!existsSync(versions)) return [];
  return readdirSync(versions).flatMap((name) => {
    const version = /^(3\.\d+)\.\d+$/.exec(name);
    const executable = join(versions, name, "bin", "python3");
    if (version?.[1] === undefined || !existsSync(executable)) return [];
    return [{ minor: version[1], executable }];
  });
}

function onPath(): TestPython[] {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  const names = Array.from({ length: NEWEST - OLDEST + 1 }, (_, index) => `3.${OLDEST + index}`);
  return names.flatMap((minor) => {
    const file = Deno.build.os === "windows" ? `python${minor}.exe` : `python${minor}`;
    const executable = folders.map((folder) => join(folder, file)).find(isRealInterpreter);
    return executable === undefined ? [] : [{ minor, executable }];
  });
}

/**
 * A free-threaded CPython (PEP 703): `WSGI_EXPRESS_TEST_FREE_THREADED` names its interpreter, else it is a pyenv version
 * whose name ends in `t`, else `python3.15t`, `python3.14t` or `python3.13t` on PATH. Undefined where there is none: few
 * machines have one.
 */
export function freeThreadedPython(): string | undefined {
  const named = Deno.env.get("WSGI_EXPRESS_TEST_FREE_THREADED");
  if (named !== undefined) return named;
  const versions = join(
    Deno.env.get("PYENV_ROOT") ?? join(Deno.env.get("HOME") ?? "", ".pyenv"),
    "versions",
  );
  const names = existsSync(versions) ? readdirSync(versions) : [];
  const candidates = names.filter((name) => /^3\.1[345].*t$/.test(name)).sort().reverse()
    .map((name) => join(versions, name, "bin", "python3"));
  for (const folder of (Deno.env.get("PATH") ?? "").split(delimiter)) {
    candidates.push(
      ...["3.15t", "3.14t", "3.13t"].map((version) => join(folder, `python${version}`)),
    );
  }
  return candidates.find(isRealInterpreter);
}

/** Not a shim: a shim is a script that may answer with any version, or with none. */
function isRealInterpreter(path: string): boolean {
  if (!existsSync(path)) return false;
  const head = Buffer.alloc(2);
  const file = openSync(path, "r");
  readSync(file, head);
  closeSync(file);
  return head.toString("latin1") !== "#!";
}

function askMinor(executable: string): string {
  const code = "import sys; print('%d.%d' % sys.version_info[:2])";
  const { success, stdout } = new Deno.Command(executable, { args: ["-I", "-S", "-c", code] })
    .outputSync();
  if (!success) throw new Error(`WSGI_EXPRESS_TEST_PYTHONS: "${executable}" can't be run`);
  return new TextDecoder().decode(stdout).trim();
}

function oncePerMinor(pythons: readonly TestPython[]): readonly TestPython[] {
  const byMinor = new Map<string, TestPython>();
  for (const python of pythons) {
    const minor = Number(python.minor.split(".")[1]);
    if (minor >= OLDEST && minor <= NEWEST) byMinor.set(python.minor, python);
  }
  return [...byMinor.values()].sort((a, b) => minorNumber(a) - minorNumber(b));
}

function minorNumber(python: TestPython): number {
  return Number(python.minor.split(".")[1]);
}
