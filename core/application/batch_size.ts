/**
 * How many requests are served before their answers are sent.
 *
 * Serving several together is faster for all of them where each is short. Where one takes long, the answers before it
 * wait for it, so where long ones are not rare requests go singly for a while.
 *
 * @module
 */

/** As `MOST_TOGETHER` in `core/python/direct.py`. */
const MOST = 16;
/** No request is begun behind others that took this many milliseconds; as `TOGETHER` in `core/python/direct.py`. */
const TOGETHER_MS = 2;
/** Where a request takes more than this, there is little to gain. */
const SHORT_MS = 0.5;
/** One that takes more than this is long. */
const LONG_MS = 2;
/** What takes less than this may be a hiccup of the machine's, where it is rare. */
const HICCUP_MS = 20;
/** So many requests are served singly after a long one, and a hiccup behind as many is rare. */
const CAUTION = 64;

/** Learns from how long requests take. */
export class BatchSize {
  /** So many may be served together now. */
  current = 1;
  #singly = 0;
  /** Requests since the last long one. */
  #sinceLong = CAUTION;

  /** Python took `duration` milliseconds for `served` of `asked` requests. */
  adjust(served: number, asked: number, duration: number): void {
    // The last of several may have begun just within the time.
    if (duration > (served === 1 ? LONG_MS : TOGETHER_MS + LONG_MS)) {
      this.current = 1;
      const isHiccup = duration < HICCUP_MS && this.#sinceLong >= CAUTION;
      this.#singly = isHiccup ? 0 : CAUTION;
      this.#sinceLong = 0;
      return;
    }
    this.#sinceLong += served;
    if (this.#singly > 0) {
      this.#singly -= served;
    } else if (duration > served * SHORT_MS) {
      this.current = this.current >> 1 || 1;
    } else if (served === asked && asked === this.current) {
      this.current = Math.min(2 * this.current, MOST);
    }
  }
}
