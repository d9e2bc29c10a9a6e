/**
 * Turns this process into another program (execv(3)); POSIX only.
 *
 * @module
 */
import { failureOf, openCLibrary, type SystemFailure } from "./c_library.ts";

const SYMBOLS = {
  execv: {
    parameters: [
      "buffer", // const char *path
      "buffer", // char *const argv[]
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * Runs `program` in the place of this process, with its environment and its standard streams.
 *
 * @param program absolute path, which also becomes `argv[0]`.
 * @returns why it could not be done; otherwise it does not return.
 */
export function execute(program: string, args: readonly string[]): SystemFailure {
  const { execv } = openCLibrary(SYMBOLS);
  const texts = [program, ...args].map(cString);
  // A list of addresses with NULL at its end; `texts` keeps alive what they point to.
  const addresses = new BigUint64Array(texts.length + 1);
  texts.forEach((text, index) =>
    addresses[index] = Deno.UnsafePointer.value(Deno.UnsafePointer.of(text))
  );
  const failure = failureOf(() => execv(texts[0]!, new Uint8Array(addresses.buffer)));
  if (texts.length === 0 || failure === undefined) {
    throw new Error("execv returned without failing");
  }
  return failure;
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) throw new Error("an argument of a program can't hold a NUL");
  return new TextEncoder().encode(text + "\0");
}
