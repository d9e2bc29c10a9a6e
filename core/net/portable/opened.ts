/**
 * Listening by `node:net`.
 *
 * @module
 */
import { isIP, Server } from "node:net";
import { AddressError } from "../../errors.ts";
import { platform } from "../../platform/platform.ts";

/** What `listen` of `node:net` is asked for. */
type ListenRequest =
  | { readonly host: string; readonly port: number; readonly backlog: number }
  | { readonly path: string; readonly backlog: number }
  | { readonly fd: number };

/**
 * Listens. Who connects is not read from before it is looked at.
 *
 * @param where what to call the address in an error.
 * @throws {AddressError} where the system refuses.
 */
export async function opened(where: string, request: ListenRequest): Promise<Server> {
  const server = new Server({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(request, resolve);
  try {
    await promise;
  } catch (error) {
    throw addressError(where, error);
  }
  server.off("error", reject);
  return server;
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/**
 * The IP address that an option names.
 *
 * @throws {AddressError} where it is none.
 */
export function ipOf(hostname: string): string {
  const host = hostname === "localhost" ? "127.0.0.1" : hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0) return host;
  throw new AddressError(
    `can't listen on "${hostname}": it is not an IP address of this machine`,
  );
}

const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use; stop what listens there or choose another --port",
  EACCES: platform.system === "windows"
    ? "permission denied; another program has the port for itself, or Windows keeps it; choose " +
      "another --port"
    : "permission denied; ports below 1024 need root, or choose another --port",
  EADDRNOTAVAIL: "address not available; --host takes an address of this machine",
  // What Windows and older releases of Deno make of the same.
  EINVAL: "address not available; --host takes an address of this machine",
};

/** Why an address can't be listened on, from an error of `node:net` or its code. */
export function addressError(where: string, error: unknown): AddressError {
  const { code, message } = error as { code?: string; message?: string };
  return new AddressError(
    `can't listen on ${where}: ${HINTS[code ?? ""] ?? message ?? String(error)}`,
  );
}
