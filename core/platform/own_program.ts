/**
 * How this program starts itself again, in another role.
 *
 * @module
 */
import { fromFileUrl } from "./file_url.ts";

const MAIN = import.meta.resolve("../../cli/main.ts");
const CONFIGURATION = import.meta.resolve("../../deno.json");

/**
 * V8 flags of a process that serves requests; `tools/compile.ts` puts them into a compiled program.
 *
 * - A small heap: without the first two it grows to 75 MiB under load where 10 are enough.
 * - Early optimization: V8 optimizes a function behind 400 calls, and fully behind 3,000 and 500 calls in which nothing
 *   new was seen of its arguments. With a framework, what is called once for each round of the event loop got there only
 *   after 15 seconds under load; with these counts it takes 3.
 */
export const V8_FLAGS = `--v8-flags=${
  [
    "--max-semi-space-size=2",
    "--heap-growing-percent=30",
    "--invocation-count-for-maglev=100",
    "--invocation-count-for-turbofan=300",
    "--minimum-invocations-after-ic-update=100",
  ].join(",")
}`;

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
