/**
 * Whether application processes still answer: each is asked now and then, and its answer takes the GIL. A process in
 * which nothing gets the GIL any more, or whose event loop stands still, gives none.
 *
 * @module
 */

/** Questions per limit: an answer that is missing is noticed a tenth of it late. */
const QUESTIONS_PER_LIMIT = 10;
const LONGEST_INTERVAL_MS = 5000;
/** What lies between two looks counts no more than this: a machine that slept, or a stopped server, blames nobody. */
const LONGEST_STEP_MS = 1000;

interface Watched {
  /** How long the answer has been missing; 0 where none is. */
  missing: number;
  /** How long ago the last question was asked. */
  age: number;
  asked: boolean;
}

/** What is to be done. */
export interface DeadlockFindings {
  /** Processes to ask. */
  readonly ask: readonly number[];
  /** Processes that have not answered for the limit; each is named once. */
  readonly deadlocked: readonly number[];
}

/** Knows who was asked and who has answered. */
export class DeadlockWatch {
  readonly #limit: number;
  readonly #interval: number;
  #watched = new Map<number, Watched>();
  #lookedAt: number | undefined;

  /** @param limit seconds; 0 switches it off. */
  constructor(limit: number) {
    this.#limit = limit * 1000;
    this.#interval = Math.min(this.#limit / QUESTIONS_PER_LIMIT, LONGEST_INTERVAL_MS);
  }

  /**
   * To be called some times a second.
   *
   * @param now milliseconds of a monotonic clock.
   * @param instances the processes that can be expected to answer.
   */
  look(now: number, instances: readonly number[]): DeadlockFindings {
    const ask: number[] = [];
    const deadlocked: number[] = [];
    if (this.#limit === 0) return { ask, deadlocked };
    const step = Math.min(now - (this.#lookedAt ?? now), LONGEST_STEP_MS);
    this.#lookedAt = now;
    for (const instance of this.#watched.keys()) {
      if (!instances.includes(instance)) this.#watched.delete(instance);
    }
    for (const instance of instances) {
      const watched = this.#watched.get(instance) ?? { missing: 0, age: Infinity, asked: false };
      this.#watched.set(instance, watched);
      watched.age += step;
      if (watched.asked) {
        const before = watched.missing;
        watched.missing += step;
        if (before < this.#limit && watched.missing >= this.#limit) deadlocked.push(instance);
      } else if (watched.age >= this.#interval) {
        watched.asked = true;
        watched.age = 0;
        ask.push(instance);
      }
    }
    return { ask, deadlocked };
  }

  /** A process has answered. */
  answered(instance: number): void {
    const watched = this.#watched.get(instance);
    if (watched === undefined) return;
    watched.asked = false;
    watched.missing = 0;
  }
}
