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
    const names = [server.pid, ...server.applicationPids()].map((pid) =>
      [...descriptors(pid)].map(([number, target]) => `${number}=${target}`).join(" ")
    );
    (error as Error).message += `\nbefore ${JSON.stringify(before)}\nnow    ${
      JSON.stringify(now)
    }\n${names.join("\n")}`;
    throw error;
  }
}
