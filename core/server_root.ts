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
import { removeQuietly } from "./remove_quietly.ts";

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
 * @throws {ConfigurationError} where it can't be written, or belongs to somebody who could misuse it.
 */
export async function prepareServerRoot(plan: Plan, owner: number | null): Promise<ServerRoot> {
  const { root, documentRoot, pidFile, rootIsDefault, configurationFile } = plan.server;
  const inRoot = (path: string) => path.startsWith(root) && /^[/\\]/.test(path.slice(root.length));
  try {
    await Deno.mkdir(root, { recursive: true, mode: 0o755 });
    if (rootIsDefault) checkOwner(root);
    else if (owner !== null) checkWriters(root, owner);
    if (inRoot(documentRoot)) await Deno.mkdir(documentRoot, { recursive: true });
    const eggs = plan.osEnviron.PYTHON_EGG_CACHE;
    if (owner !== null && eggs !== undefined && inRoot(eggs)) await giveFolder(root, eggs, owner);
    // Only for the eyes of this user: the plan holds what --setenv was given, which may be passwords.
    await writeAnew(configurationFile, JSON.stringify(plan, null, 2) + "\n", { mode: 0o600 });
    await writeHandlerScript(plan);
    if (inRoot(pidFile)) await writeAnew(pidFile, `${Deno.pid}\n`);
    else await Deno.writeTextFile(pidFile, `${Deno.pid}\n`);
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
      if (isOnlyOurs(plan)) removeQuietly(root, { recursive: true });
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
  const present = await Deno.readTextFile(path).catch(absent);
  if (present !== undefined && !present.startsWith(HANDLER_SCRIPT_MARK)) return;
  await writeAnew(path, handlerScript(plan));
}

/**
 * Writes a file that did not exist before: where the application's user may write into the folder, an older one could be a
 * link to any file of root's (CWE-59), or be open to its readers.
 */
async function writeAnew(
  path: string,
  text: string,
  options: Pick<Deno.WriteFileOptions, "mode"> = {},
): Promise<void> {
  await Deno.remove(path).catch(absent);
  await Deno.writeTextFile(path, text, { ...options, createNew: true });
}

function absent(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** Makes a folder of the application's user. In folders of that user, which may put links there, the application makes it itself. */
async function giveFolder(root: string, path: string, owner: number): Promise<void> {
  const isOwners = async (folder: string) => (await Deno.stat(folder)).uid === owner;
  if (await isOwners(root)) return;
  const around = path.replace(/[/\\][^/\\]*$/, "");
  await Deno.mkdir(around, { recursive: true });
  if (await isOwners(around)) return;
  await Deno.mkdir(path, { recursive: true });
  if ((await Deno.lstat(path)).isDirectory) await Deno.chown(path, owner, null);
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

/** Whoever owns the folder can replace what root makes in it, such as the socket that processes of root connect to. */
function checkWriters(root: string, owner: number): void {
  const status = Deno.lstatSync(root);
  const foreignLink = status.isSymlink && status.uid !== 0;
  const { uid } = foreignLink ? status : Deno.statSync(root);
  if (!foreignLink && (uid === 0 || uid === owner)) return;
  throw new ConfigurationError(
    `the server root "${root}" belongs to user id ${uid}, who could replace what root makes in it; ` +
      "give it to root or to the user of --user, or choose another with --server-root",
  );
}
