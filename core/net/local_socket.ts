/**
 * The listening socket between parts of the program: a Unix domain socket in a folder that only this user can enter, or
 * loopback TCP where there are none (Windows).
 *
 * @module
 */
import { platform } from "../platform/platform.ts";
import type { Listener, LocalAddress, Stream, Transport } from "./transport.ts";

const BACKLOG = 512;
/** A path of a Unix domain socket holds 103 bytes on macOS; some room for the names in the folder. */
const FOLDER_LIMIT = 65;

/** A listening socket, and where it is. */
export interface LocalSocket {
  readonly address: LocalAddress;
  /** Stops listening and removes what was made. */
  close(): void;
}

/**
 * Listens for parts of the program in other processes.
 *
 * @param folder where a folder with a random name and mode 0700 is made for the socket, unless its path is too long or
 * `owner` can't enter it; then one is made where the system has its temporary files.
 * @param owner user id of those other processes, where it is another than this one's.
 */
export async function openLocalSocket(
  folder: string,
  transport: Transport,
  onStream: (stream: Stream) => void,
  owner: number | null = null,
): Promise<LocalSocket> {
  if (!platform.unixSockets) return await openLoopback(transport, onStream);
  const usable = folder.length < FOLDER_LIMIT && (owner === null || canEnter(folder, owner));
  const made = await Deno.makeTempDir(
    usable ? { dir: folder, prefix: "sockets-" } : { prefix: "wsgi-" },
  );
  const path = `${made}/gateway`;
  let listener: Listener | undefined;
  try {
    listener = await transport.listenUnix(path, BACKLOG, onStream);
    if (owner !== null) {
      await Deno.chown(path, owner, null);
      await Deno.chown(made, owner, null);
    }
  } catch (error) {
    listener?.close();
    removeQuietly(made);
    throw error;
  }
  return {
    address: { kind: "unix", path },
    close() {
      listener.close();
      removeQuietly(made);
    },
  };
}

/** Listens beside the socket of another part, whose owner removes the folder in the end. */
export async function openSocketBeside(
  address: LocalAddress,
  name: string,
  transport: Transport,
  onStream: (stream: Stream) => void,
): Promise<LocalSocket> {
  if (address.kind !== "unix") return await openLoopback(transport, onStream);
  const path = address.path.replace(/[^/]*$/, name);
  removeQuietly(path);
  const listener = await transport.listenUnix(path, BACKLOG, onStream);
  return {
    address: { kind: "unix", path },
    close() {
      listener.close();
      removeQuietly(path);
    },
  };
}

/** Whether a user may go into a folder, as owner or as anybody (path_resolution(7)); groups are not looked at. */
function canEnter(folder: string, uid: number): boolean {
  let path = Deno.realPathSync(folder);
  while (true) {
    const { mode, uid: owner } = Deno.statSync(path);
    if (((mode ?? 0) & (owner === uid ? 0o100 : 0o001)) === 0) return false;
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

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // It is gone already.
  }
}
