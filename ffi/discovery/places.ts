/**
 * The places where a Python is looked for, in their order, each resolved to an interpreter or to
 * the reason why there is none.
 *
 * @module
 */
import { type Paths, pathsOf as systemPaths } from "../paths.ts";
import { interpretersOf, parseRegistry } from "./windows.ts";
import type { Host } from "./host.ts";
import type { Origin } from "./info.ts";
import { environmentAround, isVirtualEnvironment, lostBase } from "./pyvenv.ts";

/** What the search starts from. */
export interface PythonRequest {
  /** The value of `--python`: an interpreter, an environment's folder or a libpython. */
  readonly python?: string | undefined;
  /** The folder of the application, whose `.venv` counts. */
  readonly applicationFolder?: string | undefined;
}

/** A place where a Python was looked for. */
export interface Place {
  readonly origin: Origin;
  /** What was looked at. */
  readonly path: string;
  /** The command that starts the interpreter, with leading arguments; or why there is none. */
  readonly found: { readonly command: readonly [string, ...string[]] } | { readonly why: string };
  /** `must`: a Python that somebody asked for, so that its failure is the end; else it is skipped. */
  readonly must: boolean;
  /** `found.why` means that nothing is there at all. */
  readonly absent?: boolean;
  /** The library that was given itself. */
  readonly library?: string;
}

/** Every place, in order; lazily, as some (the registry) cost time. */
export async function* places(request: PythonRequest, host: Host): AsyncGenerator<Place> {
  const { join } = pathsOf(host);
  if (request.python !== undefined && request.python !== "") yield given(request.python, host);
  const active = host.env("VIRTUAL_ENV");
  if (active !== undefined && active !== "") yield environment("VIRTUAL_ENV", active, host, true);
  if (request.applicationFolder !== undefined) {
    const folder = join(absolute(request.applicationFolder, host), ".venv");
    // A folder of that name that is no environment is somebody's own affair.
    yield environment(".venv", folder, host, isVirtualEnvironment(folder, host));
  }
  yield* onPath(host);
  if (host.os === "windows") yield* windowsPlaces(host);
}

/** The interpreter of an environment's folder (venv, virtualenv, conda, or an installation). */
export function environmentInterpreter(folder: string, host: Host): string | undefined {
  const { join } = pathsOf(host);
  const names = host.os === "windows"
    ? [["Scripts", "python.exe"], ["python.exe"], ["bin", "python.exe"]]
    : [["bin", "python"], ["bin", "python3"]];
  return names.map((name) => join(folder, ...name)).find((path) => host.isExecutable(path));
}

/** The path rules of the host. */
export function pathsOf(host: Pick<Host, "os">): Paths {
  return systemPaths(host.os);
}

function given(value: string, host: Host): Place {
  const origin = "--python";
  const path = absolute(value, host);
  if (host.isDirectory(path)) return environment(origin, path, host, true);
  const byPath = /[\\/]/.test(value);
  const around = byPath ? environmentAround(path, host) : undefined;
  const lost = around === undefined ? undefined : lostBase(around, host);
  if (lost !== undefined) return { origin, path, found: { why: lost }, must: true };
  if (host.isFile(path)) {
    if (isLibraryName(path, host)) return ofLibrary(path, host);
    if (!host.isExecutable(path)) {
      return {
        origin,
        path,
        found: { why: "it is a file, but not an executable one" },
        must: true,
      };
    }
    return { origin, path, found: { command: [path] }, must: true };
  }
  if (!byPath) {
    const command = searchPath([value], host).next().value;
    if (command !== undefined) {
      return { origin, path: command, found: { command: [command] }, must: true };
    }
  }
  const why = byPath
    ? "there is no such file or folder"
    : "there is no such file or folder, and no command of that name on PATH";
  return { origin, path, found: { why }, must: true, absent: true };
}

function environment(origin: Origin, value: string, host: Host, must: boolean): Place {
  const { join } = pathsOf(host);
  const path = absolute(value, host);
  const place = { origin, path, must };
  if (!host.isDirectory(path)) {
    return { ...place, found: { why: "there is no such folder" }, absent: true };
  }
  const lost = lostBase(path, host);
  if (lost !== undefined) return { ...place, found: { why: lost } };
  const interpreter = environmentInterpreter(path, host);
  if (interpreter !== undefined) return { ...place, found: { command: [interpreter] } };
  const link = join(path, "bin", "python");
  const target = host.linkTarget(link);
  const why = target !== undefined
    ? `its ${link} is a link to ${target}, which leads to no interpreter. Make the environment again`
    : !isVirtualEnvironment(path, host)
    ? `it is no Python environment: there is neither a pyvenv.cfg nor ${
      host.os === "windows" ? "Scripts\\python.exe or python.exe" : "bin/python"
    } in it`
    : `it has a pyvenv.cfg, but no interpreter in ${
      join(path, host.os === "windows" ? "Scripts" : "bin")
    }. Make the environment again`;
  return { ...place, found: { why } };
}

