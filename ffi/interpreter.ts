/**
 * The Python interpreter of this process: start, running code, calling functions, end.
 *
 * @module
 */
import { initialize } from "./configuration.ts";
import type { PythonInfo } from "./discovery/info.ts";
import { openPythonLibrary } from "./library.ts";
import { Reference, Scope } from "./references.ts";
import { createRuntime, type LeakListener, type Runtime } from "./runtime.ts";
import { SubInterpreter, type SubInterpreterGil } from "./sub_interpreter.ts";
import type { Pointer } from "./symbols.ts";
import { cString, newPythonText, readPythonText } from "./texts.ts";
import { unwrap, unwrapStatus } from "./unwrap.ts";

/** How to start the interpreter. */
export interface StartOptions {
  /** Python's UTF-8 mode (PEP 540). By default on Windows only; elsewhere the locale decides. */
  readonly utf8?: boolean;
  /** More options of the `python` command: `["-X", "dev", "-W", "error"]`. */
  readonly pythonOptions?: readonly string[];
  /** `sys.argv`; `[""]` by default. */
  readonly argv?: readonly string[];
  /** Told of references that were never released; by default a warning on the console. */
  readonly onLeak?: LeakListener;
}

/**
 * What must be done at once on the initialising thread. `threading` takes the thread that imports
 * it first for the main thread. Importing `signal` sets Python's SIGINT handler wherever none is
 * set, whatever `install_signal_handlers` says: it is taken back, as signals are not Python's here.
 */
export const FIRST_CODE = `\
import signal
import threading

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
`;

/** `PyBUF_WRITE` of CPython's object.h. */
const WRITABLE = 0x200;

let started = false;

/**
 * The interpreter. Its methods take the GIL where this thread does not hold it, and block the event
 * loop while they wait for it; after the start it is held.
 */
export class Interpreter {
  /** The Python that runs. */
  readonly python: PythonInfo;
  /** Symbols and GIL, for code that calls the C API itself. */
  readonly runtime: Runtime;

  private constructor(python: PythonInfo, runtime: Runtime) {
    this.python = python;
    this.runtime = runtime;
  }

  /**
   * Loads libpython and starts the interpreter, once per process. The calling thread is Python's
   * main thread and holds the GIL afterwards. Python's signal handlers are not installed.
   *
   * @throws {PythonNotUsableError} when the library can't be loaded or the interpreter can't start.
   * @throws {Error} the second time.
   */
  static start(python: PythonInfo, options: StartOptions = {}): Interpreter {
    if (started) throw new Error("A Python interpreter was started in this process before");
    started = true;
    // Python's launchers on macOS and Windows leave it behind, and CPython reads it on every system since 3.11: it would name
    // another environment.
    Deno.env.delete("__PYVENV_LAUNCHER__");
    const runtime = createRuntime(openPythonLibrary(python), options.onLeak);
    const utf8 = options.utf8 ?? Deno.build.os === "windows";
    initialize(runtime.symbols, python, [
      ...(utf8 ? ["-X", "utf8"] : []),
      ...(options.pythonOptions ?? []),
    ]);
    const interpreter = new Interpreter(python, runtime);
    interpreter.run(FIRST_CODE, "<wsgi-express start>").release();
    if (options.argv !== undefined) interpreter.setArgv(options.argv);
    return interpreter;
  }

