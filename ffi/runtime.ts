/**
 * What every call into a running interpreter needs: the symbols, the GIL, and the alarm for
 * references that nobody released.
 *
 * @module
 */
import { Gil } from "./gil.ts";
import type { PythonSymbols } from "./symbols.ts";

/** A running interpreter's symbols and GIL. */
export interface Runtime {
  readonly symbols: PythonSymbols;
  readonly gil: Gil;
  /** Watches objects that own a reference. */
  readonly alarm: LeakAlarm;
}

/** Makes the runtime of an interpreter that the current thread is about to start. */
export function createRuntime(symbols: PythonSymbols, onLeak: LeakListener = warn): Runtime {
  return { symbols, gil: new Gil(symbols), alarm: new LeakAlarm(onLeak) };
}

/** Told what the lost reference was for. */
export type LeakListener = (subject: string) => void;

/**
 * Says when a reference was garbage-collected before it was released. It releases nothing itself:
 * a collector runs at any time, with or without the GIL.
 */
export class LeakAlarm {
  readonly #registry: FinalizationRegistry<string>;

  constructor(onLeak: LeakListener) {
    this.#registry = new FinalizationRegistry(onLeak);
  }

  /** Watches `owner` until {@linkcode forget}. */
  watch(owner: WeakKey, subject: string): void {
    this.#registry.register(owner, subject, owner);
  }

  /** Ends the watch, as `owner` was released. */
  forget(owner: WeakKey): void {
    this.#registry.unregister(owner);
  }
}

function warn(subject: string): void {
  console.warn(`A reference to a Python object (${subject}) was lost without release()`);
}
