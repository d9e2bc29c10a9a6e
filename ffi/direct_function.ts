/**
 * The fastest way into Python: `callable(text: str) -> bytes`, for the requests of embedded mode with one thread.
 *
 * Sizes are declared `u32` although C says `Py_ssize_t`: a 64-bit number would be a bigint, an allocation a call. Both
 * x86-64 and arm64 pass them zero-extended in a 64-bit register, and no text here reaches 4 GiB.
 *
 * @module
 */
import type { Runtime } from "./runtime.ts";
import type { Pointer } from "./symbols.ts";
import { unwrap } from "./unwrap.ts";

const SYMBOLS = {
  PyUnicode_DecodeLatin1: {
    parameters: [
      "buffer", // const char *string
      "u32", // Py_ssize_t length
      "pointer", // const char *errors
    ],
    result: "pointer", // PyObject *
  },
  PyObject_CallFunctionObjArgs: {
    parameters: [
      "pointer", // PyObject *callable
      "pointer", // PyObject *argument
      "pointer", // NULL, the end of the arguments
    ],
    result: "pointer", // PyObject *
  },
  PyBytes_AsString: { parameters: ["pointer" /* PyObject *o */], result: "pointer" },
  PyBytes_Size: { parameters: ["pointer" /* PyObject *o */], result: "u32" },
  Py_DecRef: { parameters: ["pointer" /* PyObject *o */], result: "void" },
  // The C library's, which libpython is linked with: a tenth of the price of `Deno.UnsafePointerView.copyInto`.
  memcpy: {
    parameters: [
      "buffer", // void *dest
      "pointer", // const void *src
      "u32", // size_t n
    ],
    result: "void", // void *, not looked at
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** The smallest room for a result. */
const LEAST_ROOM = 4096;

/** A Python callable that takes one `str` and returns `bytes`. The GIL must be held when it is called. */
export class DirectFunction {
  /** What the last call returned, `output[0, size)`. */
  output = new Uint8Array(LEAST_ROOM);
  size = 0;
  #runtime: Runtime;
  #symbols: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
  #callable: Pointer;

  /** Takes a reference of its own to `callable`. `library` is the path of libpython. */
  constructor(runtime: Runtime, library: string, callable: Pointer) {
    this.#runtime = runtime;
    this.#symbols = Deno.dlopen(library, SYMBOLS).symbols;
    this.#callable = callable;
    runtime.symbols.Py_IncRef(callable);
  }

  /**
   * Calls the function with the ISO 8859-1 text `input[0, length)`. The bytes that it returns are `output[0, size)` until
   * the next call.
   *
   * @throws {PythonException} what the function raised.
   */
  call(input: Uint8Array<ArrayBuffer>, length: number): void {
    const symbols = this.#symbols;
    this.size = 0;
    const text = symbols.PyUnicode_DecodeLatin1(input, length, null);
    const result = symbols.PyObject_CallFunctionObjArgs(this.#callable, text, null);
    symbols.Py_DecRef(text);
    const bytes = unwrap(this.#runtime, result);
    const size = symbols.PyBytes_Size(bytes);
    if (size > 0) {
      if (size > this.output.length) this.output = new Uint8Array(Math.max(2 * size, LEAST_ROOM));
      symbols.memcpy(this.output, symbols.PyBytes_AsString(bytes), size);
    }
    symbols.Py_DecRef(bytes);
    this.size = size;
  }
}
