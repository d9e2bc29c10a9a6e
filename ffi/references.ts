/**
 * Ownership of Python objects: whoever has a {@linkcode Reference} releases it, once.
 *
 * @module
 */
import type { Runtime } from "./runtime.ts";
import type { Pointer, PythonSymbols } from "./symbols.ts";

/** An owned (strong) reference to a Python object. */
export class Reference implements Disposable {
  readonly #runtime: Runtime;
  readonly #subject: string;
  #pointer: Pointer | null;

  /** Takes over a reference that the caller owns; `subject` names it in errors and in the alarm. */
  constructor(runtime: Runtime, pointer: Pointer, subject: string) {
    this.#runtime = runtime;
    this.#pointer = pointer;
    this.#subject = subject;
    runtime.alarm.watch(this, subject);
  }

  /**
   * The object's address, borrowed: valid until {@linkcode release}.
   *
   * @throws {Error} when released already.
   */
  get pointer(): Pointer {
    if (this.#pointer === null) throw new Error(`"${this.#subject}" has been released`);
    return this.#pointer;
  }

  /** Gives the reference up. Takes the GIL where needed; does nothing a second time, or after the interpreter's end. */
  release(): void {
    const pointer = this.#pointer;
    if (pointer === null) return;
    this.#pointer = null;
    this.#runtime.alarm.forget(this);
    const { gil, symbols } = this.#runtime;
    if (!gil.ended) gil.with(() => symbols.Py_DecRef(pointer));
  }

  /** The same as {@linkcode release}, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }
}

/** Owned references of one block of code that holds the GIL; all released at its end (`using`). */
export class Scope implements Disposable {
  readonly #symbols: Pick<PythonSymbols, "Py_DecRef">;
  readonly #owned: Pointer[] = [];

  constructor(symbols: Pick<PythonSymbols, "Py_DecRef">) {
    this.#symbols = symbols;
  }

  /** Takes over a reference until the end of the scope; NULL is passed through. */
  own<P extends Pointer | null>(pointer: P): P {
    if (pointer !== null) this.#owned.push(pointer);
    return pointer;
  }

  /** Releases everything, the newest first. */
  [Symbol.dispose](): void {
    for (let pointer = this.#owned.pop(); pointer !== undefined; pointer = this.#owned.pop()) {
      this.#symbols.Py_DecRef(pointer);
    }
  }
}
