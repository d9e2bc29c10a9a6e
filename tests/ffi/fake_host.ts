/**
 * A system for the discovery tests: its files, variables and commands are data.
 *
 * @module
 */
import type { CommandOutput, Host } from "../../ffi/discovery/host.ts";

/** What a test says about its system; everything else is absent. */
export interface FakeSystem {
  readonly os?: Host["os"];
  readonly env?: Readonly<Record<string, string>>;
  /** Files by path, with their text; all are executable but those named in `plain`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly plain?: readonly string[];
  readonly folders?: readonly string[];
  readonly links?: Readonly<Record<string, string>>;
  /** What interpreters answer by path: the values of the probe, or a whole output, or a failure to start. */
  readonly answers?: Readonly<
    Record<string, Readonly<Record<string, string>> | CommandOutput | Error>
  >;
  /** Called with each command that is run. */
  readonly onRun?: (command: string, args: readonly string[]) => void;
}

/** Makes the {@linkcode Host} of a fake system. Folders of its files exist without being named. */
export function fakeHost(system: FakeSystem): Host {
  const { os = "linux", env = {}, files = {}, folders = [], links = {}, answers = {} } = system;
  const separator = os === "windows" ? "\\" : "/";
  const isFile = (path: string) => path in files;
  return {
    os,
    workingDirectory: os === "windows" ? "C:\\cwd" : "/cwd",
    env: (name) => env[name],
    isFile,
    isExecutable: (path) => isFile(path) && !(system.plain ?? []).includes(path),
    isDirectory: (path) =>
      folders.includes(path) ||
      Object.keys(files).some((file) => file.startsWith(path + separator)),
    readText: (path) => files[path],
    linkTarget: (path) => links[path],
    realPath: (path) => links[path] ?? path,
    run(command, args) {
      system.onRun?.(command, args);
      const answer = answers[command];
      if (answer === undefined) return Promise.reject(new Error(`cannot run ${command}`));
      if (answer instanceof Error) return Promise.reject(answer);
      if ("code" in answer && typeof answer.code === "number") {
        return Promise.resolve(answer as CommandOutput);
      }
      return Promise.resolve({
        code: 0,
        stdout: probeText(answer as Record<string, string>),
        stderr: "",
      });
    },
  };
}

/** What an interpreter prints: a usual CPython 3.12 on Linux with the given values in place. */
export function probeText(values: Readonly<Record<string, string>> = {}): string {
  const usual = {
    implementation: "cpython",
    version: "3.12.1",
    build: "3.12.1 (main) [GCC]",
    bits: "64",
    executable: "/opt/py/bin/python3",
    baseExecutable: "/opt/py/bin/python3",
    basePrefix: "/opt/py",
    freeThreaded: "0",
    soabi: "cpython-312-x86_64-linux-gnu",
    shared: "1",
    dll: "",
    LDVERSION: "3.12",
    LDLIBRARY: "libpython3.12.so",
    INSTSONAME: "libpython3.12.so.1.0",
    LIBDIR: "/opt/py/lib",
    MULTIARCH: "x86_64-linux-gnu",
    PYTHONFRAMEWORK: "",
    PYTHONFRAMEWORKPREFIX: "",
  };
  return ["wsgi-express-probe", ...Object.entries({ ...usual, ...values }).flat()].join("\0");
}
