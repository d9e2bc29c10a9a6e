/**
 * `Transport` of macOS and Windows: sockets of `node:net`.
 *
 * @module
 */
import { isIP, Server, Socket } from "node:net";
import { AddressError } from "../errors.ts";
import { platform } from "../platform/platform.ts";
import { localPair } from "./portable/local_pair.ts";
import { PortableListener } from "./portable/listener.ts";
import { PortableStream, type StreamOwner } from "./portable/stream.ts";
import {
  DATA_MARGIN,
  type Listener,
  type ListenOptions,
  type LocalAddress,
  type Stream,
  type Transport,
} from "./transport.ts";

/** `node:net` reads this much at a time at the most; a larger chunk is passed on in parts. */
const RECEIVE_BUFFER_SIZE = 64 * 1024;

/** Sockets by `node:net`. */
export class PortableTransport implements Transport, StreamOwner {
  readonly name = "portable";
  /** Shared by all streams: valid during one `onData`. */
  readonly receiveBuffer = new Uint8Array(RECEIVE_BUFFER_SIZE + 2 * DATA_MARGIN);
  /** Called with what a handler threw; everything else goes on. */
  onFault: (error: unknown) => void = (error) => console.error(error);
  #streams = new Set<PortableStream>();
  #listeners = new Set<PortableListener>();

  now(): number {
    return performance.now();
  }

  afterRound(task: () => void): void {
    queueMicrotask(() => this.#perform(task));
  }

  after(delay: number, task: () => void): void {
    setTimeout(() => this.#perform(task), delay);
  }

  async listen(options: ListenOptions, onStream: (stream: Stream) => void): Promise<Listener> {
    const { hostname, port, backlog } = options;
    const where = `${hostname || "all interfaces"}, port ${port}`;
    if (hostname !== "") {
      return this.#listener(
        [await opened(where, { host: ipOf(hostname), port, backlog })],
        onStream,
      );
    }
    if (platform.dualStack) {
      // Without IPv6 there is no "::".
      const server = await opened(where, { host: "::", port, backlog }).catch(() =>
        opened(where, { host: "0.0.0.0", port, backlog })
      );
      return this.#listener([server], onStream);
    }
    const server = await opened(where, { host: "0.0.0.0", port, backlog });
    const second = { host: "::", port: portOf(server), backlog };
    const servers = await opened(where, second).then((other) => [server, other], () => [server]);
    return this.#listener(servers, onStream);
  }

  async listenUnix(
    path: string,
    backlog: number,
    onStream: (stream: Stream) => void,
  ): Promise<Listener> {
    return this.#listener([await opened(`"${path}"`, { path, backlog })], onStream);
  }

  async adoptListener(fd: number, onStream: (stream: Stream) => void): Promise<Listener> {
    return this.#listener([await opened(`descriptor ${fd}`, { fd })], onStream, fd);
  }

  async connect(address: LocalAddress): Promise<Stream> {
    if (address.kind === "fd") {
      return this.#adopt(new Socket({ fd: address.fd, allowHalfOpen: true }));
    }
    const socket = new Socket({ allowHalfOpen: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once("error", reject);
    if (address.kind === "unix") socket.connect({ path: address.path }, resolve);
    else socket.connect({ host: address.host, port: address.port, noDelay: true }, resolve);
    await promise;
    socket.off("error", reject);
    return this.#adopt(socket);
  }

  async pair(): Promise<readonly [Stream, LocalAddress]> {
    const [socket, fd] = await localPair();
    return [this.#adopt(socket), { kind: "fd", fd }];
  }

  close(): void {
    for (const listener of [...this.#listeners]) listener.close();
    for (const stream of [...this.#streams]) stream.close();
  }

  forget(stream: PortableStream): void {
    this.#streams.delete(stream);
  }

  #listener(servers: Server[], onStream: (stream: Stream) => void, fd?: number): Listener {
    const listener = new PortableListener(
      servers,
      (socket) => onStream(this.#adopt(socket)),
      () => this.#listeners.delete(listener),
      fd,
    );
    this.#listeners.add(listener);
    return listener;
  }

  #adopt(socket: Socket): PortableStream {
    const stream = new PortableStream(this, socket);
    this.#streams.add(stream);
    return stream;
  }

  #perform(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.onFault(error);
    }
  }
}

/** What `listen` of `node:net` is asked for. */
type ListenRequest =
  | { readonly host: string; readonly port: number; readonly backlog: number }
  | { readonly path: string; readonly backlog: number }
  | { readonly fd: number };

async function opened(where: string, request: ListenRequest): Promise<Server> {
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

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function ipOf(hostname: string): string {
  const host = hostname === "localhost" ? "127.0.0.1" : hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0) return host;
  throw new AddressError(
    `can't listen on "${hostname}": it is not an IP address of this machine`,
  );
}

const HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use; stop what listens there or choose another --port",
  EACCES: "permission denied; ports below 1024 need an administrator, or choose another --port",
  EADDRNOTAVAIL: "address not available; --host takes an address of this machine",
  // What Windows and older releases of Deno make of the same.
  EINVAL: "address not available; --host takes an address of this machine",
};

function addressError(where: string, error: unknown): AddressError {
  const { code, message } = error as { code?: string; message?: string };
  return new AddressError(
    `can't listen on ${where}: ${HINTS[code ?? ""] ?? message ?? String(error)}`,
  );
}
