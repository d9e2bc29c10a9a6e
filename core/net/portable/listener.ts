/**
 * Listening sockets of `node:net` as one `Listener`.
 *
 * @module
 */
import type { Server, Socket } from "node:net";
import type { Listener, SocketAddress } from "../transport.ts";

/**
 * `Listener` over one server or, where one socket does not take both address families, two.
 *
 * `node:net` can't stop accepting without giving up the port. While the listener is paused connections are accepted and
 * wait unread, in order; their clients see what they would see of a connection in the backlog.
 */
export class PortableListener implements Listener {
  readonly address: SocketAddress;
  readonly fd: number | undefined;
  #servers: readonly Server[];
  #onSocket: (socket: Socket) => void;
  #onClosed: () => void;
  #waiting: Socket[] = [];
  #paused = false;
  #closed = false;

  /** @param servers listening, made with `pauseOnConnect`. */
  constructor(
    servers: readonly Server[],
    onSocket: (socket: Socket) => void,
    onClosed: () => void,
    fd?: number,
  ) {
    this.#servers = servers;
    this.#onSocket = onSocket;
    this.#onClosed = onClosed;
    this.fd = fd;
    const address = servers[0]!.address();
    this.address = typeof address === "object" && address !== null
      ? { hostname: address.address, port: address.port }
      : { hostname: address ?? "", port: 0 };
    for (const server of servers) {
      server.on("connection", (socket: Socket) => this.#take(socket));
      server.on("error", () => {
        // Of accepting one connection, such as its reset before that.
      });
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    while (!this.#paused) {
      const socket = this.#waiting.shift();
      if (socket === undefined) return;
      this.#onSocket(socket);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const server of this.#servers) server.close();
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting = [];
    this.#onClosed();
  }

  #take(socket: Socket): void {
    if (this.#paused) this.#waiting.push(socket);
    else this.#onSocket(socket);
  }
}
