/**
 * Time since the epoch with fractions of a millisecond.
 *
 * @module
 */

/** Milliseconds by which the clocks may differ. */
const TOLERANCE = 1;

/** The two clocks of a system, in milliseconds. */
export interface SystemClocks {
  /** Never set; may stand still while the machine sleeps. */
  monotonic(): number;
  /** Since the epoch, whole milliseconds. */
  epoch(): number;
}

const SYSTEM: SystemClocks = { monotonic: () => performance.now(), epoch: () => Date.now() };

/** The monotonic clock with an origin, for who has read that clock already. */
export class WallClock {
  #clocks: SystemClocks;
  /** When the monotonic clock was 0: milliseconds since the epoch. */
  #origin = performance.timeOrigin;

  constructor(clocks = SYSTEM) {
    this.#clocks = clocks;
  }

  /** Milliseconds since the epoch at a time of the monotonic clock. */
  at(monotonic: number): number {
    return this.#origin + monotonic;
  }

  /** Goes with the system's clock where that was set, or the machine slept. To be called now and then. */
  follow(): void {
    // A thread that loses the processor in between must not make a difference.
    const before = this.#clocks.monotonic();
    const epoch = this.#clocks.epoch();
    const after = this.#clocks.monotonic();
    const agrees = epoch + 1 + TOLERANCE > this.at(before) && epoch - TOLERANCE < this.at(after);
    if (!agrees) this.#origin = epoch + 0.5 - (before + after) / 2;
  }
}
