/**
 * Datagrams to a Unix domain socket (unix(7)), on Linux.
 *
 * @module
 */
import { failureOf, openCLibrary, type SystemFailure } from "./c_library.ts";
import { SOCKET_SYMBOLS } from "./socket_symbols.ts";

const SYMBOLS = {
  ...SOCKET_SYMBOLS,
  sendto: {
    parameters: [
      "i32", // int sockfd
      "buffer", // const void *buf
      "usize", // size_t len
      "i32", // int flags
      "buffer", // const struct sockaddr *dest_addr
      "u32", // socklen_t addrlen
    ],
    result: "isize", // ssize_t
  },
} as const satisfies Deno.ForeignLibraryInterface;

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** `sizeof(sockaddr_un.sun_path)`. */
const LONGEST_PATH = 108;

/** A socket that sends to one address. */
export class UnixDatagram {
  #calls = openCLibrary(SYMBOLS);
  #fd: number;
  #address: Uint8Array<ArrayBuffer>;

  /**
   * @param address a path, or `@` and a name: an address in the abstract namespace.
   * @throws {RangeError} where it is longer than an address can be.
   * @throws {Error} where no socket can be made.
   */
  constructor(address: string) {
    this.#address = socketAddress(address);
    this.#fd = this.#calls.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (this.#fd < 0) throw new Error("no Unix domain socket can be made");
  }

  /**
   * Sends one datagram, or nothing where the receiver's queue is full.
   *
   * @returns why it could not be sent; undefined when it could.
   */
  send(text: string): SystemFailure | undefined {
    const bytes = new TextEncoder().encode(text);
    return failureOf(() => {
      const sent = this.#calls.sendto(
        this.#fd,
        bytes,
        BigInt(bytes.length),
        MSG_DONTWAIT | MSG_NOSIGNAL,
        this.#address,
        this.#address.length,
      );
      return sent < 0n ? -1 : 0;
    });
  }

  close(): void {
    this.#calls.close(this.#fd);
  }
}

/** A `struct sockaddr_un`. The length of an abstract address counts, and there is no NUL behind it. */
function socketAddress(address: string): Uint8Array<ArrayBuffer> {
  const path = new TextEncoder().encode(address);
  if (path.length >= LONGEST_PATH) throw new RangeError(`the address "${address}" is too long`);
  const abstract = address.startsWith("@");
  const bytes = new Uint8Array(2 + path.length + (abstract ? 0 : 1));
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(path, 2);
  if (abstract) bytes[2] = 0;
  return bytes;
}
