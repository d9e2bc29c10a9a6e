/**
 * `Transport` of macOS and Windows: sockets of `node:net`.
 *
 * @module
 */
import { type Server, Socket } from "node:net";
import { platform } from "../platform/platform.ts";
import { HeldListener } from "./portable/held_listener.ts";
import { localPair } from "./portable/local_pair.ts";
import { PortableListener } from "./portable/listener.ts";
import { ipOf, opened, portOf } from "./portable/opened.ts";
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

  refresh(): number {
    return performance.now();
  }

  afterRound(task: () => void): void {
    queueMicrotask(() => this.#perform(task));
  }

  after(delay: number, task: () => void): void {
    setTimeout(() => this.#perform(task), delay);
  }

  async listen(options: ListenOptions, onStream: (stream: Stream) => void): Promise<Listener> {
    if (options.inheritable) return await this.#hold(options, onStream);
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

  /** Other processes accept, so this one does not. */
  async #hold(options: ListenOptions, onStream: (stream: Stream) => void): Promise<Listener> {
    if (platform.socketsInherited) return HeldListener.open(options);
    // Each of them listens itself: this is to learn whether it can, and the port where the system is to choose.
    const listener = await this.listen({ ...options, inheritable: false }, onStream);
    const { address } = listener;
    listener.close();
    return new HeldListener(address, undefined);
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
