/**
 * A listening socket that another program has made and passed on, on Linux.
 *
 * @module
 */
import { openCLibrary } from "./c_library.ts";
import { SOCKET_SYMBOLS } from "./socket_symbols.ts";

const SYMBOLS = {
  ...SOCKET_SYMBOLS,
  getsockopt: {
    parameters: [
      "i32", // int sockfd
      "i32", // int level
      "i32", // int optname
      "buffer", // void *optval
      "buffer", // socklen_t *optlen
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_ACCEPTCONN = 30;
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/**
 * Prepares the socket for use by this program.
 *
 * @param inheritable whether child processes inherit it in turn.
 * @returns false where the descriptor is no listening stream socket.
 */
export function prepareInheritedListener(fd: number, inheritable: boolean): boolean {
  const calls = openCLibrary(SYMBOLS);
  const option = (name: number) => {
    const value = new Int32Array(1);
    const status = calls.getsockopt(fd, SOL_SOCKET, name, value, new Uint32Array([4]));
    return status === 0 ? value[0] : undefined;
  };
  if (option(SO_TYPE) !== SOCK_STREAM || option(SO_ACCEPTCONN) !== 1) return false;
  calls.fcntl(fd, F_SETFD, inheritable ? 0 : FD_CLOEXEC);
  // Accepted sockets take this over (tcp(7)). A Unix domain socket refuses it and needs none.
  calls.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, new Int32Array([1]), 4);
  return true;
}
