/**
 * The server root: the folder of the files that a running server makes.
 *
 * @module
 */
import { ConfigurationError } from "./errors.ts";
import type { LocalAddress, Stream, Transport } from "./net/transport.ts";
import type { Plan } from "./plan.ts";

/** Unix domain socket paths of the system hold this many bytes. */
const SOCKET_PATH_LIMIT = 100;
const SOCKET_BACKLOG = 512;

/** A prepared server root. */
export interface ServerRoot {
  /** Opens the socket for the application processes: a Unix domain socket in a folder only this user can enter, or loopback TCP. */
  listen(
    transport: Transport,
    onStream: (stream: Stream) => void,
  ): Promise<readonly [LocalAddress]>;
  /** Removes what must not stay when the server has ended. */
  remove(): void;
}

/**
 * Makes the folders of the server root and writes the PID file.
 *
 * @throws {ConfigurationError} where it can't be written, or belongs to somebody else.
 */
export async function prepareServerRoot(plan: Plan): Promise<ServerRoot> {
  const { root, documentRoot, pidFile, rootIsDefault, configurationFile } = plan.server;
  try {
    await Deno.mkdir(root, { recursive: true, mode: 0o755 });
    if (rootIsDefault) checkOwner(root);
    if (documentRoot.startsWith(root)) await Deno.mkdir(documentRoot, { recursive: true });
    await Deno.writeTextFile(configurationFile, JSON.stringify(plan, null, 2) + "\n");
    await Deno.writeTextFile(pidFile, `${Deno.pid}\n`);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw new ConfigurationError(
      `can't prepare the server root "${root}": ${
        error instanceof Error ? error.message : error
      }; choose another with --server-root`,
    );
  }
  let socketFolder: string | undefined;
  let close = () => {};
  return {
    async listen(transport, onStream) {
      if (Deno.build.os === "windows") {
        const listener = await transport.listen(
          { hostname: "127.0.0.1", port: 0, backlog: SOCKET_BACKLOG },
          onStream,
        );
        close = () => listener.close();
        return [{ kind: "tcp", host: "127.0.0.1", port: listener.address.port }];
      }
      socketFolder = await makeSocketFolder(plan.server.socketPrefix);
      const path = `${socketFolder}/gateway`;
      const listener = await transport.listenUnix(path, SOCKET_BACKLOG, onStream);
      close = () => listener.close();
      return [{ kind: "unix", path }];
    },
    remove() {
      close();
      if (socketFolder !== undefined) removeQuietly(socketFolder);
      removeQuietly(pidFile);
    },
  };
}

/** A default server root has a name that others can guess: it must be ours (CWE-379). */
function checkOwner(root: string): void {
  const status = Deno.lstatSync(root);
  if (status.isSymlink || !status.isDirectory || status.uid !== null && status.uid !== Deno.uid()) {
    throw new ConfigurationError(
      `the server root "${root}" belongs to somebody else: remove it, or choose another with --server-root`,
    );
  }
}

/** `Deno.makeTempDir` gives a random name and mode 0700. A folder whose path is too long for a socket is not used. */
async function makeSocketFolder(prefix: string): Promise<string> {
  const short = prefix.length + 30 < SOCKET_PATH_LIMIT;
  return await Deno.makeTempDir(short ? { dir: prefix, prefix: "sockets-" } : { prefix: "wsgi-" });
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // It is gone already, or was never made.
  }
}
