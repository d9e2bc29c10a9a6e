/**
 * Where the shared library of a Python can be, and what to say when it is nowhere.
 *
 * @module
 */
import { pathsOf } from "../paths.ts";
import type { Host } from "./host.ts";
import type { Probe } from "./probe.ts";

type PathHost = Pick<Host, "os" | "realPath">;

/**
 * The files that may be a Python's shared library, the likeliest first.
 *
 * `LIBDIR` is where the build was meant to be installed; Pythons that were moved (uv, conda) have
 * the library in `lib` beside their interpreter instead, and conda's and Debian's interpreters are
 * static but have a library all the same.
 */
export function libraryCandidates(probe: Probe, host: PathHost): string[] {
  if (host.os === "windows") return windowsCandidates(probe);
  const { join, dirname } = pathsOf(host.os);
  const [major, minor] = probe.versionNumbers;
  const version = probe.LDVERSION || `${major}.${minor}`;
  const names = unique([
    ...[probe.INSTSONAME, probe.LDLIBRARY].filter(isSharedName),
    ...(host.os === "darwin"
      ? [`libpython${version}.dylib`]
      : [`libpython${version}.so.1.0`, `libpython${version}.so`]),
  ]);
  const besideInterpreter = [probe.baseExecutable, probe.executable].filter((path) => path !== "")
    .map((path) => join(dirname(dirname(host.realPath(path))), "lib"));
  const folders = unique(
    [
      probe.LIBDIR,
      probe.LIBDIR && probe.MULTIARCH && join(probe.LIBDIR, probe.MULTIARCH),
      join(probe.basePrefix, "lib"),
      probe.MULTIARCH && join(probe.basePrefix, "lib", probe.MULTIARCH),
      join(probe.basePrefix, "lib64"),
      ...besideInterpreter,
      probe.basePrefix,
    ].filter((folder) => folder !== ""),
  );
  return unique([
    ...frameworkCandidates(probe),
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
  ]);
}

/** What to do about a Python without a shared library, as a sentence. */
export function howToGetLibrary(probe: Probe, os: Host["os"]): string {
  const [major, minor] = probe.versionNumbers;
  const build = `${probe.basePrefix}\0${probe.executable}\0${probe.LIBDIR}`;
  if (build.includes("/.pyenv/") || build.includes("/pyenv/versions/")) {
    return "Build it again with a shared library: PYTHON_CONFIGURE_OPTS=--enable-shared " +
      `pyenv install --force ${probe.version}`;
  }
  if (os === "linux" && probe.basePrefix === "/usr") {
    return `Install the library: apt install libpython${major}.${minor} (Debian, Ubuntu) or ` +
      "dnf install python3-libs (Fedora, Red Hat)";
  }
  return "Use a Python with a shared library: that of Debian or Ubuntu (apt install " +
    `libpython${major}.${minor}), of uv (uv python install ${major}.${minor}), of conda, of ` +
    "python.org (Windows, macOS), or one built with ./configure --enable-shared (pyenv: " +
    "PYTHON_CONFIGURE_OPTS=--enable-shared)";
}

function windowsCandidates(probe: Probe): string[] {
  const { join, dirname } = pathsOf("windows");
  const [major, minor] = probe.versionNumbers;
  const name = `python${major}${minor}${probe.freeThreaded ? "t" : ""}.dll`;
  return unique(
    [
      probe.dll,
      probe.baseExecutable && join(dirname(probe.baseExecutable), name),
      probe.basePrefix && join(probe.basePrefix, name),
      probe.executable && join(dirname(probe.executable), name),
    ].filter((path) => path !== ""),
  );
}

/** A framework's library has no suffix: `Python.framework/Versions/3.13/Python`. */
function frameworkCandidates(probe: Probe): string[] {
  if (probe.PYTHONFRAMEWORK === "") return [];
  const { join } = pathsOf("darwin");
  return unique(
    [
      probe.PYTHONFRAMEWORKPREFIX && probe.LDLIBRARY &&
      join(probe.PYTHONFRAMEWORKPREFIX, probe.LDLIBRARY),
      join(probe.basePrefix, probe.PYTHONFRAMEWORK),
    ].filter((path) => path !== ""),
  );
}

/** `libpython3.so` is no libpython but the stub of the stable ABI. */
function isSharedName(name: string): boolean {
  return /\.(so|dylib)(\.|$)/.test(name) && name !== "libpython3.so";
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}
