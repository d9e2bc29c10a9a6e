/**
 * Waiting for events with a deadline. Tests never sleep for a fixed time: they wait for something
 * that can be seen, and fail with a text that says what did not happen.
 */

/** Thrown when something did not happen in time. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/** Deadline for ordinary events, in milliseconds; generous, because a loaded machine is slow. */
export const ORDINARY_DEADLINE = 15_000;

/**
 * The result of `promise`, or a {@link DeadlineError} after `milliseconds`.
 *
 * @param what What is awaited, as the end of a sentence that begins with "no".
 * @param onLate Runs when the deadline passes, to make the pending operation end.
 */
export async function within<T>(
  promise: Promise<T>,
  milliseconds: number,
  what: string,
  onLate?: () => void,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new DeadlineError(`no ${what} within ${milliseconds} ms`));
      onLate?.();
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    promise.catch(() => {});
  }
}

/**
 * Asks `condition` until it gives a value that is neither `false`, `null` nor `undefined`, and gives
 * that value.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  milliseconds = ORDINARY_DEADLINE,
  interval = 10,
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + milliseconds;
  while (true) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) {
      return value as Exclude<T, false | null | undefined>;
    }
    if (performance.now() > end) throw new DeadlineError(`no ${what} within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}
