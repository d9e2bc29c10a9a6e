/**
 * The fast way into Python: `callable(bytes) -> bytes`, called many times.
 *
 * @module
 */
import type { Runtime } from "./runtime.ts";
import type { Pointer } from "./symbols.ts";
import { orNotNull } from "./texts.ts";
import { unwrap, unwrapStatus } from "./unwrap.ts";

/** A Python callable that takes one `bytes` and returns `bytes`. Nine calls of the C API a time. */
export class BinaryFunction implements Disposable {
  readonly #runtime: Runtime;
  #callable: Pointer | null;
  #output = new Uint8Array(64 * 1024);

  /** Takes a reference of its own to `callable`; the GIL must be held. */
  constructor(runtime: Runtime, callable: Pointer) {
    this.#runtime = runtime;
    this.#callable = callable;
    runtime.symbols.Py_IncRef(callable);
    runtime.alarm.watch(this, "binary function");
  }

  /**
   * Calls the function, taking the GIL for the call where it isn't held.
   *
   * @param input copied into the `bytes` that the function gets.
   * @returns the bytes it returned, in a buffer that the next call overwrites.
   * @throws {PythonException} what the function raised; `TypeError` when it returned no `bytes`.
   */
  call(input: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const { gil } = this.#runtime;
    if (gil.held) return this.#call(input);
    gil.acquire();
    try {
      return this.#call(input);
    } finally {
      gil.release();
    }
  }

  /** Gives the callable up. Does nothing a second time, or after the interpreter's end. */
  release(): void {
    const callable = this.#callable;
    if (callable === null) return;
    this.#callable = null;
    const { alarm, gil, symbols } = this.#runtime;
    alarm.forget(this);
    if (!gil.ended) gil.with(() => symbols.Py_DecRef(callable));
  }

  /** The same as {@linkcode release}, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }

  #call(input: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const runtime = this.#runtime;
    const { symbols } = runtime;
    if (this.#callable === null) throw new Error("The binary function has been released");
    const argument = unwrap(
      runtime,
      symbols.PyBytes_FromStringAndSize(orNotNull(input), BigInt(input.length)),
    );
    const result = unwrap(runtime, this.#callOneArgument(this.#callable, argument));
    try {
      const start = unwrap(runtime, symbols.PyBytes_AsString(result));
      const length = Number(symbols.PyBytes_Size(result));
      if (length > this.#output.length) this.#output = new Uint8Array(length * 2);
      const output = this.#output.subarray(0, length);
      if (length > 0) Deno.UnsafePointerView.copyInto(start, output);
      return output;
    } finally {
      symbols.Py_DecRef(result);
    }
  }

  /** `callable(argument)`; takes `argument` over. */
  #callOneArgument(callable: Pointer, argument: Pointer): Pointer | null {
    const { symbols } = this.#runtime;
    if (symbols.PyObject_CallOneArg !== null) {
      const result = symbols.PyObject_CallOneArg(callable, argument);
      symbols.Py_DecRef(argument);
      return result;
    }
    const tuple = unwrap(this.#runtime, symbols.PyTuple_New(1n));
    unwrapStatus(this.#runtime, symbols.PyTuple_SetItem(tuple, 0n, argument));
    const result = symbols.PyObject_CallObject(callable, tuple);
    symbols.Py_DecRef(tuple);
    return result;
  }
}
