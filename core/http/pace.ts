/**
 * How slow a client may send.
 *
 * @module
 */

/** Milliseconds for the first byte to the last, more of them the more has come. `Infinity` is no limit. */
export interface Pace {
  readonly first: number;
  readonly most: number;
  /** Bytes that buy another second; 0: none do. */
  readonly rate: number;
}

/** Milliseconds that a client has for a head or a body of which `received` bytes have come. */
export function allowance({ first, most, rate }: Pace, received: number): number {
  const earned = rate > 0 ? first + received / rate * 1000 : first;
  return Math.min(earned, Math.max(most, first));
}
