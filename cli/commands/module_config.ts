/**
 * `wsgi-express module-config`: in the place of Apache's LoadModule and WSGIPythonHome lines, the
 * library that is loaded and the home of its Python.
 */

import { takesNoArguments } from "../arguments.ts";
import { chosenPython } from "../chosen_python.ts";

/** Prints the two lines. */
export async function run(words: readonly string[]): Promise<number> {
  if (takesNoArguments("module-config", words)) {
    const { helpOf } = await import("./help.ts");
    console.log(helpOf("module-config"));
    return 0;
  }
  const { library, prefix } = await chosenPython();
  console.log(`PythonLibrary "${library}"\nWSGIPythonHome "${prefix}"`);
  return 0;
}
