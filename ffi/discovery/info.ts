/**
 * What is known of a Python once it was found: plain data, so that it can be sent to another process.
 *
 * @module
 */

/** Where the idea to look at a Python came from. */
export type Origin =
  | "--python"
  | "VIRTUAL_ENV"
  | ".venv"
  | "PATH"
  | "py launcher"
  | "registry";

/** The Python that was chosen. Every path is absolute. */
export interface PythonInfo {
  /** What made it the choice. */
  readonly origin: Origin;
  /** The interpreter of the environment; becomes `sys.executable`. */
  readonly executable: string;
  /** `sys._base_executable`: in a virtual environment, the interpreter it was made from. */
  readonly baseExecutable: string;
  /** `"3.13.0"`, `"3.14.0rc1"`. */
  readonly version: string;
  /** Major, minor and micro version. */
  readonly versionNumbers: readonly [number, number, number];
  /** `sys.version`: version, build and compiler. */
  readonly build: string;
  /** What `sys.prefix` is going to be: the folder of the virtual environment, else the installation. */
  readonly prefix: string;
  /** `sys.base_prefix`: the installation. */
  readonly basePrefix: string;
  /** Whether `prefix` is a virtual environment. */
  readonly virtualEnvironment: boolean;
  /** The shared library of Python. */
  readonly library: string;
  /** `sysconfig`'s SOABI, `"cpython-313-x86_64-linux-gnu"`; empty where it has none. */
  readonly soabi: string;
  /** Built with `--disable-gil`. */
  readonly freeThreaded: boolean;
}

/** One Python that was looked at. */
export interface Candidate {
  /** Where the idea to look at it came from. */
  readonly origin: Origin;
  /** The path looked at, or the command asked. */
  readonly path: string;
  /** What became of it. `absent`: nothing is there; `passed over`: usable, but one before it was chosen. */
  readonly verdict: "chosen" | "not usable" | "absent" | "passed over";
  /** What was found there and why that verdict, in words. */
  readonly reason: string;
  /** The version, where an interpreter answered. */
  readonly version?: string;
  /** The shared library, where one was found. */
  readonly library?: string;
}
