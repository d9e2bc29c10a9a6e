/**
 * The words that start an application process.
 *
 * @module
 */
import { APPLICATION_ROLE } from "../application/setup.ts";
import type { DebugPlan } from "../plan.ts";
import { ownArguments, V8_FLAGS } from "../platform/own_program.ts";

/** Program and arguments: this executable with a role, under gdb where that is asked for. */
export function processCommand(debug: DebugPlan | null): [string, ...string[]] {
  const words: [string, ...string[]] = [
    Deno.execPath(),
    ...ownArguments(APPLICATION_ROLE, [V8_FLAGS]),
  ];
  const gdb = debug?.gdb ?? null;
  return gdb === null ? words : [gdb, "--args", ...words];
}
