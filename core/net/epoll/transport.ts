/**
 * `Transport` of Linux: listeners and streams on one reactor.
 *
 * @module
 */
import { AddressError } from "../../errors.ts";
import { errno, errnoText } from "../../../ffi/sockets.ts";
import type { Listener, ListenOptions, LocalAddress, Stream, Transport } from "../transport.ts";
import { ipAddress, type RawAddress, unixAddress } from "./address.ts";
import {
  AF_INET6,
  AF_UNIX,
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAFNOSUPPORT,
  F_GETFL,
  F_SETFL,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  O_NONBLOCK,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from "./constants.ts";
import { EpollListener } from "./listener.ts";
import { Reactor } from "./reactor.ts";
import { EpollStream } from "./stream.ts";

const ONE = new Uint8Array([1, 0, 0, 0]);
const ZERO = new Uint8Array(4);

/** Sockets by epoll and the C library. */
export class EpollTransport implements Transport {
  readonly name = "epoll";
  readonly reactor = new Reactor();

  get onFault(): (error: unknown) => void {
    return this.reactor.onFault;
  }

  set onFault(onFault: (error: unknown) => void) {
    this.reactor.onFault = onFault;
  }

  now(): number {
    return this.reactor.now;
  }

  refresh(): number {
    return this.reactor.refresh();
  }

  // deno-lint-ignore require-await
  async listen(options: ListenOptions, onStream: (stream: Stream) => void): Promise<Listener> {
    const fd = this.#bind(options);
    return new EpollListener(this.reactor, fd, onStream, {
      acceptBatch: options.acceptBatch,
      shared: options.inheritable ?? false,
    });
  }

  // deno-lint-ignore require-await
  async listenUnix(
    path: string,
    backlog: number,
    onStream: (stream: Stream) => void,
  ): Promise<Listener> {
    const address = unixAddress(path);
    const fd = this.#socket(address, true);
    this.#bindAndListen(fd, address, backlog, `"${path}"`);
    // What one read brings is passed on with a frame around it, for which there is room: the system doubles what it
    // grants. By itself it would take the smaller part, and the rest would be copied to wait.
    const sendBuffer = this.reactor.receiveArea.length;
    return new EpollListener(this.reactor, fd, onStream, { sendBuffer });
  }

  // deno-lint-ignore require-await
  async adoptListener(
    fd: number,
    onStream: (stream: Stream) => void,
    acceptBatch?: number,
    hasRoom?: () => boolean,
  ): Promise<Listener> {
    this.#setNonBlocking(fd);
    return new EpollListener(this.reactor, fd, onStream, { acceptBatch, hasRoom });
  }

  // deno-lint-ignore require-await
  async connect(address: LocalAddress): Promise<Stream> {
    if (address.kind === "fd") {
      this.#setNonBlocking(address.fd);
      return new EpollStream(this.reactor, address.fd);
    }
    const raw = address.kind === "unix"
      ? unixAddress(address.path)
      : ipAddress(address.host, address.port);
    const { calls } = this.reactor;
    // Connecting to a listener on this machine does not wait: it succeeds or fails at once.
    const fd = calls.socket(raw.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw this.reactor.failure("socket");
    if (calls.connect(fd, raw.bytes, raw.bytes.length) !== 0) {
      const failure = this.reactor.failure(`connect to ${JSON.stringify(address)}`);
      calls.close(fd);
      throw failure;
    }
    this.#setNonBlocking(fd);
    return new EpollStream(this.reactor, fd);
  }

  // deno-lint-ignore require-await
  async pair(): Promise<readonly [Stream, LocalAddress]> {
    const ends = new Int32Array(2);
    if (this.reactor.calls.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) !== 0) {
      throw this.reactor.failure("socketpair");
    }
    const [ours, theirs] = ends as unknown as [number, number];
    this.#setNonBlocking(ours);
    return [new EpollStream(this.reactor, ours), { kind: "fd", fd: theirs }];
  }

  afterRound(task: () => void): void {
    this.reactor.afterRound(task);
  }

  after(delay: number, task: () => void): void {
    this.reactor.after(delay, task);
  }

  close(): Promise<void> {
    return this.reactor.close();
  }

  #setNonBlocking(fd: number): void {
    const { calls } = this.reactor;
    calls.fcntl(fd, F_SETFL, calls.fcntl(fd, F_GETFL, 0) | O_NONBLOCK);
  }

  #bind(options: ListenOptions): number {
    const inheritable = options.inheritable ?? false;
    const where = `${options.hostname || "all interfaces"}, port ${options.port}`;
    const { calls } = this.reactor;
    let address = this.#resolve(options);
    let fd = calls.socket(
      address.family,
      SOCK_STREAM | SOCK_NONBLOCK | (inheritable ? 0 : SOCK_CLOEXEC),
      0,
    );
    if (fd < 0 && options.hostname === "" && errno(calls) === EAFNOSUPPORT) {
      address = ipAddress("0.0.0.0", options.port);
      fd = this.#socket(address, !inheritable);
    }
    if (fd < 0) throw this.reactor.failure("socket");
    calls.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, ONE, 4);
    if (address.family === AF_INET6) calls.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, ZERO, 4);
    // Accepted sockets take this over from the listening one (tcp(7)).
    calls.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, ONE, 4);
    this.#bindAndListen(fd, address, options.backlog, where);
    return fd;
  }

  #resolve(options: ListenOptions): RawAddress {
    const hostname = options.hostname === "localhost" ? "127.0.0.1" : options.hostname;
    try {
      return ipAddress(hostname === "" ? "::" : hostname, options.port);
    } catch {
      throw new AddressError(
        `can't listen on "${options.hostname}": it is not an IP address of this machine`,
      );
    }
  }

  #socket(address: RawAddress, closeOnExec: boolean): number {
    const fd = this.reactor.calls.socket(
      address.family,
      SOCK_STREAM | SOCK_NONBLOCK | (closeOnExec ? SOCK_CLOEXEC : 0),
      0,
    );
    if (fd < 0) throw this.reactor.failure("socket");
    return fd;
  }

  #bindAndListen(fd: number, address: RawAddress, backlog: number, where: string): void {
    const { calls } = this.reactor;
    const status = calls.bind(fd, address.bytes, address.bytes.length) ||
      calls.listen(fd, backlog);
    if (status === 0) return;
    const number = errno(calls);
    calls.close(fd);
    throw new AddressError(`can't listen on ${where}: ${addressFault(number)}`);

    function addressFault(number: number): string {
      const text = errnoText(calls, number);
      if (number === EADDRINUSE) return `${text}; stop what listens there or choose another --port`;
      if (number === EACCES) return `${text}; ports below 1024 need root, or choose another --port`;
      if (number === EADDRNOTAVAIL) return `${text}; --host takes an address of this machine`;
      return text;
    }
  }
}
