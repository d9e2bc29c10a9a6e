/**
 * The two errors of the FFI layer.
 *
 * @module
 */
import type { Candidate } from "./discovery/info.ts";

/**
 * No Python was found, or the one found can't be used: an exit status of 4. The message says what
 * was looked for, where, what was found and what to try.
 */
export class PythonNotUsableError extends Error {
  /** The exit status of a command that ends with this error. */
  readonly exitStatus = 4;
  /** Every Python that was looked at before giving up, in that order. */
  readonly candidates: readonly Candidate[];

  constructor(message: string, options: ErrorOptions & { candidates?: readonly Candidate[] } = {}) {
    super(message, options);
    this.name = "PythonNotUsableError";
    this.candidates = options.candidates ?? [];
  }
}

/** What a Python exception said of itself when it was raised. */
export interface ExceptionTexts {
  /** The class, with its module unless that is `builtins`: `"ValueError"`, `"json.decoder.JSONDecodeError"`. */
  readonly type: string;
  /** `str(exception)`. */
  readonly message: string;
  /** What `traceback.format_exception` gives, causes included, ending with a newline. */
  readonly traceback: string;
}

/** A Python exception that reached TypeScript. `message` is `str(exception)`. */
export class PythonException extends Error {
  /** The class, with its module unless that is `builtins`: `"ValueError"`, `"json.decoder.JSONDecodeError"`. */
  readonly type: string;
  /** What `traceback.format_exception` gives, causes included, ending with a newline. */
  readonly traceback: string;

  constructor(texts: ExceptionTexts) {
    super(texts.message);
    this.name = "PythonException";
    this.type = texts.type;
    this.traceback = texts.traceback;
  }
}
