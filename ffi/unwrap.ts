/**
 * The one place where a failed call of the C API becomes a {@linkcode PythonException}.
 *
 * @module
 */
import { type ExceptionTexts, PythonException } from "./errors.ts";
import { Scope } from "./references.ts";
import type { Runtime } from "./runtime.ts";
import type { Pointer, PythonSymbols } from "./symbols.ts";
import { cString, newPythonText, readPythonText } from "./texts.ts";

/**
 * Passes the result of a call on. NULL, the C API's sign of an exception, is thrown as that
 * exception, which must be done at the call that raised it and with the GIL held.
 *
 * @throws {PythonException}
 */
export function unwrap(runtime: Pick<Runtime, "symbols">, result: Pointer | null): Pointer {
  if (result === null) throw takePythonException(runtime.symbols);
  return result;
}

/** The same as {@linkcode unwrap} for calls that return 0, or -1 for an exception. */
export function unwrapStatus(runtime: Pick<Runtime, "symbols">, status: number): void {
  if (status < 0) throw takePythonException(runtime.symbols);
}

/** The pending Python exception as a TypeScript error; it is pending no more. */
export function takePythonException(symbols: PythonSymbols): PythonException {
  using scope = new Scope(symbols);
  const exception = scope.own(takeRaised(symbols));
  if (exception === null) {
    return new PythonException({
      type: "SystemError",
      message: "a call failed without setting an exception",
      traceback: "SystemError: a call failed without setting an exception\n",
    });
  }
  return new PythonException(describe(symbols, exception));
}

/** The raised exception itself, normalised and with its traceback, as an owned reference. */
function takeRaised(symbols: PythonSymbols): Pointer | null {
  if (symbols.PyErr_GetRaisedException !== null) return symbols.PyErr_GetRaisedException();
  // One block: type, value, traceback. Long enough for V8 not to move it.
  const slots = new BigUint64Array(64);
  const arguments_ = [slots.subarray(0, 1), slots.subarray(1, 2), slots.subarray(2, 3)] as const;
  symbols.PyErr_Fetch?.(...arguments_);
  if (slots[0] === 0n) return null;
  symbols.PyErr_NormalizeException?.(...arguments_);
  using scope = new Scope(symbols);
  scope.own(Deno.UnsafePointer.create(slots[0] ?? 0n));
  const value = Deno.UnsafePointer.create(slots[1] ?? 0n);
  const traceback = scope.own(Deno.UnsafePointer.create(slots[2] ?? 0n));
  if (value !== null && traceback !== null) symbols.PyException_SetTraceback(value, traceback);
  return value;
}

function describe(symbols: PythonSymbols, exception: Pointer): ExceptionTexts {
  using scope = new Scope(symbols);
  const type = scope.own(symbols.PyObject_Type(exception));
  const typeText = type === null ? "Exception" : typeName(symbols, type);
  const message = textOf(symbols, scope.own(symbols.PyObject_Str(exception))) ?? "";
  const traceback = type === null ? undefined : format(symbols, type, exception);
  symbols.PyErr_Clear();
  return {
    type: typeText,
    message,
    traceback: traceback ?? `${typeText}${message === "" ? "" : `: ${message}`}\n`,
  };
}

function typeName(symbols: PythonSymbols, type: Pointer): string {
  using scope = new Scope(symbols);
  const text = (name: string) =>
    textOf(symbols, scope.own(symbols.PyObject_GetAttrString(type, cString(name))));
  const name = text("__qualname__") ?? "Exception";
  const module = text("__module__") ?? "builtins";
  return module === "builtins" || module === "__main__" ? name : `${module}.${name}`;
}

/** `"".join(traceback.format_exception(type, exception, exception.__traceback__))` */
function format(symbols: PythonSymbols, type: Pointer, exception: Pointer): string | undefined {
  using scope = new Scope(symbols);
  const module = scope.own(symbols.PyImport_ImportModule(cString("traceback")));
  if (module === null) return undefined;
  const format = scope.own(symbols.PyObject_GetAttrString(module, cString("format_exception")));
  const arguments_ = scope.own(symbols.PyTuple_New(3n));
  if (format === null || arguments_ === null) return undefined;
  let traceback = symbols.PyException_GetTraceback(exception);
  if (traceback === null) {
    traceback = symbols._Py_NoneStruct;
    symbols.Py_IncRef(traceback);
  }
  symbols.Py_IncRef(type);
  symbols.Py_IncRef(exception);
  [type, exception, traceback].forEach((item, index) =>
    symbols.PyTuple_SetItem(arguments_, BigInt(index), item)
  );
  const lines = scope.own(symbols.PyObject_CallObject(format, arguments_));
  const nothing = scope.own(newPythonText(symbols, ""));
  if (lines === null || nothing === null) return undefined;
  return textOf(symbols, scope.own(symbols.PyUnicode_Join(nothing, lines)));
}

/** A borrowed `str`'s text; what fails here must not hide the exception that is described. */
function textOf(symbols: PythonSymbols, object: Pointer | null): string | undefined {
  const text = object === null ? undefined : readPythonText(symbols, object);
  if (text === undefined) symbols.PyErr_Clear();
  return text;
}
