/**
 * Limits that the system puts on this process (setrlimit(2)).
 *
 * @module
 */
import { failureOf, openCLibrary, type SystemFailure } from "./c_library.ts";

const SYMBOLS = {
  setrlimit: {
    parameters: [
      "i32", // int resource
      "buffer", // const struct rlimit *rlim: two unsigned 64-bit integers
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** CPU time in seconds; the same number on Linux and macOS (`<sys/resource.h>`). */
const RLIMIT_CPU = 0;

/**
 * Limits the CPU time of this process: at `soft` seconds it gets SIGXCPU, at `hard` SIGKILL.
 *
 * @returns why the system refused; undefined when it did not.
 */
export function limitCpuTime(soft: number, hard: number): SystemFailure | undefined {
  const { setrlimit } = openCLibrary(SYMBOLS);
  return failureOf(() => setrlimit(RLIMIT_CPU, new BigUint64Array([BigInt(soft), BigInt(hard)])));
}
