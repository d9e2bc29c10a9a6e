/**
 * Which Python to use: `--python`, else `VIRTUAL_ENV`, else `.venv` beside the application, else
 * `python3` on PATH (Windows: `python`, then the `py` launcher, then the registry).
 *
 * A Python that somebody asked for (the first three) is used or its failure is reported; it is never
 * passed over in silence. On PATH, what is no working interpreter is skipped, and the first Python
 * that answers decides.
 *
 * @module
 */
import { type Host, thisHost } from "./discovery/host.ts";
import type { Candidate, PythonInfo } from "./discovery/info.ts";
import { howToGetLibrary, libraryCandidates } from "./discovery/library_choice.ts";
import { pathsOf, type Place, places, type PythonRequest } from "./discovery/places.ts";
import { environmentAround } from "./discovery/pyvenv.ts";
import {
  parseProbe,
  type Probe,
  PROBE_ARGUMENTS,
  refusal,
  SUPPORTED_PYTHONS,
} from "./discovery/probe.ts";
import { PythonNotUsableError } from "./errors.ts";

export type { Candidate, Origin, PythonInfo } from "./discovery/info.ts";
export type { Host } from "./discovery/host.ts";
export type { PythonRequest } from "./discovery/places.ts";

/** What a search found. */
export interface Discovery {
  /** The Python to use. */
  readonly python: PythonInfo;
  /** Every candidate that was looked at, in order; the chosen one included. */
  readonly candidates: readonly Candidate[];
}

/** What {@linkcode surveyPythons} found. Exactly one of `python` and `error` is set. */
export interface Survey {
  readonly python: PythonInfo | undefined;
  /** Why no Python can be used. */
  readonly error: PythonNotUsableError | undefined;
  /** Every candidate there is, in order. */
  readonly candidates: readonly Candidate[];
}

/**
 * Finds the Python to use, and looks at nothing beyond it. One interpreter is started and asked.
 *
 * @throws {PythonNotUsableError} (by rejection) when there is none, or the one asked for can't be used.
 */
export async function discoverPython(
  request: PythonRequest = {},
  host: Host = thisHost(),
): Promise<Discovery> {
  const { python, error, candidates } = await search(request, host, false);
  if (python === undefined) throw error;
  return { python, candidates };
}

/** The same search, but it looks at every candidate and reports failure as a value: for `doctor`. */
export function surveyPythons(
  request: PythonRequest = {},
  host: Host = thisHost(),
): Promise<Survey> {
  return search(request, host, true);
}

async function search(request: PythonRequest, host: Host, everything: boolean): Promise<Survey> {
  const candidates: Candidate[] = [];
  let python: PythonInfo | undefined;
  let failure: string | undefined;
  for await (const place of places(request, host)) {
    const decided = python !== undefined || failure !== undefined;
    if (decided && !everything) break;
    const result = await examine(place, host);
    if (result.python === undefined) {
      candidates.push(result.candidate);
      if (!decided && result.decisive) failure = failureMessage(result.candidate);
    } else if (decided) {
      candidates.push({ ...result.candidate, verdict: "passed over" });
    } else {
      python = result.python;
      candidates.push(result.candidate);
    }
  }
  if (python !== undefined) return { python, error: undefined, candidates };
  const error = new PythonNotUsableError(failure ?? nothingMessage(candidates, host), {
    candidates,
  });
  return { python, error, candidates };
}

/** What a look at one place gave. */
type Examination =
  | { python: PythonInfo; candidate: Candidate }
  | { python: undefined; candidate: Candidate; decisive: boolean };

