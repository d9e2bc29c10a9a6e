/**
 * What the operating system says about processes: who belongs to a server that a test started, and
 * how much memory and how many descriptors and threads they have. Linux (`/proc`); on macOS `ps` tells
 * what there is to know about processes and `lsof` what they have mapped, and functions about memory, descriptors and
 * threads fail.
 */

/** Name of the environment variable that marks every process of one started server. */
export const MARK = "WSGI_EXPRESS_TEST_MARK";

/** One process as the system shows it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** State letter: R running, S sleeping, Z zombie … */
  readonly state: string;
  readonly command: string[];
}

const PROC = Deno.build.os === "linux";
/** `ps` of macOS: all processes, with their environment behind the command (`-E`), uncut. */
const PS = ["-axEww", "-o", "pid=,ppid=,stat=,command="];

/** The processes that `ps` shows: each with the environment as more words of the command. */
function shownProcesses(): Process[] {
  const { stdout } = new Deno.Command("ps", { args: PS, stdin: "null" }).outputSync();
  return new TextDecoder().decode(stdout).split("\n").flatMap((line) => {
    const [pid, parent, state, ...command] = line.trim().split(/ +/);
    if (state === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), state: state[0]!, command }];
  });
}

/** The process `pid`, or undefined when there is none. */
export function processOf(pid: number): Process | undefined {
  if (!PROC) return shownProcesses().find((process) => process.pid === pid);
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
  if (!PROC) {
    return shownProcesses().filter(({ state, command }) =>
      state !== "Z" && command.includes(`${MARK}=${mark}`)
    ).sort((a, b) => a.pid - b.pid);
  }
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
  return mapped(pid).split("\n").some((line) => pattern.test(line));
}

function mapped(pid: number): string {
  if (PROC) return Deno.readTextFileSync(`/proc/${pid}/maps`);
  const { stdout } = new Deno.Command("lsof", { args: ["-n", "-P", "-p", String(pid)] })
    .outputSync();
  return new TextDecoder().decode(stdout);
}
