/**
 * Opens the C library of a POSIX system, and reads `errno`.
 *
 * @module
 */

/** Names of the C library on a system, in the order to try; the only place that has them. */
function namesOf(os: typeof Deno.build.os): readonly string[] {
  switch (os) {
    case "windows":
      return [];
    case "darwin":
      return ["libSystem.B.dylib"];
    default:
      return [
        "libc.so.6",
        // glibc before 2.34 has `dlopen` in this one, which has all of libc.so.6 too.
        "libdl.so.2",
        "libc.musl-x86_64.so.1",
        "libc.musl-aarch64.so.1",
        "libc.so",
      ];
  }
}

/** Where a thread's `errno` is, under the name it has on each system, and its text. */
const ERRNO_SYMBOLS = {
  __errno_location: { parameters: [], result: "pointer", /* int * */ optional: true },
  __error: { parameters: [], result: "pointer", /* int * */ optional: true },
  strerror: { parameters: ["i32" /* int errnum */], result: "pointer" /* char * */ },
} as const satisfies Deno.ForeignLibraryInterface;

/** A system call that failed. */
export interface SystemFailure {
  /** `1` for EPERM. */
  readonly errno: number;
  /** The system's words, such as `Operation not permitted`. */
  readonly text: string;
}

/**
 * The functions of `symbols` in the C library; the library is never unloaded.
 *
 * @throws {Error} where there is none, or it lacks one of them.
 */
export function openCLibrary<const Symbols extends Deno.ForeignLibraryInterface>(
  symbols: Symbols,
): Deno.DynamicLibrary<Symbols>["symbols"] {
  let first: unknown;
  for (const name of namesOf(Deno.build.os)) {
    try {
      return Deno.dlopen(name, symbols).symbols;
    } catch (error) {
      first ??= error;
    }
  }
  throw new Error(`can't open the C library: ${first ?? `${Deno.build.os} has none`}`);
}

let errnoCalls: Deno.DynamicLibrary<typeof ERRNO_SYMBOLS>["symbols"] | undefined;
let errnoView: Deno.UnsafePointerView | undefined;

/**
 * Runs a C function that gives 0, or −1 and an `errno`.
 *
 * @returns why it failed; undefined when it did not.
 */
export function failureOf(call: () => number): SystemFailure | undefined {
  // Where errno is must be known before: looking for it may itself change it.
  errnoCalls ??= openCLibrary(ERRNO_SYMBOLS);
  errnoView ??= new Deno.UnsafePointerView(
    (errnoCalls.__errno_location?.() ?? errnoCalls.__error?.())!,
  );
  if (call() === 0) return undefined;
  const errno = errnoView.getInt32();
  const text = errnoCalls.strerror(errno);
  return {
    errno,
    text: text === null ? `errno ${errno}` : Deno.UnsafePointerView.getCString(text),
  };
}
