/**
 * Calls of Windows that a process makes on itself.
 *
 * @module
 */
import { wideString } from "./texts.ts";

const KERNEL32 = {
  GetCurrentProcess: { parameters: [], result: "pointer" /* HANDLE */ },
  TerminateProcess: {
    parameters: [
      "pointer", // HANDLE hProcess
      "u32", // UINT uExitCode
    ],
    result: "i32", // BOOL
  },
  SetConsoleOutputCP: {
    parameters: [
      "u32", // UINT wCodePageID
    ],
    result: "i32", // BOOL
  },
  CreateFileW: {
    parameters: [
      "buffer", // LPCWSTR lpFileName
      "u32", // DWORD dwDesiredAccess
      "u32", // DWORD dwShareMode
      "pointer", // LPSECURITY_ATTRIBUTES lpSecurityAttributes
      "u32", // DWORD dwCreationDisposition
      "u32", // DWORD dwFlagsAndAttributes
      "pointer", // HANDLE hTemplateFile
    ],
    result: "isize", // HANDLE
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** The C runtime that Python uses; its file descriptors are Python's. */
const UCRT = {
  _open_osfhandle: {
    parameters: [
      "isize", // intptr_t osfhandle
      "i32", // int flags
    ],
    result: "i32",
  },
  _dup2: {
    parameters: [
      "i32", // int fd1
      "i32", // int fd2
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const CP_UTF8 = 65001;
const FILE_APPEND_DATA = 0x0004;
const SYNCHRONIZE = 0x0010_0000;
/** Others may read, write, rename and delete the file meanwhile, as on POSIX. */
const FILE_SHARE_ALL = 0x7;
const OPEN_ALWAYS = 4;
const FILE_ATTRIBUTE_NORMAL = 0x80;
const INVALID_HANDLE_VALUE = -1n;
const _O_APPEND = 0x0008;
const _O_NOINHERIT = 0x0080;

/** Ends this process at once: no code of a library runs while other threads still use it. */
export function terminate(status: number): void {
  const { symbols } = Deno.dlopen("kernel32.dll", KERNEL32);
  symbols.TerminateProcess(symbols.GetCurrentProcess(), status);
}

/** Makes the console, if there is one, read what processes print as UTF-8. */
export function useUtf8Console(): void {
  const library = Deno.dlopen("kernel32.dll", KERNEL32);
  library.symbols.SetConsoleOutputCP(CP_UTF8);
  library.close();
}

/**
 * Opens a file for appending and makes it standard output and standard error of the C runtime, which Python uses. The
 * system itself appends each write, so that processes that share the file don't overwrite each other; the C runtime's own
 * way of appending does not do that.
 *
 * @returns the descriptor in the C runtime.
 * @throws {Error} where the file can't be opened.
 */
export function redirectRuntimeOutput(path: string): number {
  const kernel32 = Deno.dlopen("kernel32.dll", KERNEL32);
  // Never unloaded: the descriptors live in it.
  const ucrt = Deno.dlopen("ucrtbase.dll", UCRT);
  try {
    const handle = kernel32.symbols.CreateFileW(
      wideString(path, "windows"),
      FILE_APPEND_DATA | SYNCHRONIZE,
      FILE_SHARE_ALL,
      null,
      OPEN_ALWAYS,
      FILE_ATTRIBUTE_NORMAL,
      null,
    );
    const fd = handle === INVALID_HANDLE_VALUE
      ? -1
      : ucrt.symbols._open_osfhandle(handle, _O_APPEND | _O_NOINHERIT);
    if (fd < 0) throw new Error(`can't open the log file "${path}" for appending`);
    ucrt.symbols._dup2(fd, 1);
    ucrt.symbols._dup2(fd, 2);
    return fd;
  } finally {
    kernel32.close();
  }
}
