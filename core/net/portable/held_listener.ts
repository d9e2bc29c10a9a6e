/**
 * A listening socket that other processes accept from.
 *
 * @module
 */
import { ListeningSocket } from "../../../ffi/listening_socket.ts";
import type { SystemFailure } from "../../../ffi/c_library.ts";
import type { AddressError } from "../../errors.ts";
import { ipAddress } from "../epoll/address.ts";
import type { Listener, ListenOptions, SocketAddress } from "../transport.ts";
import { addressError, ipOf } from "./opened.ts";

/** Names of the errors that a person can do something about, on Linux and on macOS (`<errno.h>`). */
const CODES: Readonly<Record<number, string>> = {
  13: "EACCES",
  48: "EADDRINUSE",
  98: "EADDRINUSE",
  49: "EADDRNOTAVAIL",
  99: "EADDRNOTAVAIL",
};

/** Keeps the socket open, and accepts nothing. */
export class HeldListener implements Listener {
  readonly address: SocketAddress;
  #socket: ListeningSocket | undefined;

  /** @param socket undefined where those other processes make sockets of their own. */
  constructor(address: SocketAddress, socket: ListeningSocket | undefined) {
    this.address = address;
    this.#socket = socket;
  }

  /** @throws {AddressError} where the address is in use, not of this machine or not allowed. */
  static open({ hostname, port, backlog }: ListenOptions): HeldListener {
    const open = (ip: string) => ListeningSocket.open(bytesOf(ip), port, backlog);
    let ip = hostname === "" ? "::" : ipOf(hostname);
    let socket = open(ip);
    if (!(socket instanceof ListeningSocket) && hostname === "" && !(socket.errno in CODES)) {
      // Without IPv6 there is no "::".
      ip = "0.0.0.0";
      socket = open(ip);
    }
    if (!(socket instanceof ListeningSocket)) throw refusal(hostname, port, socket);
    return new HeldListener({ hostname: ip, port: socket.port }, socket);
  }

  get fd(): number | undefined {
    return this.#socket?.fd;
  }

  pause(): void {}

  resume(): void {}

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}

function bytesOf(ip: string): Uint8Array {
  const { bytes } = ipAddress(ip, 0);
  return bytes.length === 16 ? bytes.subarray(4, 8) : bytes.subarray(8, 24);
}

function refusal(hostname: string, port: number, { errno, text }: SystemFailure): AddressError {
  const where = `${hostname || "all interfaces"}, port ${port}`;
  return addressError(where, { code: CODES[errno], message: text });
}