/** The interpreter that belongs to a library: from its `lib` folder, or beside it. */
function ofLibrary(library: string, host: Host): Place {
  const { join, dirname } = pathsOf(host);
  const place = { origin: "--python", path: library, must: true, library } as const;
  const version = /python(3\.\d+)/i.exec(library)?.[1];
  const names = host.os === "windows"
    ? ["python.exe"]
    : [...(version === undefined ? [] : [`python${version}`]), "python3", "python"];
  const folder = dirname(library);
  const folders = host.os === "windows"
    ? [folder, dirname(folder)]
    : [folder, dirname(folder), dirname(dirname(folder))].map((parent) => join(parent, "bin"));
  const interpreters = folders.flatMap((parent) => names.map((name) => join(parent, name)));
  const interpreter = interpreters.find((path) => host.isExecutable(path));
  if (interpreter !== undefined) return { ...place, found: { command: [interpreter] } };
  const why =
    `it is a shared library, but its interpreter was not found in ${folders.join(", ")}. ` +
    "Give the interpreter instead";
  return { ...place, found: { why } };
}

function* onPath(host: Host): Generator<Place> {
  const names = host.os === "windows" ? ["python", "python3"] : ["python3"];
  let found = false;
  for (const path of searchPath(names, host)) {
    found = true;
    yield { origin: "PATH", path, found: { command: [path] }, must: false };
  }
  if (found) return;
  const why = `there is no ${names.join(" and no ")} on PATH`;
  yield { origin: "PATH", path: names[0] ?? "", found: { why }, must: false, absent: true };
}

async function* windowsPlaces(host: Host): AsyncGenerator<Place> {
  const launcher = searchPath(["py"], host).next().value;
  if (launcher === undefined) {
    const why = "there is no py launcher on PATH";
    yield { origin: "py launcher", path: "py", found: { why }, must: false, absent: true };
  } else {
    yield {
      origin: "py launcher",
      path: `${launcher} -3`,
      found: { command: [launcher, "-3"] },
      must: false,
    };
  }
  const installed = interpretersOf(parseRegistry(await registryText(host)));
  for (const path of installed.filter((path) => host.isFile(path))) {
    yield { origin: "registry", path, found: { command: [path] }, must: false };
  }
  if (installed.length === 0) {
    const why = "no Python is registered there (PEP 514)";
    yield {
      origin: "registry",
      path: "Software\\Python",
      found: { why },
      must: false,
      absent: true,
    };
  }
}

async function registryText(host: Host): Promise<string> {
  const queries = ["HKCU", "HKLM"].map((root) =>
    host.run("reg", ["query", `${root}\\Software\\Python`, "/s", "/reg:64"])
      .then(({ stdout }) => stdout, () => "")
  );
  return (await Promise.all(queries)).join("\n");
}

/**
 * Every executable with one of the names on PATH, folder by folder. The Store's aliases on Windows
 * are among them; they don't answer where no Python was installed from the Store.
 */
function* searchPath(names: readonly string[], host: Host): Generator<string, undefined> {
  const { join, delimiter, isAbsolute } = pathsOf(host);
  const seen = new Set<string>();
  for (const entry of (host.env("PATH") ?? "").split(delimiter)) {
    const folder = entry.replace(/^"(.*)"$/, "$1");
    if (!isAbsolute(folder)) continue;
    for (const name of names) {
      const file = host.os === "windows" && !/\.exe$/i.test(name) ? `${name}.exe` : name;
      const path = join(folder, file);
      // /bin may be a link to /usr/bin.
      const real = join(host.realPath(folder), file);
      if (seen.has(real) || !host.isExecutable(path)) continue;
      seen.add(real);
      yield path;
    }
  }
  return undefined;
}

function isLibraryName(path: string, host: Host): boolean {
  const name = pathsOf(host).basename(path);
  return /^libpython3.*\.(so|dylib)(\.|$)/.test(name) || /^python3\d+t?\.dll$/i.test(name) ||
    (/\.framework\//.test(path) && /^Python3?T?$/.test(name));
}

function absolute(path: string, host: Host): string {
  return pathsOf(host).resolve(host.workingDirectory, path);
}
