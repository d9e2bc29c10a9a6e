/**
 * The socket and epoll calls of the C library that the reactor of `core/net/epoll/` makes.
 *
 * All are synchronous and non-blocking by the socket's own flag, except `epoll_wait_async`, which waits on a
 * thread of Deno's. Sizes are declared as in `socket_symbols.ts`.
 *
 * @module
 */
import { openCLibrary } from "./c_library.ts";
import { SOCKET_SYMBOLS } from "./socket_symbols.ts";

const SYMBOLS = {
  ...SOCKET_SYMBOLS,
  connect: {
    parameters: [
      "i32", // int sockfd
      "buffer", // const struct sockaddr *addr
      "u32", // socklen_t addrlen
    ],
    result: "i32",
  },
  accept4: {
    parameters: [
      "i32", // int sockfd
      "buffer", // struct sockaddr *addr
      "buffer", // socklen_t *addrlen
      "i32", // int flags
    ],
    result: "i32",
  },
  socketpair: {
    parameters: [
      "i32", // int domain
      "i32", // int type
      "i32", // int protocol
      "buffer", // int sv[2]
    ],
    result: "i32",
  },
  getpeername: {
    parameters: [
      "i32", // int sockfd
      "buffer", // struct sockaddr *addr
      "buffer", // socklen_t *addrlen
    ],
    result: "i32",
  },
  recv: {
    parameters: [
      "i32", // int sockfd
      "buffer", // void *buf
      "u32", // size_t len
      "i32", // int flags
    ],
    result: "i32", // ssize_t
  },
  send: {
    parameters: [
      "i32", // int sockfd
      "buffer", // const void *buf
      "u32", // size_t len
      "i32", // int flags
    ],
    result: "i32", // ssize_t
  },
  poll: {
    parameters: [
      "buffer", // struct pollfd *fds
      "u32", // nfds_t nfds
      "i32", // int timeout, milliseconds
    ],
    result: "i32",
  },
  eventfd: {
    parameters: [
      "u32", // unsigned int initval
      "i32", // int flags
    ],
    result: "i32",
  },
  read: {
    parameters: [
      "i32", // int fd
      "buffer", // void *buf
      "u32", // size_t count
    ],
    result: "i32", // ssize_t
  },
  write: {
    parameters: [
      "i32", // int fd
      "buffer", // const void *buf
      "u32", // size_t count
    ],
    result: "i32", // ssize_t
  },
  epoll_create1: {
    parameters: [
      "i32", // int flags
    ],
    result: "i32",
  },
  epoll_ctl: {
    parameters: [
      "i32", // int epfd
      "i32", // int op
      "i32", // int fd
      "buffer", // struct epoll_event *event
    ],
    result: "i32",
  },
  epoll_wait: {
    parameters: [
      "i32", // int epfd
      "buffer", // struct epoll_event *events
      "i32", // int maxevents
      "i32", // int timeout, milliseconds
    ],
    result: "i32",
  },
  epoll_wait_async: {
    name: "epoll_wait",
    parameters: [
      "i32", // int epfd
      "buffer", // struct epoll_event *events
      "i32", // int maxevents
      "i32", // int timeout, milliseconds
    ],
    result: "i32",
    nonblocking: true,
  },
  usleep: {
    parameters: [
      "u32", // useconds_t usec
    ],
    result: "i32",
  },
  __errno_location: {
    parameters: [],
    result: "pointer", // int *
  },
  strerror: {
    parameters: [
      "i32", // int errnum
    ],
    result: "pointer", // char *
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** The typed functions of the C library behind the reactor. */
export type SocketCalls = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

let opened: SocketCalls | undefined;

/**
 * The socket calls of this process, opened at the first use and kept: the C library is never unloaded.
 *
 * @throws {Error} where the C library can't be opened (only Linux with glibc or musl has all of these names).
 */
export function socketCalls(): SocketCalls {
  opened ??= openCLibrary(SYMBOLS);
  return opened;
}

let errnoView: Deno.UnsafePointerView | undefined;

/** `errno` of the call just made on this thread. Read it before anything else runs. */
export function errno(calls: SocketCalls): number {
  // A thread's errno stays where it is; looking for it each time would allocate, which may itself change errno.
  errnoView ??= new Deno.UnsafePointerView(calls.__errno_location()!);
  return errnoView.getInt32();
}

/** The system's text for an errno, such as `Address already in use`. */
export function errnoText(calls: SocketCalls, number: number): string {
  const text = calls.strerror(number);
  return text === null ? `errno ${number}` : Deno.UnsafePointerView.getCString(text);
}
