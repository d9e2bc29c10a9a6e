/**
 * Whether the system killed a process for memory. Linux counts such deaths for each control group: `memory.events` of
 * version 2, `memory.oom_control` of version 1 (https://docs.kernel.org/admin-guide/cgroup-v2.html).
 *
 * @module
 */

/** Reads a file; undefined where it can't be read. */
export type ReadFile = (path: string) => string | undefined;

/** Counts the processes of this control group that were killed for memory. */
export class OutOfMemoryCounter {
  readonly #read: ReadFile;
  readonly #paths: readonly string[];
  #last: number;

  constructor(read: ReadFile = readQuietly) {
    this.#read = read;
    this.#paths = counterPaths(read("/proc/self/cgroup") ?? "");
    this.#last = this.#count();
  }

  /** Whether the system has killed a process of the group since the last question. */
  hasRisen(): boolean {
    const before = this.#last;
    this.#last = this.#count();
    return this.#last > before;
  }

  #count(): number {
    for (const path of this.#paths) {
      const count = killCount(this.#read(path) ?? "");
      if (count !== undefined) return count;
    }
    return 0;
  }
}

/** Files with the count for a process whose `/proc/self/cgroup` is `text` (cgroups(7)), in the order to try. */
export function counterPaths(text: string): string[] {
  const paths: string[] = [];
  for (const line of text.split("\n")) {
    const [, controllers, folder] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (folder === undefined) continue;
    const at = folder === "/" ? "" : folder;
    // In a container the folder is often that of the host, while the file system shows the container's as the root.
    if (controllers === "") {
      paths.push(`/sys/fs/cgroup${at}/memory.events`, "/sys/fs/cgroup/memory.events");
    } else if (controllers!.split(",").includes("memory")) {
      paths.push(
        `/sys/fs/cgroup/memory${at}/memory.oom_control`,
        "/sys/fs/cgroup/memory/memory.oom_control",
      );
    }
  }
  return paths;
}

/** The number behind `oom_kill`. */
export function killCount(text: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** Other systems than Linux have none of the files. */
function readQuietly(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
