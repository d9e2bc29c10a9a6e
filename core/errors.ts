/**
 * The errors a user meets, each with the exit status of the command it ends.
 *
 * A message says what was attempted, quotes the value, and says what to try.
 * Python that can't be found or used is `PythonNotUsableError` of `ffi/errors.ts` (exit status 4).
 *
 * @module
 */

/** An error whose message is meant for the person at the command line. */
export class ServerError extends Error {
  override readonly name: string = "ServerError";
  /** Exit status of the command. */
  readonly exitStatus: number = 1;
}

/** The command line is wrong: unknown option, bad value, missing argument. */
export class UsageError extends ServerError {
  override readonly name = "UsageError";
  override readonly exitStatus = 2;
}

/** The settings are well formed, yet can't work together or name what doesn't exist. */
export class ConfigurationError extends ServerError {
  override readonly name = "ConfigurationError";
  override readonly exitStatus = 3;
}

/** The address can't be listened on. */
export class AddressError extends ServerError {
  override readonly name = "AddressError";
  override readonly exitStatus = 5;
}
