/** `wsgi-express install-module`: explains why there is nothing to install. */

import { ServerError } from "../../core/errors.ts";

/** Ends with the explanation. */
export async function run(words: readonly string[]): Promise<number> {
  if (words.includes("-h") || words.includes("--help")) {
    const { helpOf } = await import("./help.ts");
    console.log(helpOf("install-module"));
    return 0;
  }
  throw new ServerError(
    "install-module: there is no Apache module to install, because wsgi-express is a server of " +
      "its own; start it with wsgi-express start-server, behind Apache as a reverse proxy if need be",
  );
}
