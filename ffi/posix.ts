/**
 * Calls of the POSIX C library that an application process makes on itself.
 *
 * @module
 */
import { prepareForAppending } from "./append_file.ts";
import { openCLibrary } from "./c_library.ts";

const SYMBOLS = {
  open: {
    parameters: [
      "buffer", // const char *pathname
      "i32", // int flags; the variadic mode is left out, so the file must exist
    ],
    result: "i32",
  },
  dup2: {
    parameters: [
      "i32", // int oldfd
      "i32", // int newfd
    ],
    result: "i32",
  },
  _exit: {
    parameters: [
      "i32", // int status
    ],
    result: "void",
  },
} as const satisfies Deno.ForeignLibraryInterface;

type PosixCalls = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** `O_WRONLY | O_APPEND | O_CLOEXEC` (`<fcntl.h>`). */
const APPEND_FLAGS: Partial<Record<typeof Deno.build.os, number>> = {
  linux: 0o1 | 0o2000 | 0o2000000,
  darwin: 0x1 | 0x8 | 0x1000000,
};

/** `O_NOFOLLOW`. */
const NO_FOLLOW = Deno.build.os === "darwin"
  ? 0x100
  : Deno.build.arch === "aarch64"
  ? 0o100000
  : 0o400000;

let opened: PosixCalls | undefined;

const calls = () => opened ??= openCLibrary(SYMBOLS);

/**
 * Opens a file for appending and makes it this process's standard output and standard error, so that what native code
 * prints arrives there too.
 *
 * @returns the descriptor, or undefined on a system whose flags are not known.
 * @throws {Error} where the file can't be opened.
 */
export function redirectOutput(path: string): number | undefined {
  const flags = APPEND_FLAGS[Deno.build.os];
  if (flags === undefined) return undefined;
  const posix = calls();
  const follow = prepareForAppending(path);
  const fd = posix.open(new TextEncoder().encode(path + "\0"), follow ? flags : flags | NO_FOLLOW);
  if (fd < 0) throw new Error(`can't open the log file "${path}" for appending`);
  posix.dup2(fd, 1);
  posix.dup2(fd, 2);
  return fd;
}

/** Ends the process at once: no cleanup of the C library runs while other threads still use it. */
export function exitNow(status: number): never {
  calls()._exit(status);
  Deno.exit(status);
}
