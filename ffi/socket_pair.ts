/**
 * `socketpair` of the POSIX C library, on Linux and macOS.
 *
 * @module
 */

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

/** The C library, and the flag that keeps the ends from being inherited by other programs; macOS has none. */
const SYSTEMS: Partial<Record<typeof Deno.build.os, readonly [library: string, flags: number]>> = {
  linux: ["libc.so.6", 0o2000000],
  darwin: ["libSystem.B.dylib", 0],
};

/**
 * Two connected Unix domain stream sockets: their descriptors, blocking. The caller owns both.
 *
 * @throws {Error} where the system has no such call or no descriptor left.
 */
export function socketPair(): readonly [number, number] {
  const system = SYSTEMS[Deno.build.os];
  if (system === undefined) throw new Error(`socketpair is not known on ${Deno.build.os}`);
  const [name, flags] = system;
  const library = Deno.dlopen(name, SYMBOLS);
  try {
    const ends = new Int32Array(2);
    if (library.symbols.socketpair(AF_UNIX, SOCK_STREAM | flags, 0, ends) !== 0) {
      throw new Error("socketpair failed: most likely no descriptor is left (ulimit -n)");
    }
    return [ends[0]!, ends[1]!];
  } finally {
    library.close();
  }
}
