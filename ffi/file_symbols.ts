/**
 * Functions of the C library that open and close files (open(2), close(2)).
 *
 * @module
 */

/** The variadic mode is left out, so the file must exist. */
export const FILE_SYMBOLS = {
  open: {
    parameters: [
      "buffer", // const char *pathname
      "i32", // int flags
    ],
    result: "i32",
  },
  close: { parameters: ["i32" /* int fd */], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;
