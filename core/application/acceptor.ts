/**
 * Embedded mode: which process accepts a connection, where several do so from one listening socket.
 *
 * A process accepts while it has a thread to spare, one connection at a time, and asks epoll anew after each: it then
 * stands behind its siblings, so that connections spread evenly. A process without a thread to spare takes its listening
 * socket out of epoll: left there, it could be the one that epoll wakes, and the connection would wait for it while others
 * sleep (EPOLLEXCLUSIVE, epoll_ctl(2)).
 *
 * @module
 */
import type {
  BlockingStream,
  Listener,
  SocketAddress,
  Stream,
  Transport,
} from "../net/transport.ts";

/**
 * How long a new connection counts as a request that has not arrived yet. A client sends its request with the last packet
 * of the handshake or right behind it; one that does not is waiting for something else.
 */
const FRESH_MS = 5;

/** What the process has to do. */
export interface Occupation {
  /** Requests that run or wait. */
  readonly requests: number;
  /** Worker threads. */
  readonly threads: number;
}

/** A connection of which nothing has been heard. */
interface FreshConnection {
  readonly stream: BlockingStream;
  /** Until when a request may be expected of it, milliseconds of the monotonic clock. */
  readonly until: number;
}

/** Accepts connections of the shared listening socket, as many as the process has room for. */
export class Acceptor implements Listener {
  #transport: Transport;
  /** Undefined until it is open. */
  #listener: Listener | undefined;
  #occupation: Occupation;
  #now: () => number;
  #fresh: FreshConnection[] = [];
  /** Paused from outside, and for lack of a thread. */
  #paused = false;
  #full = false;

  private constructor(transport: Transport, occupation: Occupation, now: () => number) {
    this.#transport = transport;
    this.#occupation = occupation;
    this.#now = now;
  }

  /**
   * Accepts from the inherited socket `fd` and gives the connections to `onStream`. `now` is the monotonic clock, in
   * milliseconds.
   */
  static async open(
    transport: Transport,
    fd: number,
    occupation: Occupation,
    onStream: (stream: Stream) => void,
    now = () => performance.now(),
  ): Promise<Acceptor> {
    const acceptor = new Acceptor(transport, occupation, now);
    const accept = (stream: Stream) => {
      onStream(stream);
      acceptor.#onAccepted(stream as BlockingStream);
    };
    const hasRoom = () => occupation.requests < occupation.threads;
    const listener = await transport.adoptListener(fd, accept, 1, hasRoom);
    acceptor.#listener = listener;
    // Connections may have been waiting.
    if (acceptor.#full) listener.pause();
    return acceptor;
  }

  get address(): SocketAddress {
    return this.#listener!.address;
  }

  get fd(): number | undefined {
    return this.#listener?.fd;
  }

  /** The occupation has changed. */
  update(): void {
    const full = this.#isFull();
    if (full === this.#full) return;
    this.#full = full;
    if (this.#paused) return;
    if (full) this.#listener?.pause();
    else this.#listener?.resume();
  }

  pause(): void {
    this.#paused = true;
    this.#listener?.pause();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#full) this.#listener?.resume();
  }

  close(): void {
    this.#listener?.close();
  }

  #onAccepted(stream: BlockingStream): void {
    // What has come with it makes a request now: the next decision knows of it.
    if (!stream.closed && !stream.readNow()) {
      this.#fresh.push({ stream, until: this.#now() + FRESH_MS });
      this.#transport.after(FRESH_MS, () => this.update());
    }
    this.#listener?.pause();
    this.#full = true;
    this.update();
  }

  #isFull(): boolean {
    const { requests, threads } = this.#occupation;
    if (requests >= threads) return true;
    if (this.#fresh.length === 0) return false;
    const now = this.#now();
    this.#fresh = this.#fresh.filter(({ stream, until }) =>
      until > now && !stream.closed && !stream.received
    );
    return requests + this.#fresh.length >= threads;
  }
}
