/** Why a request is refused before an application sees it. */
export interface RequestFailure {
  readonly kind: "failure";
  /** Status of the answer; the connection is closed after it. */
  readonly status: number;
  /** What is wrong, in words for the error log. It holds nothing the client sent. */
  readonly reason: string;
}

/** A {@linkcode RequestFailure} as a value. */
export function requestFailure(status: number, reason: string): RequestFailure {
  return { kind: "failure", status, reason };
}
