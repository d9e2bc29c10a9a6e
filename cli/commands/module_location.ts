/** `wsgi-express module-location`: where the Python library is. */

import { takesNoArguments } from "../arguments.ts";
import { chosenPython } from "../chosen_python.ts";

/** Prints the path of the library. */
export async function run(words: readonly string[]): Promise<number> {
  if (takesNoArguments("module-location", words)) {
    const { helpOf } = await import("./help.ts");
    console.log(helpOf("module-location"));
    return 0;
  }
  console.log((await chosenPython()).library);
  return 0;
}
