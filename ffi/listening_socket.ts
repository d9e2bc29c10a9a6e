/**
 * A listening TCP socket that child processes inherit, on Linux and macOS.
 *
 * @module
 */
import { failureOf, openCLibrary, type SystemFailure } from "./c_library.ts";
import { SOCKET_SYMBOLS } from "./socket_symbols.ts";

const AF_INET = 2;
const SOCK_STREAM = 1;
const IPPROTO_IPV6 = 41;
const SHUT_RDWR = 2;

/** Numbers that differ (`<sys/socket.h>`, `<netinet/in.h>`). */
const NUMBERS = Deno.build.os === "darwin"
  ? { AF_INET6: 30, SOL_SOCKET: 0xffff, SO_REUSEADDR: 4, IPV6_V6ONLY: 27 }
  : { AF_INET6: 10, SOL_SOCKET: 1, SO_REUSEADDR: 2, IPV6_V6ONLY: 26 };

let opened: ReturnType<typeof openCalls> | undefined;

function openCalls() {
  return openCLibrary(SOCKET_SYMBOLS);
}

/** The socket, until it is closed. */
export class ListeningSocket {
  readonly fd: number;
  readonly port: number;

  private constructor(fd: number, port: number) {
    this.fd = fd;
    this.port = port;
  }

  /**
   * Listens.
   *
   * @param address the 4 bytes of an IPv4 address, or the 16 of an IPv6 address; `::` takes IPv4 too.
   * @returns the socket, or what the system said against it.
   */
  static open(
    address: Uint8Array,
    port: number,
    backlog: number,
  ): ListeningSocket | SystemFailure {
    const calls = opened ??= openCalls();
    const family = address.length === 4 ? AF_INET : NUMBERS.AF_INET6;
    const name = socketName(family, address, port);
    let fd = -1;
    const failure = failureOf(() => (fd = calls.socket(family, SOCK_STREAM, 0)) < 0 ? -1 : 0) ??
      failureOf(() => {
        const { SOL_SOCKET, SO_REUSEADDR, IPV6_V6ONLY } = NUMBERS;
        calls.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, new Int32Array([1]), 4);
        if (family !== AF_INET) {
          calls.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, new Int32Array([0]), 4);
        }
        return calls.bind(fd, name, name.length);
      }) ??
      failureOf(() => calls.listen(fd, backlog));
    if (failure !== undefined) {
      if (fd >= 0) calls.close(fd);
      return failure;
    }
    calls.getsockname(fd, name, new Uint32Array([name.length]));
    return new ListeningSocket(fd, new DataView(name.buffer).getUint16(2, false));
  }

  /** Ends the listening for all who have inherited it too, where the system does that (Linux). */
  close(): void {
    opened?.shutdown(this.fd, SHUT_RDWR);
    opened?.close(this.fd);
  }
}

/** A `struct sockaddr_in` or `sockaddr_in6`. */
function socketName(family: number, address: Uint8Array, port: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(address.length === 4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  if (Deno.build.os === "darwin") {
    bytes[0] = bytes.length;
    bytes[1] = family;
  } else {
    view.setUint16(0, family, true);
  }
  view.setUint16(2, port, false);
  bytes.set(address, address.length === 4 ? 4 : 8);
  return bytes;
}
