/**
 * The listening socket between parts of the program: a Unix domain socket that only its parts may connect to, in a folder
 * that nobody else can replace, or loopback TCP where there are none (Windows).
 *
 * @module
 */
import { platform } from "../platform/platform.ts";
import { removeQuietly } from "../remove_quietly.ts";
import type { Listener, LocalAddress, Stream, Transport } from "./transport.ts";

const BACKLOG = 512;
/** A path of a Unix domain socket holds 103 bytes on macOS; some room for the names in the folder. */
const FOLDER_LIMIT = 60;
/** Beside the server's socket, the folder in which application processes make theirs. */
const PROCESSES = "own";

/** A listening socket, and where it is. */
export interface LocalSocket {
  readonly address: LocalAddress;
  /** Stops listening and removes what was made. */
  close(): void;
}

/**
 * Listens for parts of the program in other processes.
 *
 * @param folder where a folder with a random name is made for the socket, unless its path is too long, or `owner` can't
 * enter it or could replace what is in it; then one is made where the system has its temporary files.
 * @param owner user id of those other processes, where it is another than this one's.
 */
export async function openLocalSocket(
  folder: string,
  transport: Transport,
  onStream: (stream: Stream) => void,
  owner: number | null = null,
): Promise<LocalSocket> {
  if (!platform.unixSockets) return await openLoopback(transport, onStream);
  const usable = folder.length < FOLDER_LIMIT && (owner === null || isSafe(folder, owner));
  const made = await Deno.makeTempDir(
    usable ? { dir: folder, prefix: "sockets-" } : { prefix: "wsgi-" },
  );
  const path = `${made}/gateway`;
  let listener: Listener | undefined;
  try {
    listener = await transport.listenUnix(path, BACKLOG, onStream);
    const processes = `${made}/${PROCESSES}`;
    await Deno.mkdir(processes, { mode: 0o700 });
    if (owner !== null) {
      await Deno.chown(path, owner, null);
      await Deno.chown(processes, owner, null);
      // The folder stays this user's: processes connect before they become the other one.
      await Deno.chmod(made, 0o711);
    }
  } catch (error) {
    listener?.close();
    removeQuietly(made, { recursive: true });
    throw error;
  }
  return {
    address: { kind: "unix", path },
    close() {
      listener.close();
      removeQuietly(made, { recursive: true });
    },
  };
}

/**
 * Path of a file that an application process makes, in a folder that is its user's.
 *
 * @param socket the server's.
 */
export function processPath(socket: string, name: string): string {
  return socket.replace(/[^/]*$/, `${PROCESSES}/${name}`);
}

/** Listens in an application process, as the user that the application runs as. The server removes the folder in the end. */
export async function openProcessSocket(
  address: LocalAddress,
  name: string,
  transport: Transport,
  onStream: (stream: Stream) => void,
): Promise<LocalSocket> {
  if (address.kind !== "unix") return await openLoopback(transport, onStream);
  const path = processPath(address.path, name);
  removeQuietly(path, { recursive: true });
  const listener = await transport.listenUnix(path, BACKLOG, onStream);
  return {
    address: { kind: "unix", path },
    close() {
      listener.close();
      removeQuietly(path, { recursive: true });
    },
  };
}

/**
 * Whether a user may go into a folder, as anybody may (path_resolution(7)), and can't replace what others make in it or on
 * the way to it: no folder is that user's, or open for everybody to write to without the sticky bit.
 */
function isSafe(folder: string, uid: number): boolean {
  let path = Deno.realPathSync(folder);
  while (true) {
    const { mode, uid: owner } = Deno.statSync(path);
    const bits = mode ?? 0;
    if (owner === uid || (bits & 0o001) === 0 || (bits & 0o1002) === 0o002) return false;
    const parent = path.replace(/\/[^/]*$/, "");
    if (path === "/") return true;
    path = parent === "" ? "/" : parent;
  }
}

async function openLoopback(
  transport: Transport,
  onStream: (stream: Stream) => void,
): Promise<LocalSocket> {
  const listener = await transport.listen(
    { hostname: "127.0.0.1", port: 0, backlog: BACKLOG },
    onStream,
  );
  return {
    address: { kind: "tcp", host: "127.0.0.1", port: listener.address.port },
    close: () => listener.close(),
  };
}
