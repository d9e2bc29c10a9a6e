/**
 * Removing what may not be there.
 *
 * @module
 */

/** Removes a file or a folder; where that can't be done, it stays. */
export function removeQuietly(path: string, options: Deno.RemoveOptions = {}): void {
  try {
    Deno.removeSync(path, options);
  } catch {
    // It is gone already, or was never made.
  }
}