async function examine(place: Place, host: Host): Promise<Examination> {
  const { origin, path, found, must } = place;
  const reject = (reason: string, more: Partial<Candidate> = {}, decisive = must): Examination => ({
    python: undefined,
    decisive,
    candidate: { origin, path, verdict: "not usable", reason, ...more },
  });
  if ("why" in found) {
    return reject(found.why, place.absent === true ? { verdict: "absent" } : {});
  }
  const probe = await ask(found.command, host);
  if (typeof probe === "string") return reject(probe);
  const { version } = probe;
  const refused = refusal(probe);
  if (refused !== undefined) return reject(refused, { version }, true);
  const python = describe(place, probe, host);
  if (host.os === "windows" && python.virtualEnvironment && probe.versionNumbers[1] < 11) {
    return reject(
      `it is a virtual environment of Python ${version}, which an embedded Python on Windows ` +
        "finds only since 3.11. Make the environment with Python 3.11 or newer",
      { version },
      true,
    );
  }
  if (python.library === "") return reject(noLibraryMessage(probe, host), { version }, true);
  return {
    python,
    candidate: {
      origin,
      path,
      verdict: "chosen",
      reason: `Python ${version}${python.freeThreaded ? " (free-threaded)" : ""}` +
        (python.virtualEnvironment ? `, virtual environment ${python.prefix}` : ""),
      version,
      library: python.library,
    },
  };
}

/** The interpreter's answer, or why there is none. */
async function ask(
  command: readonly [string, ...string[]],
  host: Host,
): Promise<Probe | string> {
  const [program, ...leading] = command;
  try {
    const output = await host.run(program, [...leading, ...PROBE_ARGUMENTS]);
    const said = output.stderr.trim().split(/\r?\n/).slice(-1)[0] ?? "";
    return parseProbe(output.stdout) ??
      `it does not answer as a Python: exit status ${output.code}` +
        (said === "" ? "" : `, "${said}"`);
  } catch (error) {
    return `it can't be started: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function describe(place: Place, probe: Probe, host: Host): PythonInfo {
  const { dirname } = pathsOf(host);
  const environment = environmentAround(probe.executable, host);
  return {
    origin: place.origin,
    executable: probe.executable,
    baseExecutable: probe.baseExecutable,
    version: probe.version,
    versionNumbers: probe.versionNumbers,
    build: probe.build.replace(/\s+/g, " "),
    prefix: environment === undefined ? probe.basePrefix : dirname(dirname(probe.executable)),
    basePrefix: probe.basePrefix,
    virtualEnvironment: environment !== undefined,
    library: place.library ?? libraryCandidates(probe, host).find(host.isFile) ?? "",
    soabi: probe.soabi,
    freeThreaded: probe.freeThreaded,
  };
}

function noLibraryMessage(probe: Probe, host: Host): string {
  const built = host.os === "windows"
    ? "its DLL was not found"
    : probe.shared
    ? "its shared library was not found"
    : "it has no shared library (built without --enable-shared)";
  const looked = libraryCandidates(probe, host).join(", ");
  return `Python ${probe.version} can't be loaded into another program: ${built}. Looked for ` +
    `${looked}. ${howToGetLibrary(probe, host.os)}`;
}

function failureMessage({ origin, path, reason }: Candidate): string {
  const named: Record<Candidate["origin"], string> = {
    "--python": `The Python of --python "${path}"`,
    "VIRTUAL_ENV": `The Python of the active virtual environment (VIRTUAL_ENV) "${path}"`,
    ".venv": `The Python of the application's virtual environment "${path}"`,
    "PATH": `The Python on PATH "${path}"`,
    "py launcher": `The Python of the py launcher "${path}"`,
    "registry": `The registered Python "${path}"`,
  };
  return `${named[origin]} can't be used: ${reason}${
    origin === "--python" ? "" : ". Another Python can be given with --python PATH"
  }`;
}

function nothingMessage(candidates: readonly Candidate[], host: Host): string {
  const looked = candidates.map(({ origin, path, reason }) => `${origin} "${path}": ${reason}`);
  return `No Python was found. Looked at ${looked.join("; ")}. Install ${SUPPORTED_PYTHONS}${
    host.os === "linux" ? " with its shared library (apt install python3 libpython3-dev)" : ""
  }, or give one with --python PATH`;
}
