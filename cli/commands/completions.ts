/** `wsgi-express completions bash|zsh|fish` */

import { UsageError } from "../../core/errors.ts";
import { platform } from "../../core/platform/platform.ts";
import { completionScript, SHELLS } from "../completions.ts";

/** Prints the script for a shell. */
export async function run(words: readonly string[]): Promise<number> {
  if (words.includes("-h") || words.includes("--help")) {
    const { helpOf } = await import("./help.ts");
    console.log(helpOf("completions"));
    return 0;
  }
  const shell = SHELLS.find((shell) => shell === words[0]);
  if (shell === undefined || words.length > 1) {
    throw new UsageError(`completions needs the name of one shell: ${SHELLS.join(", ")}`);
  }
  console.log(completionScript(shell, platform.os));
  return 0;
}
