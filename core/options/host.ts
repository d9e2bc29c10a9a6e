/**
 * What the plan has to know of the machine and of the process it is made in.
 *
 * @module
 */
import { platform } from "../platform/platform.ts";

/** Facts about machine and process, as plain values, so that a plan can be made for any. */
export interface Host {
  readonly system: "unix" | "windows";
  /** `linux`, `darwin`, `windows` … */
  readonly os: string;
  /** User id; null on Windows. */
  readonly uid: number | null;
  readonly pid: number;
  readonly workingDirectory: string;
  readonly temporaryDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether stderr is a terminal, so that the error log is read there. */
  readonly terminal: boolean;
  /** Whether any of the three standard streams is a terminal, so that signals may come from it. */
  readonly interactive: boolean;
}

/** The facts of this process. */
export function currentHost(): Host {
  const environment = Deno.env.toObject();
  return {
    system: platform.system,
    os: platform.os,
    uid: Deno.uid(),
    pid: Deno.pid,
    workingDirectory: Deno.cwd(),
    temporaryDirectory: temporaryDirectory(environment, platform.system === "windows"),
    environment,
    terminal: Deno.stderr.isTerminal(),
    interactive: [Deno.stdin, Deno.stdout, Deno.stderr].some((stream) => stream.isTerminal()),
  };
}

/** The folder that Python's `tempfile.gettempdir()` looks for first. */
function temporaryDirectory(environment: Record<string, string>, windows: boolean): string {
  const { TMPDIR, TEMP, TMP } = environment;
  return (TMPDIR || TEMP || TMP || (windows ? "C:\\TEMP" : "/tmp")).replace(/(?<=.)[\\/]+$/, "");
}
