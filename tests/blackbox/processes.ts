/**
 * What the operating system says about processes: who belongs to a server that a test started, and
 * how much memory and how many descriptors and threads they have. Linux only (`/proc`).
 */

/** Name of the environment variable that marks every process of one started server. */
export const MARK = "WSGI_EXPRESS_TEST_MARK";

/** One process as `/proc` shows it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** State letter: R running, S sleeping, Z zombie … */
  readonly state: string;
  readonly command: string[];
}

/** The process `pid`, or undefined when there is none. */
export function processOf(pid: number): Process | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
    command.pop();
    return { pid, parent: Number(parent), state: state!, command };
  } catch {
    return undefined;
  }
}

/** Whether `pid` is a process that still runs (a zombie does not). */
export function isRunning(pid: number): boolean {
  const found = processOf(pid);
  return found !== undefined && found.state !== "Z";
}

/** Every running process whose environment has {@link MARK} set to `mark`, in order of the pids. */
export function processesMarked(mark: string): Process[] {
  const found: Process[] = [];
  for (const entry of Deno.readDirSync("/proc")) {
    const pid = Number(entry.name);
    if (!Number.isInteger(pid)) continue;
    let environ: string;
    try {
      environ = Deno.readTextFileSync(`/proc/${pid}/environ`);
    } catch {
      continue;
    }
    if (!environ.split("\0").includes(`${MARK}=${mark}`)) continue;
    const process = processOf(pid);
    if (process !== undefined && process.state !== "Z") found.push(process);
  }
  return found.sort((a, b) => a.pid - b.pid);
}

/** Memory of one process that it shares with no other, in bytes (`Pss_Anon` and friends excluded). */
export function privateMemory(pid: number): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  let kibibytes = 0;
  for (const match of text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)) {
    kibibytes += Number(match[1]);
  }
  return kibibytes * 1024;
}

/** Largest resident set a process ever had, in bytes (`VmHWM`). */
export function peakMemory(pid: number): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
  if (match === null) throw new Error(`no VmHWM for process ${pid}`);
  return Number(match[1]) * 1024;
}

/** Makes {@link peakMemory} of a process begin anew at its present resident set. */
export function resetPeakMemory(pid: number): void {
  Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** What the descriptors of a process point to, by number. */
export function descriptors(pid: number): Map<number, string> {
  const found = new Map<number, string>();
  for (const entry of Deno.readDirSync(`/proc/${pid}/fd`)) {
    try {
      found.set(Number(entry.name), Deno.readLinkSync(`/proc/${pid}/fd/${entry.name}`));
    } catch {
      // Closed between the two calls.
    }
  }
  return found;
}

/** Number of threads of a process. */
export function threadCount(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/task`)].length;
}

/** Whether a process has a file mapped whose path matches `pattern`. */
export function hasMapped(pid: number, pattern: RegExp): boolean {
  return Deno.readTextFileSync(`/proc/${pid}/maps`).split("\n").some((line) => pattern.test(line));
}
