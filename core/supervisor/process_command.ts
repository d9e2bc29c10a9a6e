/**
 * The words that start an application process.
 *
 * @module
 */
import { APPLICATION_ROLE } from "../application/setup.ts";
import type { DebugPlan } from "../plan.ts";

/**
 * Keeps V8's heap small in application processes, of which there are many: without them it grows to 75 MiB under load
 * where 10 are enough. A compiled program has them from `deno compile`.
 */
const V8_FLAGS = "--v8-flags=--max-semi-space-size=2,--heap-growing-percent=30";

/** Program and arguments: this executable with a role, under gdb where that is asked for. */
export function processCommand(debug: DebugPlan | null): [string, ...string[]] {
  const words: [string, ...string[]] = [Deno.execPath(), ...roleArguments()];
  const gdb = debug?.gdb ?? null;
  return gdb === null ? words : [gdb, "--args", ...words];
}

function roleArguments(): string[] {
  if (Deno.build.standalone) return [APPLICATION_ROLE];
  const main = import.meta.resolve("../../cli/main.ts");
  return ["run", "-A", V8_FLAGS, "--no-prompt", main, APPLICATION_ROLE];
}
