/** Descriptors and threads that a server holds while it has nothing to do. */

import { until } from "./deadline.ts";
import type { Server } from "./harness.ts";
import { descriptors, threadCount } from "./processes.ts";

/** Of one process. */
export interface Resources {
  readonly descriptors: number;
  readonly threads: number;
}

/** Of a whole server: the server process first, then its application processes. */
export type TreeResources = Resources[];

function sample(server: Server): TreeResources {
  return [server.pid, ...server.applicationPids()].map((pid) => ({
    descriptors: descriptors(pid).size,
    threads: threadCount(pid),
  }));
}

/** Waits until nothing has changed for half a second, and tells what is held then. */
export async function resourcesAtRest(server: Server): Promise<TreeResources> {
  let last = "", since = performance.now();
  return await until(() => {
    const now = sample(server);
    const text = JSON.stringify(now);
    if (text !== last) [last, since] = [text, performance.now()];
    return performance.now() - since > 500 && now;
  }, "rest of the server's resources");
}

/**
 * Waits until the server holds no more than `before`. Fewer threads are fine: the pools of the runtime
 * shrink after a while.
 */
export async function returnsTo(server: Server, before: TreeResources): Promise<void> {
  let now: TreeResources = [];
  try {
    await until(
      () => {
        now = sample(server);
        return now.length === before.length &&
          now.every((held, index) =>
            held.descriptors <= before[index]!.descriptors && held.threads <= before[index]!.threads
          );
      },
      "return to the resources of before",
      20_000,
    );
  } catch (error) {
    (error as Error).message += `\nbefore ${JSON.stringify(before)}\nnow    ${
      JSON.stringify(now)
    }\nsockets of the server process:\n${sockets(server.pid).join("\n")}`;
    throw error;
  }
}

/** The lines of `/proc/net` about the sockets of a process: what a leaked one is connected to. */
function sockets(pid: number): string[] {
  const lines = ["tcp", "tcp6", "unix"].flatMap((name) =>
    Deno.readTextFileSync(`/proc/net/${name}`).split("\n")
  );
  return [...descriptors(pid)].flatMap(([number, target]) => {
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode === undefined) return [];
    const line = lines.find((text) => text.split(/\s+/).includes(inode));
    return [`${number}: ${line ?? `${target}, connected to nothing`}`];
  });
}
