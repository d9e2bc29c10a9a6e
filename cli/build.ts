/**
 * What this program was made from.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** Where the program comes from. */
export interface Build {
  /** Hash of the commit; empty where it is not known. */
  readonly commit: string;
  /** System and processor, as in the names of the binaries. */
  readonly target: string;
}

/** Written by `tools/compile.ts` and embedded beside the modules. */
const BUILD_FILE = new URL("../dist/build.json", import.meta.url);

/** In a binary, what the build noted; under `deno run`, what git says of the folder. */
export async function readBuild(): Promise<Build> {
  const target = Deno.build.target;
  if (!Deno.build.standalone) return { commit: await checkedOutCommit(), target };
  try {
    const { commit } = JSON.parse(Deno.readTextFileSync(BUILD_FILE));
    return { commit: String(commit), target };
  } catch {
    return { commit: "", target };
  }
}

async function checkedOutCommit(): Promise<string> {
  if (!import.meta.url.startsWith("file:")) return "";
  const folder = fileURLToPath(new URL("..", import.meta.url));
  try {
    // Not where the program merely lies inside another repository.
    if (!Deno.statSync(`${folder}/.git`)) return "";
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-C", folder, "rev-parse", "HEAD"],
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : "";
  } catch {
    return "";
  }
}
