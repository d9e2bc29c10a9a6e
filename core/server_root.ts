/**
 * The server root: the folder of the files that a running server makes.
 *
 * @module
 */
import { ConfigurationError } from "./errors.ts";
import { HANDLER_SCRIPT_MARK, handlerScript } from "./handler_script.ts";
import { type LocalSocket, openLocalSocket } from "./net/local_socket.ts";
import type { LocalAddress, Stream, Transport } from "./net/transport.ts";
import type { Plan } from "./plan.ts";
import { platform } from "./platform/platform.ts";

/** A prepared server root. */
export interface ServerRoot {
  /** Opens the socket for the application processes. */
  listen(
    transport: Transport,
    onStream: (stream: Stream) => void,
  ): Promise<LocalAddress>;
  /** Removes what must not stay when the server has ended. */
  remove(): void;
}

/**
 * Makes the folders and files of the server root.
 *
 * @param owner user id of the application processes where it is another than this one's; null else.
 * @throws {ConfigurationError} where it can't be written, or belongs to somebody else.
 */
export async function prepareServerRoot(plan: Plan, owner: number | null): Promise<ServerRoot> {
  const { root, documentRoot, pidFile, rootIsDefault, configurationFile } = plan.server;
  try {
    await Deno.mkdir(root, { recursive: true, mode: 0o755 });
    if (rootIsDefault) checkOwner(root);
    if (documentRoot.startsWith(root)) await Deno.mkdir(documentRoot, { recursive: true });
    const eggs = plan.osEnviron.PYTHON_EGG_CACHE;
    if (owner !== null && eggs?.startsWith(root)) {
      await Deno.mkdir(eggs, { recursive: true });
      await Deno.chown(eggs, owner, null);
    }
    await writePrivately(configurationFile, JSON.stringify(plan, null, 2) + "\n");
    await writeHandlerScript(plan);
    await Deno.writeTextFile(pidFile, `${Deno.pid}\n`);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw new ConfigurationError(
      `can't prepare the server root "${root}": ${
        error instanceof Error ? error.message : error
      }; choose another with --server-root`,
    );
  }
  let socket: LocalSocket | undefined;
  return {
    async listen(transport, onStream) {
      socket = await openLocalSocket(
        plan.server.socketPrefix,
        transport,
        onStream,
        owner,
      );
      return socket.address;
    },
    remove() {
      socket?.close();
      removeQuietly(pidFile);
      if (isOnlyOurs(plan)) removeQuietly(root);
    },
  };
}

/** A root that is named after this process will never be used again; what a person may want of it are logs. */
function isOnlyOurs({ server, log }: Plan): boolean {
  const named = server.rootIsDefault && server.root.includes(`pid${Deno.pid}`);
  return named && log.error.kind === "terminal" && log.access?.kind !== "file";
}

/** Leaves a file alone that somebody else has made. */
async function writeHandlerScript(plan: Plan): Promise<void> {
  const path = plan.server.handlerScript;
  const present = await Deno.readTextFile(path).catch(() => undefined);
  if (present !== undefined && !present.startsWith(HANDLER_SCRIPT_MARK)) return;
  await Deno.writeTextFile(path, handlerScript(plan));
}

/** Only for the eyes of this user: the plan holds what --setenv was given, which may be passwords. */
async function writePrivately(path: string, text: string): Promise<void> {
  const file = await Deno.open(path, { write: true, create: true, mode: 0o600 });
  try {
    // An older one may be readable for everybody; so it must not be before the text is in it.
    if (platform.system === "unix") await Deno.chmod(path, 0o600);
    await file.truncate();
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  } finally {
    file.close();
  }
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

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // It is gone already, or was never made.
  }
}
