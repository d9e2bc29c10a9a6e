/**
 * What the FFI layer needs from the C library and, on Windows, from kernel32.
 *
 * @module
 */

/** `dlopen` and `dlerror` (dlopen(3)). */
export const loaderSymbols = {
  dlopen: {
    parameters: [
      "buffer", // const char *filename
      "i32", // int flags
    ],
    result: "pointer", // void *
  },
  dlerror: { parameters: [], result: "pointer" /* char * */ },
} as const satisfies Deno.ForeignLibraryInterface;

/** The one function of kernel32 that is needed to load a Python DLL. */
export const kernel32Symbols = {
  SetDllDirectoryW: { parameters: ["buffer" /* LPCWSTR lpPathName */], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The mode flags of `dlopen`, which differ by system (dlfcn.h). */
export interface LoaderFlags {
  /** Resolve every symbol at once. */
  readonly RTLD_NOW: number;
  /** Offer the library's symbols to libraries loaded later. */
  readonly RTLD_GLOBAL: number;
}

/** Where `dlopen` is found on a system, in the order to try, and its flags there. */
export interface Loader {
  readonly libraries: readonly string[];
  readonly flags: LoaderFlags;
}

/** The dynamic loader of a POSIX system; `undefined` for Windows. */
export function loaderOf(os: typeof Deno.build.os): Loader | undefined {
  switch (os) {
    case "windows":
      return undefined;
    case "darwin":
      return { libraries: ["libSystem.B.dylib"], flags: { RTLD_NOW: 2, RTLD_GLOBAL: 8 } };
    case "linux":
    case "android":
      // glibc before 2.34 has dlopen in a library of its own.
      return {
        libraries: ["libc.so.6", "libdl.so.2", "libc.so"],
        flags: { RTLD_NOW: 2, RTLD_GLOBAL: 0x100 },
      };
    default:
      return { libraries: ["libc.so"], flags: { RTLD_NOW: 2, RTLD_GLOBAL: 0x100 } };
  }
}
