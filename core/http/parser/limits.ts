/** Bounds on what a client may send before it is answered with 414 or 431. */
export interface HeadLimits {
  /** Longest request line in bytes, without its CRLF (Apache's `LimitRequestLine`); beyond: 414. */
  readonly requestLine: number;
  /** Most header lines (Apache's `LimitRequestFields`); beyond: 431. */
  readonly fields: number;
  /** Longest header line in bytes, without its CRLF (Apache's `LimitRequestFieldSize`); beyond: 431. */
  readonly fieldSize: number;
  /** Longest request head in bytes, request line and all line ends included; beyond: 431. */
  readonly headSize: number;
}

/** Apache's defaults, and a bound on the whole head, which Apache has only as their product. */
export const DEFAULT_HEAD_LIMITS: HeadLimits = {
  requestLine: 8190,
  fields: 100,
  fieldSize: 8190,
  headSize: 65536,
};
