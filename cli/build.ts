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

/** Written by `tools/`: embedded beside the modules of a binary, and in the npm package. */
const BUILD_FILE = new URL("../dist/build.json", import.meta.url);

/** What git says of the folder, where it is a repository, else what the build noted. */
export async function readBuild(): Promise<Build> {
  const commit = Deno.build.standalone ? "" : await checkedOutCommit();
  return { commit: commit || notedCommit(), target: Deno.build.target };
}

function notedCommit(): string {
  try {
    return String(JSON.parse(Deno.readTextFileSync(BUILD_FILE)).commit);
  } catch {
    return "";
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
