/**
 * How this program starts itself again, in another role.
 *
 * @module
 */
import { fromFileUrl } from "./file_url.ts";

const MAIN = import.meta.resolve("../../cli/main.ts");
const CONFIGURATION = import.meta.resolve("../../deno.json");

/**
 * V8 flags that keep the heap of a process small: without them it grows to 75 MiB under load where 10 are enough.
 * `tools/compile.ts` puts the same into a compiled program.
 */
export const SMALL_HEAP = "--v8-flags=--max-semi-space-size=2,--heap-growing-percent=30";

/**
 * Arguments for `Deno.execPath()` that start the role. The settings of whatever folder that is started in must not count,
 * so the program's own are named.
 *
 * @param flags more flags of `deno run`.
 */
export function ownArguments(role: string, flags: readonly string[] = []): string[] {
  if (Deno.build.standalone) return [role];
  const configuration = CONFIGURATION.startsWith("file:")
    ? ["--config", fromFileUrl(CONFIGURATION)]
    : [];
  return ["run", "-A", "--no-prompt", "--no-lock", ...configuration, ...flags, MAIN, role];
}
