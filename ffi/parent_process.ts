/**
 * The tie of a process to the one that started it (prctl(2), Linux).
 *
 * @module
 */
import { openCLibrary } from "./c_library.ts";

const SYMBOLS = {
  prctl: {
    parameters: [
      "i32", // int option
      "usize", // unsigned long arg2
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** `<linux/prctl.h>` and `<signal.h>`. */
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9n;

/**
 * Has the system kill this process when the thread that started it ends, until the function that this gives is called.
 * A change of user undoes it.
 *
 * @returns undefined on systems that can't do it.
 */
export function endWithParent(): (() => void) | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const { prctl } = openCLibrary(SYMBOLS);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) !== 0) return undefined;
  return () => void prctl(PR_SET_PDEATHSIG, 0n);
}
