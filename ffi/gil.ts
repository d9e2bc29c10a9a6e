/**
 * Who holds the GIL: the calls of the thread that runs JavaScript.
 *
 * Waiting for the GIL blocks the event loop: a busy Python thread keeps it for up to its switch
 * interval (5 ms) at a time. While Python threads work, hold it rarely and never wait with it.
 *
 * @module
 */
import type { Pointer, PythonSymbols } from "./symbols.ts";

/** The GIL as the initialising thread sees it. That thread holds it after the interpreter's start. */
export class Gil {
  readonly #symbols: Pick<PythonSymbols, "PyEval_SaveThread" | "PyEval_RestoreThread">;
  #saved: Pointer | null = null;
  #ended = false;

  constructor(symbols: Pick<PythonSymbols, "PyEval_SaveThread" | "PyEval_RestoreThread">) {
    this.#symbols = symbols;
  }

  /** Whether this thread holds the GIL now. */
  get held(): boolean {
    return this.#saved === null && !this.#ended;
  }

  /** Whether the interpreter has been finalized: nothing of Python may be called any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Takes the GIL; waits, and blocks the event loop, while another thread has it.
   *
   * @throws {Error} when this thread holds it already or the interpreter has ended.
   */
  acquire(): void {
    if (this.#ended) throw new Error("The Python interpreter has been finalized");
    if (this.#saved === null) throw new Error("The GIL is held already");
    this.#symbols.PyEval_RestoreThread(this.#saved);
    this.#saved = null;
  }

  /**
   * Lets other Python threads run.
   *
   * @throws {Error} when this thread does not hold the GIL.
   */
  release(): void {
    if (!this.held) throw new Error("The GIL is not held");
    this.#saved = this.#symbols.PyEval_SaveThread();
  }

  /** Runs `action` with the GIL, and leaves the GIL as it was: a nested call takes nothing. */
  with<T>(action: () => T): T {
    if (this.held) return action();
    this.acquire();
    try {
      return action();
    } finally {
      this.release();
    }
  }

  /** Marks the interpreter as finalized. */
  end(): void {
    this.#ended = true;
  }
}
