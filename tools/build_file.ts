/**
 * What a packed program knows of the build it comes from; `cli/build.ts` reads it.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { VERSION } from "../core/version.ts";
import { run } from "./compile/base.ts";
import { BUILD_FILE } from "./compile/program.ts";

/** Writes the file into `root`, the top folder of the program. `target`: where it runs on that only. */
export function writeBuildFile(root: string, commit: string, target?: string): void {
  const file = join(root, BUILD_FILE);
  Deno.mkdirSync(dirname(file), { recursive: true });
  Deno.writeTextFileSync(
    file,
    JSON.stringify({ version: VERSION, commit, target }, null, 2) + "\n",
  );
}

/** The commit of the sources in `root`. Empty where there is no repository, or no git. */
export async function checkedOutCommit(root: string): Promise<string> {
  try {
    return (await run("git", ["rev-parse", "HEAD"], root)).trim();
  } catch {
    return "";
  }
}
