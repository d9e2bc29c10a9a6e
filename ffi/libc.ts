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

/** The flags of a POSIX system; `undefined` for Windows. */
export function loaderFlags(os: typeof Deno.build.os): LoaderFlags | undefined {
  if (os === "windows") return undefined;
  return { RTLD_NOW: 2, RTLD_GLOBAL: os === "darwin" ? 8 : 0x100 };
}
