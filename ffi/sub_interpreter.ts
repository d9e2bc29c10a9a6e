/**
 * Sub-interpreters: further interpreters in the same process, with modules of their own.
 * https://docs.python.org/3/c-api/init.html#sub-interpreter-support
 *
 * @module
 */
import type { Interpreter } from "./interpreter.ts";
import type { Pointer } from "./symbols.ts";

/** One sub-interpreter. It shares the GIL with the main one. */
export class SubInterpreter {
  readonly #interpreter: Interpreter;
  #state: Pointer | null;

  private constructor(interpreter: Interpreter, state: Pointer) {
    this.#interpreter = interpreter;
    this.#state = state;
  }

  /**
   * `Py_NewInterpreter`, then runs `firstCode` in it.
   *
   * @throws {Error} when it can't be made.
   * @throws {PythonException} what `firstCode` raised.
   */
  static start(interpreter: Interpreter, firstCode: string): SubInterpreter {
    const { gil, symbols } = interpreter.runtime;
    return gil.with(() => {
      const main = symbols.PyThreadState_Get();
      const state = symbols.Py_NewInterpreter();
      symbols.PyThreadState_Swap(main);
      if (state === null) throw new Error("A Python sub-interpreter can't be made");
      const sub = new SubInterpreter(interpreter, state);
      sub.with(() => interpreter.run(firstCode, "<wsgi-express start>").release());
      return sub;
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

  /** `Py_EndInterpreter`: joins its threads, runs its `atexit` functions. Does nothing a second time. */
  end(): void {
    const { gil, symbols } = this.#interpreter.runtime;
    const state = this.#state;
    if (state === null) return;
    this.#state = null;
    gil.with(() => {
      const before = symbols.PyThreadState_Swap(state);
      symbols.Py_EndInterpreter(state);
      symbols.PyThreadState_Swap(before);
    });
  }
}
