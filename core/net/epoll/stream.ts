/**
 * A connected socket of the reactor: reads into the shared buffer, writes at once, queues what the system does not take.
 *
 * @module
 */
import { errno } from "../../../ffi/sockets.ts";
import {
  type BlockingStream,
  DATA_MARGIN,
  type SocketAddress,
  type StreamHandler,
} from "../transport.ts";
import { readAddress, SOCKADDR_SIZE } from "./address.ts";
import {
  EAGAIN,
  EINTR,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  MSG_NOSIGNAL,
  POLLIN,
  POLLOUT,
  SHUT_WR,
  SO_LINGER,
  SOL_SOCKET,
} from "./constants.ts";
import type { Reactor, Watched } from "./reactor.ts";

const NO_HANDLER: StreamHandler = {
  onData() {},
  onEnd() {},
  onDrain() {},
  onClose() {},
};

/** Bytes that wait until the system takes them: `buffer[start, end)`. */
interface QueuedBytes {
  readonly buffer: Uint8Array<ArrayBuffer>;
  start: number;
  readonly end: number;
}

/** `Stream` over a descriptor watched by epoll. */
export class EpollStream implements BlockingStream, Watched {
  handler: StreamHandler = NO_HANDLER;
  readonly fd: number;
  closed = false;
  received = false;
  queued = 0;
  #reactor: Reactor;
  #remote: SocketAddress | undefined;
  #local: SocketAddress | undefined;
  #queue: QueuedBytes[] = [];
  #paused = false;
  #ended = false;
  #endAsked = false;
  /** Not watched: the peer has closed while reading is paused, which epoll would report without end. */
  #unwatched = false;
  #interest = EPOLLIN;

  constructor(reactor: Reactor, fd: number, remote?: SocketAddress) {
    this.#reactor = reactor;
    this.fd = fd;
    this.#remote = remote;
    reactor.add(this, EPOLLIN);
  }

  get remote(): SocketAddress {
    return this.#remote ??= this.#address("getpeername");
  }

  get local(): SocketAddress {
    return this.#local ??= this.#address("getsockname");
  }

  write(buffer: Uint8Array, start: number, end: number): boolean {
    if (this.closed || this.#endAsked) return true;
    let at = start;
    if (this.queued === 0) {
      at += this.#send(buffer, start, end);
      if (this.closed || at === end) return true;
    }
    // A copy: the caller's buffer is its own again after this call.
    const room = this.#reactor.takeBuffer(end - at);
    room.set(buffer.subarray(at, end));
    this.#queue.push({ buffer: room, start: 0, end: end - at });
    this.queued += end - at;
    this.#watch();
    return false;
  }

  pause(): void {
    this.#paused = true;
    this.#watch();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#unwatched || this.closed) return this.#watch();
    this.#unwatched = false;
    this.#interest = this.#wanted();
    this.#reactor.add(this, this.#interest);
  }

  end(): void {
    if (this.closed || this.#endAsked) return;
    this.#endAsked = true;
    if (this.queued === 0) this.#reactor.calls.shutdown(this.fd, SHUT_WR);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const { buffer } of this.#queue) this.#reactor.giveBuffer(buffer);
    this.#queue = [];
    this.queued = 0;
    this.#reactor.remove(this);
    this.#reactor.calls.close(this.fd);
    this.handler.onClose();
  }

  reset(): void {
    if (this.closed) return;
    // struct linger { l_onoff: 1, l_linger: 0 }: close() then sends RST.
    this.#reactor.calls.setsockopt(
      this.fd,
      SOL_SOCKET,
      SO_LINGER,
      new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]),
      8,
    );
    this.close();
  }

  readNow(): boolean {
    return !this.closed && !this.#ended && this.#receive();
  }

  waitForData(timeout: number): boolean {
    if (this.closed || this.#ended) return true;
    if (!this.#poll(POLLIN, timeout)) return false;
    this.#receive();
    return true;
  }

  waitUntilSent(timeout: number): boolean {
    while (this.queued > 0 && !this.closed) {
      if (!this.#poll(POLLOUT, timeout)) return false;
      this.#flush();
    }
    return true;
  }

  onReady(events: number): void {
    if ((events & EPOLLOUT) !== 0) this.#flush();
    if (this.closed) return;
    if ((events & EPOLLIN) !== 0 && !this.#paused) {
      this.#receive();
    } else if ((events & EPOLLERR) !== 0 || (events & EPOLLHUP) !== 0 && !this.#paused) {
      this.close();
    } else if ((events & EPOLLHUP) !== 0) {
      // What the peer sent before it closed is still to be read.
      this.#unwatched = true;
      this.#reactor.remove(this);
    }
  }

  /** Blocks until one of the events, or an error that the next call will show. */
  #poll(events: number, timeout: number): boolean {
    // struct pollfd { int fd; short events; short revents; }
    const entry = new Int32Array([this.fd, events]);
    const limit = Math.min(Math.max(Math.ceil(timeout), 0), 0x7fffffff);
    const ready = this.#reactor.calls.poll(entry, 1, limit) !== 0;
    this.#reactor.refresh();
    return ready;
  }

  /** Returns false where nothing had arrived. */
  #receive(): boolean {
    const { calls, receiveArea } = this.#reactor;
    const count = calls.recv(this.fd, receiveArea, receiveArea.length, 0);
    if (count > 0) {
      this.received = true;
      this.handler.onData(this.#reactor.receiveBuffer, DATA_MARGIN, DATA_MARGIN + count);
    } else if (count === 0) {
      this.#ended = true;
      this.#watch();
      this.handler.onEnd();
    } else {
      const number = errno(calls);
      if (number === EAGAIN || number === EINTR) return false;
      this.close();
    }
    return true;
  }

  /** Sends what the system takes now; returns how many bytes. Closes at an error of the connection. */
  #send(buffer: Uint8Array, start: number, end: number): number {
    const { calls } = this.#reactor;
    let at = start;
    while (at < end) {
      const part = at === 0 ? buffer : buffer.subarray(at, end);
      const count = calls.send(this.fd, part as BufferSource, end - at, MSG_NOSIGNAL);
      if (count < 0) {
        const number = errno(calls);
        if (number === EINTR) continue;
        if (number !== EAGAIN) this.close();
        break;
      }
      at += count;
    }
    return at - start;
  }

  #flush(): void {
    while (this.#queue.length > 0) {
      const first = this.#queue[0]!;
      const sent = this.#send(first.buffer, first.start, first.end);
      if (this.closed) return;
      this.queued -= sent;
      first.start += sent;
      if (first.start < first.end) return;
      this.#queue.shift();
      this.#reactor.giveBuffer(first.buffer);
    }
    this.#watch();
    if (this.#endAsked) this.#reactor.calls.shutdown(this.fd, SHUT_WR);
    this.handler.onDrain();
  }

  /** Tells epoll what is waited for, where that has changed. */
  #watch(): void {
    if (this.closed || this.#unwatched) return;
    const interest = this.#wanted();
    if (interest === this.#interest) return;
    this.#interest = interest;
    this.#reactor.modify(this, interest);
  }

  #wanted(): number {
    return (this.#paused || this.#ended ? 0 : EPOLLIN) | (this.queued > 0 ? EPOLLOUT : 0);
  }

  #address(call: "getsockname" | "getpeername"): SocketAddress {
    const bytes = new Uint8Array(SOCKADDR_SIZE);
    const length = new Uint32Array([SOCKADDR_SIZE]);
    const status = this.#reactor.calls[call](this.fd, bytes, length);
    return status === 0 ? readAddress(bytes) : { hostname: "", port: 0 };
  }
}
