/**
 * When a service script that has ended is started again.
 *
 * @module
 */

/** A script that ran at least as long is started again at once. */
const LONG_RUN_MS = 10_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 20_000;

/** A wait before a start, and what the next one depends on. */
export interface StartDelay {
  /** Milliseconds to wait. */
  readonly delay: number;
  /** Runs in a row that were short. */
  readonly shortRuns: number;
}

/**
 * The wait after a run of `duration` milliseconds: none after a long one, else a tenth of a second that doubles with each
 * short run, up to 20 seconds. So a script that fails at once does not keep the machine busy.
 *
 * @param shortRuns short runs in a row before this one.
 */
export function startDelay(duration: number, shortRuns: number): StartDelay {
  if (duration >= LONG_RUN_MS) return { delay: 0, shortRuns: 0 };
  const delay = Math.min(FIRST_DELAY_MS * 2 ** Math.min(shortRuns, 30), LONGEST_DELAY_MS);
  return { delay, shortRuns: shortRuns + 1 };
}
