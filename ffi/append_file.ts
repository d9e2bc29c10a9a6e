/**
 * Opens files for appending, as root without following links that other users have made.
 *
 * A log is often in a folder of the application's user, who could put a link in its place and have root write wherever
 * that points (CWE-59). A link of root's, such as `/dev/stdout`, is followed.
 *
 * @module
 */

/** Opens a file for appending, and makes it where there is none. */
export function openForAppending(path: string): Deno.FsFile {
  if (mayFollow(path)) return Deno.openSync(path, { append: true, create: true });
  make(path);
  // Without `create` this changes nothing, whatever has come to be there.
  const file = Deno.openSync(path, { append: true });
  const opened = file.statSync();
  const named = Deno.lstatSync(path);
  if (opened.ino === named.ino && opened.dev === named.dev) return file;
  file.close();
  throw new Error("another file was put in its place");
}

/**
 * Makes the file where there is none, and tells whether it may be opened through a link.
 *
 * @throws {Error} for a link that may not be followed.
 */
export function prepareForAppending(path: string): boolean {
  const follow = mayFollow(path);
  if (follow) openForAppending(path).close();
  else make(path);
  return follow;
}

function mayFollow(path: string): boolean {
  if (Deno.uid() !== 0) return true;
  const status = statusOf(path);
  if (!status?.isSymlink) return false;
  if (status.uid === 0) return true;
  throw new Error(`it is a link of user id ${status.uid}, which root does not follow`);
}

/** O_EXCL follows no link (open(2)). */
function make(path: string): void {
  try {
    Deno.openSync(path, { append: true, createNew: true }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

function statusOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
