/**
 * What an application process gives up before it loads Python: CPU time without end, and the rights of the one who
 * started the server.
 *
 * @module
 */
import { assumeIdentity } from "../../ffi/accounts.ts";
import { ConfigurationError } from "../errors.ts";
import type { ProcessIdentity } from "../identity.ts";
import type { Plan } from "../plan.ts";
import { platform } from "../platform/platform.ts";

/**
 * Lets the system end what burns CPU time without end: at the limit it asks (SIGXCPU), which leads to an orderly
 * replacement, and what is still there when that should be over it kills.
 *
 * @param onLimit called once, when the limit is reached.
 * @returns what to tell where the system refuses, which is no reason not to start.
 */
export function limitCpuTime(plan: Plan, onLimit: () => void): string | undefined {
  const { cpuTimeLimit } = plan.processes;
  if (cpuTimeLimit === 0) return undefined;
  let reached = false;
  // Also for a limit that was there before. The system repeats it every second.
  if (platform.system === "unix") {
    Deno.addSignalListener("SIGXCPU", () => {
      if (!reached) onLimit();
      reached = true;
    });
  }
  const failure = platform.limitCpuTime(cpuTimeLimit, cpuTimeLimit + 1 + plan.timeouts.shutdown);
  if (failure === undefined) return undefined;
  return `can't set the CPU time limit of process group "${plan.application.processGroup}" to ` +
    `${cpuTimeLimit} s (--cpu-time-limit, RLIMIT_CPU): ${failure.text} (errno ${failure.errno}); ` +
    `its processes keep the limit they have`;
}

/**
 * Becomes the user and the group of the plan, with all threads and for good.
 *
 * @throws {ConfigurationError} where the system refuses; the process must not go on then.
 */
export function becomeUser({ change, environment }: ProcessIdentity): void {
  const failure = change === null ? undefined : assumeIdentity(change);
  if (failure !== undefined) {
    throw new ConfigurationError(
      `can't become the user of --user and --group (uid ${change!.uid}, gid ${change!.gid}): ` +
        `${failure.call}: ${failure.text} (errno ${failure.errno})`,
    );
  }
  for (const [name, value] of Object.entries(environment)) Deno.env.set(name, value);
}