  /**
   * Executes source text as a module of its own and gives that module.
   *
   * @param source Python source.
   * @param filename what tracebacks and `__file__` show.
   * @param moduleName `__name__`; with one, the module is also entered in `sys.modules`.
   * @throws {PythonException} when the source does not compile or raises.
   */
  run(source: string, filename: string, moduleName?: string): Reference {
    return this.#held((scope) => {
      const { symbols } = this.runtime;
      const file = scope.own(this.#text(filename));
      const module = unwrap(
        this.runtime,
        symbols.PyModule_NewObject(scope.own(this.#text(moduleName ?? "__embedded__"))),
      );
      const reference = new Reference(this.runtime, module, `module ${moduleName ?? filename}`);
      try {
        const globals = unwrap(this.runtime, symbols.PyModule_GetDict(module));
        const builtins = scope.own(this.#import("builtins"));
        this.#setItem(globals, "__builtins__", builtins);
        this.#setItem(globals, "__file__", file);
        const compile = scope.own(this.#attribute(builtins, "compile"));
        const code = scope.own(
          this.#call(compile, [this.#text(source), this.#borrow(file), this.#text("exec")]),
        );
        if (moduleName === undefined) this.#evaluate(scope, code, globals);
        else this.#evaluateAs(moduleName, module, () => this.#evaluate(scope, code, globals));
        return reference;
      } catch (error) {
        reference.release();
        throw error;
      }
    });
  }

  /**
   * Imports a module by its absolute name; `"a.b"` gives `a.b` itself.
   *
   * @throws {PythonException}
   */
  import(name: string): Reference {
    return this.#held(() => new Reference(this.runtime, this.#import(name), `module ${name}`));
  }

  /**
   * `getattr(object, name)`.
   *
   * @throws {PythonException}
   */
  attribute(object: Reference, name: string): Reference {
    return this.#held(() =>
      new Reference(this.runtime, this.#attribute(object.pointer, name), `attribute ${name}`)
    );
  }

  /**
   * Calls `callable(*texts)` and gives the `str` it returns; `""` for `None`.
   *
   * @throws {PythonException} what the callable raised; `TypeError` when it returned anything else.
   */
  call(callable: Reference, ...texts: readonly string[]): string {
    return this.#held((scope) => {
      const { symbols } = this.runtime;
      const result = scope.own(
        this.#call(callable.pointer, texts.map((text) => this.#text(text))),
      );
      if (Deno.UnsafePointer.equals(result, symbols._Py_NoneStruct)) return "";
      return readPythonText(symbols, result) ?? this.#raise();
    });
  }

  /**
   * Sets an attribute of a module to a writable `memoryview` of `bytes`, which must never be garbage-collected.
   *
   * @throws {PythonException}
   */
  shareMemory(module: Reference, name: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#held((scope) => {
      const { symbols } = this.runtime;
      const view = scope.own(unwrap(
        this.runtime,
        symbols.PyMemoryView_FromMemory(
          Deno.UnsafePointer.of(bytes),
          BigInt(bytes.length),
          WRITABLE,
        ),
      ));
      this.#setItem(unwrap(this.runtime, symbols.PyModule_GetDict(module.pointer)), name, view);
    });
  }

  /** Sets `sys.argv`. */
  setArgv(argv: readonly string[]): void {
    this.#held((scope) => {
      const { symbols } = this.runtime;
      const list = scope.own(unwrap(this.runtime, symbols.PyList_New(0n)));
      for (const text of argv) {
        unwrapStatus(this.runtime, symbols.PyList_Append(list, scope.own(this.#text(text))));
      }
      unwrapStatus(this.runtime, symbols.PySys_SetObject(cString("argv"), list));
    });
  }

  /**
   * Runs Python's handlers of the signals that have come (`PyErr_CheckSignals`). Only the
   * initialising thread can.
   *
   * @throws {PythonException} what a handler raised.
   */
  checkSignals(): void {
    this.#held(() => unwrapStatus(this.runtime, this.runtime.symbols.PyErr_CheckSignals()));
  }

  /** Lets other Python threads run; see {@linkcode Gil.release}. */
  releaseGil(): void {
    this.runtime.gil.release();
  }

  /**
   * Starts a sub-interpreter with `threading` and `signal` imported.
   *
   * @throws {PythonNotUsableError} when this Python can't make one of that kind.
   */
  newSubInterpreter(gil: SubInterpreterGil = "shared"): SubInterpreter {
    return SubInterpreter.start(this, FIRST_CODE, gil);
  }

  /**
   * Ends the interpreter: waits for non-daemon threads, runs `atexit` functions, flushes the
   * standard streams. Nothing of Python may be used afterwards. Every sub-interpreter must have
   * ended before.
   *
   * @returns 0, or -1 when flushing failed (`Py_FinalizeEx`).
   */
  finalize(): number {
    const { gil, symbols } = this.runtime;
    if (gil.ended) throw new Error("The Python interpreter has been finalized");
    if (!gil.held) gil.acquire();
    const status = symbols.Py_FinalizeEx();
    gil.end();
    return status;
  }

  #held<T>(action: (scope: Scope) => T): T {
    return this.runtime.gil.with(() => {
      using scope = new Scope(this.runtime.symbols);
      return action(scope);
    });
  }

  /** A new `str`, owned by the caller. */
  #text(text: string): Pointer {
    return unwrap(this.runtime, newPythonText(this.runtime.symbols, text));
  }

  #import(name: string): Pointer {
    return unwrap(this.runtime, this.runtime.symbols.PyImport_ImportModule(cString(name)));
  }

  #attribute(object: Pointer, name: string): Pointer {
    return unwrap(this.runtime, this.runtime.symbols.PyObject_GetAttrString(object, cString(name)));
  }

  #borrow(object: Pointer): Pointer {
    this.runtime.symbols.Py_IncRef(object);
    return object;
  }

  /** Calls with arguments that the call takes over; the result is owned by the caller. */
  #call(callable: Pointer, arguments_: readonly Pointer[]): Pointer {
    const { symbols } = this.runtime;
    using scope = new Scope(symbols);
    const tuple = scope.own(unwrap(this.runtime, symbols.PyTuple_New(BigInt(arguments_.length))));
    arguments_.forEach((argument, index) =>
      unwrapStatus(this.runtime, symbols.PyTuple_SetItem(tuple, BigInt(index), argument))
    );
    return unwrap(this.runtime, symbols.PyObject_CallObject(callable, tuple));
  }

  #setItem(dict: Pointer, key: string, value: Pointer): void {
    const { symbols } = this.runtime;
    unwrapStatus(this.runtime, symbols.PyDict_SetItemString(dict, cString(key), value));
  }

  #evaluate(scope: Scope, code: Pointer, globals: Pointer): void {
    const { symbols } = this.runtime;
    scope.own(unwrap(this.runtime, symbols.PyEval_EvalCode(code, globals, globals)));
  }

  /** The module is in `sys.modules` while its code runs, and taken out again if that raises. */
  #evaluateAs(name: string, module: Pointer, evaluate: () => void): void {
    const { symbols } = this.runtime;
    const modules = unwrap(this.runtime, symbols.PyImport_GetModuleDict());
    this.#setItem(modules, name, module);
    try {
      evaluate();
    } catch (error) {
      if (symbols.PyDict_DelItemString(modules, cString(name)) < 0) symbols.PyErr_Clear();
      throw error;
    }
  }

  #raise(): never {
    unwrap(this.runtime, null);
    throw new Error("unreachable");
  }
}
