/**
 * Starts a server: makes the listening socket, prepares the server root, opens the logs, starts the application processes.
 *
 * @module
 */
import { discoverPython } from "../ffi/discovery.ts";
import { thisHost } from "../ffi/discovery/host.ts";
import { ConfigurationError } from "./errors.ts";
import { processIdentity } from "./identity.ts";
import { type Logs, openLogs } from "./log/open.ts";
import { openTransport } from "./net/open.ts";
import { resolveHost } from "./net/resolve_host.ts";
import type { Listener, Stream, Transport } from "./net/transport.ts";
import { type Plan, withBoundPort } from "./plan.ts";
import { platform } from "./platform/platform.ts";
import { type RunningServer, Server } from "./running_server.ts";
import { prepareServerRoot, type ServerRoot } from "./server_root.ts";

/**
 * Starts a server. When it returns the socket listens and the application processes are starting; requests that come
 * before they are ready wait.
 *
 * @param warnings what is to be said of the plan before it is carried out, for the error log.
 * @param descriptor of a listening socket that another program has made, to be served instead of one of its own (Linux).
 * @throws {AddressError} where the address can't be listened on.
 * @throws {ConfigurationError} where the server root or a log can't be written, or there is no such user or group.
 */
export async function startServer(
  plan: Plan,
  warnings: readonly string[] = [],
  descriptor?: number,
): Promise<RunningServer> {
  const identity = processIdentity(plan.server, Deno.uid());
  if (plan.server.processName !== null) platform.setProcessTitle(plan.server.processName);
  const transport = await openTransport();
  const python = discoverPython({
    python: plan.python.given ?? undefined,
    applicationFolder: plan.python.applicationFolder,
  }, thisHost(identity.change ?? undefined));
  // Looked at where it is needed; not to be called unhandled until then.
  python.catch(() => {});
  let root: ServerRoot | undefined;
  let listener: Listener | undefined;
  let logs: Logs | undefined;
  let server: Server | undefined;
  try {
    const embedded = plan.mode === "embedded";
    // Who connects before the server can serve waits unread.
    const early: Stream[] = [];
    let accept = (stream: Stream): void => {
      stream.pause();
      early.push(stream);
    };
    const onStream = (stream: Stream) => accept(stream);
    listener = descriptor === undefined
      ? await transport.listen(
        {
          hostname: await resolveHost(plan.listener.host ?? ""),
          port: plan.listener.port,
          backlog: plan.listener.backlog,
          inheritable: embedded,
        },
        onStream,
      )
      : await adoptListener(transport, descriptor, embedded, onStream);
    // In embedded mode the application processes accept.
    if (embedded) listener.pause();
    // A Unix domain socket has no port.
    const bound = withBoundPort(plan, listener.address.port || plan.listener.port);
    root = await prepareServerRoot(bound, identity.change?.uid ?? null);
    logs = openLogs(bound.log);
    for (const warning of warnings) logs.errorLog.write("warn", warning);
    const started = server = new Server(bound, transport, listener, root, logs);
    await started.start(python, identity);
    accept = (stream) => started.accept(stream);
    for (const stream of early) {
      started.accept(stream);
      stream.resume();
    }
    return started;
  } catch (error) {
    server?.abandon();
    listener?.close();
    root?.remove();
    logs?.close();
    await transport.close();
    throw error;
  }
}

/** Others have it too: it is closed and not shut down in the end, so that who connects then waits for the next server. */
async function adoptListener(
  transport: Transport,
  descriptor: number,
  inheritable: boolean,
  onStream: (stream: Stream) => void,
): Promise<Listener> {
  const { prepareInheritedListener } = await import("../ffi/inherited_listener.ts");
  if (!prepareInheritedListener(descriptor, inheritable)) {
    throw new ConfigurationError(
      `descriptor ${descriptor}, which the service manager has passed on, is no listening stream ` +
        "socket; use ListenStream in the .socket unit, and Accept=no",
    );
  }
  return await transport.adoptListener(descriptor, onStream);
}
