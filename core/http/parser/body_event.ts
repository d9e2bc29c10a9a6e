/** What a body decoder found. */
export const BodyEvent = {
  /** The region holds no further byte of the body: receive more. */
  more: 0,
  /** Bytes of the body, at `dataStart` to `dataEnd`. */
  data: 1,
  /** The body is whole. */
  end: 2,
  /** The body can't be read; the rest of the connection is of no use. */
  failure: 3,
} as const;
