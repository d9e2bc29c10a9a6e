/** `wsgi-express setup-server`: refused in this version. */

import { ConfigurationError } from "../../core/errors.ts";
import { currentHost } from "../../core/options/host.ts";
import { serverArguments } from "../arguments.ts";

/** Checks the words, then ends with the refusal. */
export async function run(words: readonly string[]): Promise<number> {
  if (serverArguments(words, currentHost()) === null) {
    const { helpOf } = await import("./help.ts");
    console.log(helpOf("setup-server"));
    return 0;
  }
  throw new ConfigurationError(
    "setup-server is not carried out in this version; start-server takes the same options and " +
      "makes the files it needs by itself",
  );
}
