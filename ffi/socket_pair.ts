/**
 * `socketpair` of the POSIX C library, on Linux and macOS.
 *
 * @module
 */
import { openCLibrary } from "./c_library.ts";

const SYMBOLS = {
  socketpair: {
    parameters: [
      "i32", // int domain
      "i32", // int type
      "i32", // int protocol
      "buffer", // int sv[2]
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const AF_UNIX = 1;
const SOCK_STREAM = 1;

/** The flag that keeps the ends from being inherited by other programs; macOS has none. */
const FLAGS: Partial<Record<typeof Deno.build.os, number>> = { linux: 0o2000000, darwin: 0 };

let opened: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;

/**
 * Two connected Unix domain stream sockets: their descriptors, blocking. The caller owns both.
 *
 * @throws {Error} where the system has no such call or no descriptor left.
 */
export function socketPair(): readonly [number, number] {
  const flags = FLAGS[Deno.build.os];
  if (flags === undefined) throw new Error(`socketpair is not known on ${Deno.build.os}`);
  opened ??= openCLibrary(SYMBOLS);
  const ends = new Int32Array(2);
  if (opened.socketpair(AF_UNIX, SOCK_STREAM | flags, 0, ends) !== 0) {
    throw new Error("socketpair failed: most likely no descriptor is left (ulimit -n)");
  }
  return [ends[0]!, ends[1]!];
}
