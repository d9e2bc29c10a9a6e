/** A system clock that was set while the process runs. */

/** Runs `body` with `Date.now()` so many milliseconds ahead; the monotonic clock goes on as before. */
export function withShiftedClock(milliseconds: number, body: () => void): void {
  const now = Date.now;
  Date.now = () => now() + milliseconds;
  try {
    body();
  } finally {
    Date.now = now;
  }
}
