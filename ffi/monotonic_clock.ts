/**
 * The clock that programs on one machine share (clock_gettime(3)), on Linux.
 *
 * @module
 */
import { openCLibrary } from "./c_library.ts";

const SYMBOLS = {
  clock_gettime: {
    parameters: [
      "i32", // clockid_t clockid
      "buffer", // struct timespec *tp
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const CLOCK_MONOTONIC = 1;

/** CLOCK_MONOTONIC in microseconds. */
export function monotonicMicroseconds(): bigint {
  const time = new BigInt64Array(2);
  openCLibrary(SYMBOLS).clock_gettime(CLOCK_MONOTONIC, time);
  return time[0]! * 1_000_000n + time[1]! / 1000n;
}
