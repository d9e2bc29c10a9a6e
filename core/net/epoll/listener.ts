/**
 * A listening socket of the reactor.
 *
 * @module
 */
import { errno } from "../../../ffi/sockets.ts";
import type { Listener, SocketAddress, Stream } from "../transport.ts";
import { readAddress, SOCKADDR_SIZE } from "./address.ts";
import {
  EAGAIN,
  ECONNABORTED,
  EINTR,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  SHUT_RDWR,
  SO_SNDBUF,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from "./constants.ts";
import type { Reactor, Watched } from "./reactor.ts";
import { EpollStream } from "./stream.ts";

const DEFAULT_ACCEPT_BATCH = 64;
/** How long a listener rests that can't accept because the process, or the system, has no descriptor or memory left. */
const REST_MS = 250;
/** What `accept` says of one connection that is gone again, or of none being there (accept(2)). */
const HARMLESS = new Set([EAGAIN, EINTR, ECONNABORTED]);

/** How a listener accepts. */
export interface AcceptOptions {
  /** How many connections to take at a readiness. */
  readonly acceptBatch?: number | undefined;
  /** Asked before each connection is accepted. */
  readonly hasRoom?: (() => boolean) | undefined;
  /** Other processes inherit the socket: closing it ends the listening for them too. */
  readonly shared?: boolean;
  /** `SO_SNDBUF` of the sockets that are accepted, where it is not the system's. */
  readonly sendBuffer?: number;
}

/** `Listener` over a descriptor watched by epoll. */
export class EpollListener implements Listener, Watched {
  readonly fd: number;
  readonly address: SocketAddress;
  #shared: boolean;
  #sendBuffer: Uint8Array<ArrayBuffer> | undefined;
  #reactor: Reactor;
  #onStream: (stream: Stream) => void;
  #acceptBatch: number;
  #hasRoom: (() => boolean) | undefined;
  #peer = new Uint8Array(SOCKADDR_SIZE);
  #peerLength = new Uint32Array(1);
  #watched = false;
  #paused = false;
  #closed = false;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    reactor: Reactor,
    fd: number,
    onStream: (stream: Stream) => void,
    { acceptBatch = DEFAULT_ACCEPT_BATCH, hasRoom, shared = false, sendBuffer }: AcceptOptions = {},
  ) {
    this.#reactor = reactor;
    this.fd = fd;
    this.#onStream = onStream;
    this.#acceptBatch = acceptBatch;
    this.#hasRoom = hasRoom;
    this.#shared = shared;
    if (sendBuffer !== undefined) {
      this.#sendBuffer = new Uint8Array(new Int32Array([sendBuffer]).buffer);
    }
    const bytes = new Uint8Array(SOCKADDR_SIZE);
    reactor.calls.getsockname(fd, bytes, new Uint32Array([SOCKADDR_SIZE]));
    this.address = readAddress(bytes);
    this.#watch();
  }

  onReady(events: number): void {
    const { calls } = this.#reactor;
    // The process that made the socket has ended the listening, for all.
    if ((events & EPOLLHUP) !== 0) return this.pause();
    for (let count = 0; count < this.#acceptBatch && this.#watched; count++) {
      if (this.#hasRoom?.() === false) return;
      this.#peerLength[0] = SOCKADDR_SIZE;
      const fd = calls.accept4(
        this.fd,
        this.#peer,
        this.#peerLength,
        SOCK_NONBLOCK | SOCK_CLOEXEC,
      );
      if (fd < 0) {
        // Epoll would report the connection that can't be accepted again and again.
        if (!HARMLESS.has(errno(calls))) this.#rest();
        return;
      }
      this.#take(fd);
    }
  }

  pause(): void {
    this.#paused = true;
    this.#watch();
  }

  resume(): void {
    this.#paused = false;
    this.#watch();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#resting);
    this.#watch();
    const { calls } = this.#reactor;
    // Others who have inherited it may not be able to close it at once. Who connects is then refused all the same.
    if (this.#shared) calls.shutdown(this.fd, SHUT_RDWR);
    calls.close(this.fd);
  }

  #take(fd: number): void {
    const size = this.#sendBuffer;
    if (size !== undefined) {
      this.#reactor.calls.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, size, size.length);
    }
    let stream: EpollStream | undefined;
    try {
      stream = new EpollStream(this.#reactor, fd, readAddress(this.#peer));
      this.#onStream(stream);
    } catch (error) {
      this.#reactor.onFault(error);
      if (stream === undefined) this.#reactor.calls.close(fd);
      else stream.close();
    }
  }

  #rest(): void {
    this.#reactor.onFault(this.#reactor.failure("accept"));
    this.#resting = setTimeout(() => {
      this.#resting = undefined;
      this.#watch();
    }, REST_MS);
    this.#watch();
  }

  /** EPOLLEXCLUSIVE can't be modified, so pausing removes and resuming adds. */
  #watch(): void {
    const wanted = !this.#paused && !this.#closed && this.#resting === undefined;
    if (wanted === this.#watched) return;
    this.#watched = wanted;
    if (wanted) this.#reactor.add(this, EPOLLIN | EPOLLEXCLUSIVE);
    else this.#reactor.remove(this);
  }
}
