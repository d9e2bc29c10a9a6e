/**
 * The fastest way into Python: `callable(text: str) -> bytes`, once for each request of embedded mode with one thread.
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
  PyEval_SaveThread: { parameters: [], result: "pointer" },
  PyEval_RestoreThread: { parameters: ["pointer" /* PyThreadState *tstate */], result: "void" },
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
} as const satisfies Deno.ForeignLibraryInterface;

/** A Python callable that takes one `str` and returns `bytes`. The GIL must not be held when it is called. */
export class DirectFunction {
  #runtime: Runtime;
  #symbols: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
  #callable: Pointer;
  /** Bytes of the last result: `output[DATA_START, DATA_START + length)`. */
  #output = new Uint8Array(256 * 1024);

  /** Takes a reference of its own to `callable`; the GIL must be held. `library` is the path of libpython. */
  constructor(runtime: Runtime, library: string, callable: Pointer) {
    this.#runtime = runtime;
    this.#symbols = Deno.dlopen(library, SYMBOLS).symbols;
    this.#callable = callable;
    runtime.symbols.Py_IncRef(callable);
  }

  /** The result of the last call. */
  get output(): Uint8Array {
    return this.#output;
  }

  /**
   * Calls the function with the ISO 8859-1 text `input[0, length)`.
   *
   * @returns how many bytes it returned; they are in `output`.
   * @throws {PythonException} what the function raised.
   */
  call(input: Uint8Array<ArrayBuffer>, length: number): number {
    const { gil } = this.#runtime;
    gil.acquire();
    try {
      return this.#call(input, length);
    } finally {
      gil.release();
    }
  }

  #call(input: Uint8Array<ArrayBuffer>, length: number): number {
    const symbols = this.#symbols;
    const text = symbols.PyUnicode_DecodeLatin1(input, length, null);
    const result = symbols.PyObject_CallFunctionObjArgs(this.#callable, text, null);
    symbols.Py_DecRef(text);
    const bytes = unwrap(this.#runtime, result);
    const size = symbols.PyBytes_Size(bytes);
    if (size > this.#output.length) this.#output = new Uint8Array(size * 2);
    if (size > 0) {
      const start = symbols.PyBytes_AsString(bytes)!;
      Deno.UnsafePointerView.copyInto(
        start,
        this.#output.subarray(0, size) as Uint8Array<ArrayBuffer>,
      );
    }
    symbols.Py_DecRef(bytes);
    return size;
  }
}
