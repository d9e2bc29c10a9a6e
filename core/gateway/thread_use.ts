/**
 * What the threads of a process are at: do they compute, or do they wait for something outside?
 *
 * One thread at a time runs Python code. Where requests keep it busy, one thread that serves them one after the other is
 * faster than several that fight for the GIL. Where a request waits for a database or the like, another thread should
 * serve the next one meanwhile, at once.
 *
 * Threads of a free-threaded Python run at the same time. What counts there is whether requests are long enough to wake a
 * thread for, which the process tells itself.
 *
 * @module
 */

/** Whether the thread of this number of the system's computes, or would if a processor were free; undefined: unknown. */
export type IsRunnable = (nativeId: number) => boolean | undefined;

/** Of a process that answers more than so many requests between two looks, none waits for long. */
const QUICK_ANSWERS = 20;
/** How much a look counts beside the ones before it. */
const WEIGHT = 1 / 4;
/** Where this share of the looks found no thread that computes, they wait; … */
const WAITS_FROM = 0.75;
/** … and where it was this share only, they don't any more. */
const WAITS_TO = 0.25;

/** Something that has a thread of the system's, or 0 for one that runs beside the others. */
export interface Threaded {
  readonly parked: boolean;
  readonly nativeId: number;
}

/** The threads of one process. */
export class ThreadUse {
  /** Whether each request should have a thread as soon as it comes: they wait, or are long and run side by side. */
  waits = false;
  /** The process tells that. */
  #isTold = false;
  #isRunnable: IsRunnable;
  /** Share of the looks that found no thread computing. */
  #idle = 0;
  #answered = 0;

  constructor(isRunnable: IsRunnable) {
    this.#isRunnable = isRunnable;
  }

  /** A look at a process that has requests. `answered`: how many it has answered since its start. */
  look(threads: Iterable<Threaded>, answered: number): void {
    if (this.#isTold) return;
    const quick = answered - this.#answered > QUICK_ANSWERS;
    this.#answered = answered;
    const computes = quick || this.computes(threads);
    if (computes === undefined) return;
    this.#idle += ((computes ? 0 : 1) - this.#idle) * WEIGHT;
    if (this.#idle > WAITS_FROM) this.waits = true;
    else if (this.#idle < WAITS_TO) this.waits = false;
  }

  /** The process tells that its threads run at the same time, and whether requests take long. */
  setPace(long: boolean): void {
    this.#isTold = true;
    this.waits = long;
  }

  /** Whether one of the threads at work computes and keeps others from it; undefined where nothing is known of that. */
  computes(threads: Iterable<Threaded>): boolean | undefined {
    let known = false;
    for (const { parked, nativeId } of threads) {
      if (parked || nativeId === 0) continue;
      const runnable = this.#isRunnable(nativeId);
      if (runnable) return true;
      if (runnable === false) known = true;
    }
    return known ? false : undefined;
  }
}
