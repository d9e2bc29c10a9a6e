/**
 * Processes whose application takes too long to load (`--startup-timeout`).
 *
 * @module
 */
import type { SupervisorState } from "./state.ts";

/**
 * Instances that have been starting for the limit while a request waits. The time counts from the start of the process or
 * from when the request came, whichever was later: a process that nobody waits for may take its time.
 *
 * @param waitingSince when the request came that has waited longest; undefined where none waits. Milliseconds of a
 * monotonic clock, as `now`.
 * @param limit seconds; 0: none.
 */
export function lateStarts(
  state: SupervisorState,
  waitingSince: number | undefined,
  limit: number,
  now: number,
): number[] {
  if (limit === 0 || waitingSince === undefined) return [];
  return state.processes
    .filter(({ phase, since }) =>
      phase === "starting" && now - Math.max(since, waitingSince) >= limit * 1000
    )
    .map(({ instance }) => instance);
}
