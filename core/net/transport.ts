/**
 * What the server needs of the network: streams of bytes and listeners, driven by callbacks.
 *
 * Two implementations: `epoll/` (Linux; the C library's calls by FFI, no promise and no copy per read) and
 * `portable.ts` (`node:net`; macOS and Windows). A handler is called with the transport's own receive buffer, valid
 * only during the call: what it wants to keep it copies.
 *
 * @module
 */

/** Address of a stream's end or of a listener. A Unix domain socket has a path and port 0. */
export interface SocketAddress {
  readonly hostname: string;
  readonly port: number;
}

/**
 * Room before and behind the bytes that `onData` shows, free for the handler to write in during the call: it can frame
 * a part of a body in place and write it without a copy.
 */
export const DATA_MARGIN = 16;

/** What a transport calls as things happen on a stream. */
export interface StreamHandler {
  /**
   * Bytes arrived: `buffer[start, end)`, valid during the call only, with `DATA_MARGIN` bytes of free room on both sides.
   */
  onData(buffer: Uint8Array, start: number, end: number): void;
  /** The peer sends no more. Writing may still work. */
  onEnd(): void;
  /** All queued bytes have been handed to the system; called once after a `write` that returned false. */
  onDrain(): void;
  /** The stream is closed, by an error of the connection or by `close()`. The last call. */
  onClose(): void;
}

/** A connected stream socket. */
export interface Stream {
  handler: StreamHandler;
  /** Address of the peer; `{ hostname: "", port: 0 }` on a Unix domain socket. */
  readonly remote: SocketAddress;
  /** Address of this end. */
  readonly local: SocketAddress;
  /** Bytes accepted by `write` that the system has not taken yet. */
  readonly queued: number;
  readonly closed: boolean;
  /**
   * Writes `buffer[start, end)`; what the system does not take at once is copied and written later.
   *
   * @returns true when nothing is queued. After false, `onDrain` follows.
   */
  write(buffer: Uint8Array, start: number, end: number): boolean;
  /** Passes on what has arrived already, as `onData`, `onEnd` or `onClose`; false where that is nothing. Epoll only. */
  readNow?(): boolean;
  /** Stops `onData` until `resume()`: the backpressure. */
  pause(): void;
  resume(): void;
  /** Sends the end of the stream after what is queued. Reading goes on. */
  end(): void;
  /** Closes now; what is queued is lost. */
  close(): void;
  /** Closes so that the peer sees a reset instead of an orderly end (RFC 9112 section 8: an incomplete message). */
  reset(): void;
}

/** A stream on which the thread of the event loop can wait, where it has nothing else to do. */
export interface BlockingStream extends Stream {
  /** Whether anything has arrived, ever. */
  readonly received: boolean;
  /** The descriptor. */
  readonly fd: number;
  readNow(): boolean;
  /** Waits until something arrives, and passes it on as `onData` or `onEnd`. False at the end of `timeout` milliseconds. */
  waitForData(timeout: number): boolean;
  /** Waits until nothing is queued. False where the peer took nothing for `timeout` milliseconds. */
  waitUntilSent(timeout: number): boolean;
}

/** When something is expected of a `Polled`. */
export const Expected = {
  /** Nobody knows: the loop waits until it is woken. */
  SOME_TIME: 0,
  /** Soon, and nothing depends on its being noticed at once: the loop looks from time to time. */
  SOON: 1,
  /** In less time than waking the loop takes: it looks all the time. */
  AT_ONCE: 2,
} as const;
export type Expected = (typeof Expected)[keyof typeof Expected];

/** Something that the event loop finds ready by a look into memory. */
export interface Polled {
  /** Whether something has come. */
  readonly ready: boolean;
  /** How to wait for what comes next. `now`: milliseconds of the monotonic clock. */
  expected(now: number): Expected;
  /** Takes what has come; false where that is nothing. */
  poll(now: number): boolean;
  /** The loop is going to wait, and has to be woken from now on. False where something has come. */
  mayWait(): boolean;
  /** The loop waits no more. */
  awake(): void;
}

/** A listening socket. */
export interface Listener {
  readonly address: SocketAddress;
  /** Descriptor that a child process may inherit, where the platform has such; else undefined. */
  readonly fd: number | undefined;
  /** Stops and starts accepting; connections wait in the backlog meanwhile. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** How to listen. */
export interface ListenOptions {
  /** IP address; empty means all interfaces, IPv6 and IPv4. */
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly backlog: number;
  /** Whether child processes inherit the socket (POSIX). */
  readonly inheritable?: boolean;
  /** How many connections to take at a readiness; 1 leaves the others to sibling processes. Default 64. */
  readonly acceptBatch?: number;
}

/** Where a socket of the program's own parts is found, as plain data for another process or for Python. */
export type LocalAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "fd"; readonly fd: number };

/** Makes and drives sockets. */
export interface Transport {
  readonly name: "epoll" | "portable";
  /** Called with what a handler threw. Its stream is closed; everything else goes on. */
  onFault: (error: unknown) => void;
  /** Milliseconds of a monotonic clock, read once a round of the loop: cheap, a few milliseconds coarse. */
  now(): number;
  /** Reads the clock anew, for one who has blocked the loop; returns what it shows. */
  refresh(): number;
  /** @throws {AddressError} where the address is in use, not of this machine or not allowed. */
  listen(options: ListenOptions, onStream: (stream: Stream) => void): Promise<Listener>;
  /** Listens on a Unix domain socket (POSIX) at `path`. */
  listenUnix(path: string, backlog: number, onStream: (stream: Stream) => void): Promise<Listener>;
  /**
   * Serves a listening socket inherited from the parent process.
   *
   * @param hasRoom asked before each connection is accepted; where it says no, the connection waits. Epoll only.
   */
  adoptListener(
    fd: number,
    onStream: (stream: Stream) => void,
    acceptBatch?: number,
    hasRoom?: () => boolean,
  ): Promise<Listener>;
  /** Connects to a part of the program in another process. */
  connect(address: LocalAddress): Promise<Stream>;
  /** A connected pair within this process: our end, and where Python finds the other. */
  pair(): Promise<readonly [Stream, LocalAddress]>;
  /**
   * Runs `task` once, when all that has arrived at this moment has been looked at: for work done for many events at a
   * time.
   */
  afterRound(task: () => void): void;
  /** Runs `task` once, about `delay` milliseconds from now: for a few milliseconds, at next to no cost. */
  after(delay: number, task: () => void): void;
  /** Ends the loop and closes what is left open; a promise resolves once nothing is left. */
  close(): void | Promise<void>;
}
