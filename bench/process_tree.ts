/** CPU time and memory of a process and all its descendants, from `/proc` (Linux). */

/** Clock ticks per second in `/proc/<pid>/stat`; USER_HZ is 100 on every Linux architecture that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** The fields of `/proc/<pid>/stat` used here (proc(5)). */
export interface ProcessStat {
  pid: number;
  name: string;
  /** One letter; `Z` is a process that has ended and waits for its parent to ask. */
  state: string;
  parent: number;
  group: number;
  /** CPU time of the process and of the children it has waited for, in ticks. */
  cpuTicks: number;
  /** When it started, in ticks since boot: with the process id it names one process for ever. */
  startTicks: number;
}

/** Memory of one process, from `/proc/<pid>/smaps_rollup`. */
export interface ProcessMemory {
  pid: number;
  name: string;
  /** Private_Clean + Private_Dirty: what would be freed if this process alone ended. */
  privateKiB: number;
  /** Pages without a file behind them, shared ones included. */
  anonymousKiB: number;
}

/** Parses a line of `/proc/<pid>/stat`. The name stands in parentheses and may itself contain spaces and parentheses. */
export function parseStat(line: string): ProcessStat {
  const open = line.indexOf("(");
  const close = line.lastIndexOf(")");
  const fields = line.slice(close + 2).split(" ");
  return {
    pid: Number(line.slice(0, open)),
    name: line.slice(open + 1, close),
    state: fields[0] ?? "",
    parent: Number(fields[1]),
    group: Number(fields[2]),
    cpuTicks: Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]),
    startTicks: Number(fields[19]),
  };
}

/** Parses `/proc/<pid>/smaps_rollup`. */
export function parseSmapsRollup(text: string): { privateKiB: number; anonymousKiB: number } {
  const kib = (key: string) =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
  return {
    privateKiB: kib("Private_Clean") + kib("Private_Dirty"),
    anonymousKiB: kib("Anonymous"),
  };
}

/** The process, its descendants, and whatever else is in its process group: a daemonised child has another parent. */
export function processTree(root: number): ProcessStat[] {
  const all = allProcesses();
  const members = new Set([root]);
  for (let grown = true; grown;) {
    grown = false;
    for (const stat of all) {
      if (members.has(stat.pid) || !(members.has(stat.parent) || stat.group === root)) continue;
      members.add(stat.pid);
      grown = true;
    }
  }
  return all.filter((stat) => members.has(stat.pid));
}

/** CPU seconds that the tree has used so far, children that ended and were waited for included. */
export function cpuSeconds(root: number): number {
  return processTree(root).reduce((ticks, stat) => ticks + stat.cpuTicks, 0) / TICKS_PER_SECOND;
}

/** Memory of every process of the tree. */
export function memory(root: number): ProcessMemory[] {
  const result: ProcessMemory[] = [];
  for (const { pid, name } of processTree(root)) {
    try {
      const rollup = parseSmapsRollup(Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`));
      result.push({ pid, name, ...rollup });
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return result;
}

/** Private memory of the whole tree, in KiB. */
export function privateKiB(root: number): number {
  return memory(root).reduce((sum, process) => sum + process.privateKiB, 0);
}

/** Every process of the machine. */
export function allProcesses(): ProcessStat[] {
  const result: ProcessStat[] = [];
  for (const entry of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(entry.name)) continue;
    try {
      result.push(parseStat(Deno.readTextFileSync(`/proc/${entry.name}/stat`)));
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return result;
}
