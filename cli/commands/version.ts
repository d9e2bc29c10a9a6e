/** `wsgi-express version`, `wsgi-express --version` */

import { readBuild } from "../build.ts";
import { VERSION } from "../../core/version.ts";

/** Prints the version, and what else tells two programs apart. */
export async function run(): Promise<number> {
  const { commit, target } = await readBuild();
  console.log(
    [
      `wsgi-express ${VERSION}`,
      `Deno ${Deno.version.deno}`,
      `V8 ${Deno.version.v8}`,
      `Commit ${commit || "unknown"}`,
      `Target ${target}${Deno.build.standalone ? "" : " (run by deno)"}`,
    ].join("\n"),
  );
  return 0;
}
