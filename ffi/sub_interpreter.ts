/**
 * Sub-interpreters: further interpreters in the same process, with modules of their own.
 * https://docs.python.org/3/c-api/init.html#sub-interpreter-support
 *
 * @module
 */
import type { PythonInfo } from "./discovery/info.ts";
import { PythonNotUsableError } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import type { Pointer } from "./symbols.ts";
import { readCString } from "./texts.ts";

/** Whether a sub-interpreter has a GIL of its own (3.12 and later, PEP 684) or uses the main one's. */
export type SubInterpreterGil = "shared" | "own";

/**
 * `PyInterpreterConfig` of an interpreter with its own GIL: as isolated as that needs, otherwise
 * like an ordinary one. https://docs.python.org/3/c-api/init.html#c.PyInterpreterConfig
 */
const OWN_GIL_CONFIG = new Int32Array([
  0, // int use_main_obmalloc
  1, // int allow_fork
  1, // int allow_exec
  1, // int allow_threads
  1, // int allow_daemon_threads
  1, // int check_multi_interp_extensions
  2, // int gil: PyInterpreterConfig_OWN_GIL
]);

/**
 * What `Py_EndInterpreter` does first, done while threads may still be waited for: it ends the whole
 * process when a thread is left. `threading` is told once only, as it takes no second time.
 */
const LAST_CODE = `\
import atexit
import threading

threading._shutdown()
threading._shutdown = lambda: None
atexit._run_exitfuncs()
`;

/** A thread that has returned from Python takes a moment to leave the interpreter. */
const LEAVING_MS = 300;

/** One sub-interpreter. */
export class SubInterpreter {
  readonly gil: SubInterpreterGil;
  readonly #interpreter: Interpreter;
  #state: Pointer | null;

  private constructor(interpreter: Interpreter, state: Pointer, gil: SubInterpreterGil) {
    this.#interpreter = interpreter;
    this.#state = state;
    this.gil = gil;
  }

  /**
   * Makes it, then runs `firstCode` in it.
   *
   * @throws {PythonNotUsableError} when it can't be made.
   * @throws {PythonException} what `firstCode` raised.
   */
  static start(
    interpreter: Interpreter,
    firstCode: string,
    gilKind: SubInterpreterGil,
  ): SubInterpreter {
    const { gil, symbols } = interpreter.runtime;
    return gil.with(() => {
      const main = symbols.PyThreadState_Get();
      try {
        const state = gilKind === "own" ? newWithOwnGil(interpreter) : symbols.Py_NewInterpreter();
        if (state === null) throw cannotMake(interpreter.python, "Py_NewInterpreter failed");
        symbols.PyThreadState_Swap(main);
        const sub = new SubInterpreter(interpreter, state, gilKind);
        sub.with(() => interpreter.run(firstCode, "<wsgi-express start>").release());
        return sub;
      } finally {
        symbols.PyThreadState_Swap(main);
      }
    });
  }

  /**
   * Runs `action` with the GIL and in this interpreter: the {@linkcode Interpreter}'s methods then
   * work on it. References made inside must be released inside.
   *
   * @throws {Error} when it has ended.
   */
  with<T>(action: () => T): T {
    const { gil, symbols } = this.#interpreter.runtime;
    const state = this.#state;
    if (state === null) throw new Error("The Python sub-interpreter has ended");
    return gil.with(() => {
      const before = symbols.PyThreadState_Swap(state);
      try {
        return action();
      } finally {
        symbols.PyThreadState_Swap(before);
      }
    });
  }

  /**
   * Waits for its threads that are no daemons, runs its `atexit` functions and ends it
   * (`Py_EndInterpreter`). Does nothing a second time.
   *
   * @returns false when daemon threads of it go on: CPython can't end it then, and it stays as it
   * is. All the rest has been done.
   * @throws {PythonException} when a function of `threading` or `atexit` left an exception.
   */
  end(): boolean {
    if (this.#state === null) return true;
    this.with(() => this.#interpreter.run(LAST_CODE, "<wsgi-express end>").release());
    if (!this.#waitForThreads()) return false;
    const { gil, symbols } = this.#interpreter.runtime;
    const state = this.#state;
    this.#state = null;
    gil.with(() => {
      const before = symbols.PyThreadState_Swap(state);
      symbols.Py_EndInterpreter(state);
      symbols.PyThreadState_Swap(before);
    });
    return true;
  }

  #waitForThreads(): boolean {
    const end = performance.now() + LEAVING_MS;
    while (!this.with(() => this.#alone())) {
      if (performance.now() > end) return false;
      // Sleeps without the GIL, which the threads need for leaving.
      this.with(() =>
        this.#interpreter.run("import time; time.sleep(0.001)", "<wsgi-express end>").release()
      );
    }
    return true;
  }

  /** Whether no thread but this one has a state in it. */
  #alone(): boolean {
    const { symbols } = this.#interpreter.runtime;
    for (
      let each = symbols.PyInterpreterState_Head();
      each !== null;
      each = symbols.PyInterpreterState_Next(each)
    ) {
      let found = false;
      let count = 0;
      for (
        let thread = symbols.PyInterpreterState_ThreadHead(each);
        thread !== null;
        thread = symbols.PyThreadState_Next(thread)
      ) {
        count++;
        found ||= Deno.UnsafePointer.equals(thread, this.#state);
      }
      if (found) return count === 1;
    }
    return false;
  }
}

/**
 * Whether a sub-interpreter of this Python can have a GIL of its own.
 *
 * @throws {PythonNotUsableError} where it can't.
 */
export function requireOwnGil(python: PythonInfo): void {
  const [major, minor] = python.versionNumbers;
  if (major === 3 && minor < 12) throw noOwnGil(python);
}

function newWithOwnGil({ python, runtime }: Interpreter): Pointer | null {
  requireOwnGil(python);
  const create = runtime.symbols.Py_NewInterpreterFromConfig;
  if (create === null) throw noOwnGil(python);
  const state = new BigUint64Array(1);
  const status = create(new Uint8Array(state.buffer), new Uint8Array(OWN_GIL_CONFIG.buffer));
  const view = new DataView(status.buffer, status.byteOffset, status.byteLength);
  if (view.getInt32(0, true) !== 0) {
    const message = Deno.UnsafePointer.create(view.getBigUint64(16, true));
    throw cannotMake(python, readCString(message));
  }
  return Deno.UnsafePointer.create(state[0]!);
}

function noOwnGil(python: PythonInfo): PythonNotUsableError {
  return cannotMake(python, "a GIL of its own needs CPython 3.12 or later");
}

function cannotMake(python: PythonInfo, reason: string): PythonNotUsableError {
  return new PythonNotUsableError(
    `Python ${python.version} ("${python.executable}") can't make the sub-interpreter asked for: ` +
      reason,
  );
}
