/**
 * The calls of Winsock that make one socket of the system for Python in this process.
 *
 * @module
 */

const SYMBOLS = {
  WSAStartup: {
    parameters: [
      "u16", // WORD wVersionRequired
      "buffer", // LPWSADATA lpWSAData
    ],
    result: "i32",
  },
  WSASocketW: {
    parameters: [
      "i32", // int af
      "i32", // int type
      "i32", // int protocol
      "pointer", // LPWSAPROTOCOL_INFOW lpProtocolInfo
      "u32", // GROUP g
      "u32", // DWORD dwFlags
    ],
    result: "usize", // SOCKET
  },
  connect: {
    parameters: [
      "usize", // SOCKET s
      "buffer", // const struct sockaddr *name
      "i32", // int namelen
    ],
    result: "i32",
  },
  getsockname: {
    parameters: [
      "usize", // SOCKET s
      "buffer", // struct sockaddr *name
      "buffer", // int *namelen
    ],
    result: "i32",
  },
  closesocket: {
    parameters: [
      "usize", // SOCKET s
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const AF_INET = 2;
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const WSA_FLAG_OVERLAPPED = 0x01;
const WSA_FLAG_NO_HANDLE_INHERIT = 0x80;
const INVALID_SOCKET = 0xffff_ffff_ffff_ffffn;
/** `sizeof(WSADATA)` on 64-bit Windows is 408. */
const WSADATA_SIZE = 512;
const SOCKADDR_IN_SIZE = 16;

/** A socket connected to a port of this machine, blocking, not inherited by child processes. */
export class LoopbackSocket {
  /** The SOCKET, for Python's `socket.socket(fileno=…)`, which owns it from then on. */
  readonly handle: number;
  /** Its own port: what the listener sees as the peer's. */
  readonly port: number;

  private constructor(handle: number, port: number) {
    this.handle = handle;
    this.port = port;
  }

  /**
   * Connects to 127.0.0.1. A listening socket's backlog takes the connection, so this does not wait.
   *
   * @throws {Error} where Winsock refuses.
   */
  static connect(port: number): LoopbackSocket {
    const library = Deno.dlopen("ws2_32.dll", SYMBOLS);
    const { symbols } = library;
    try {
      symbols.WSAStartup(0x0202, new Uint8Array(WSADATA_SIZE));
      const handle = symbols.WSASocketW(
        AF_INET,
        SOCK_STREAM,
        IPPROTO_TCP,
        null,
        0,
        WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT,
      );
      if (handle === INVALID_SOCKET) throw new Error("WSASocketW failed");
      const address = new Uint8Array(SOCKADDR_IN_SIZE);
      const view = new DataView(address.buffer);
      view.setUint16(0, AF_INET, true);
      view.setUint16(2, port, false);
      address.set([127, 0, 0, 1], 4);
      const length = new Int32Array([SOCKADDR_IN_SIZE]);
      if (
        symbols.connect(handle, address, SOCKADDR_IN_SIZE) !== 0 ||
        symbols.getsockname(handle, address, length) !== 0
      ) {
        symbols.closesocket(handle);
        throw new Error(`connecting to 127.0.0.1, port ${port}, failed`);
      }
      return new LoopbackSocket(Number(handle), view.getUint16(2, false));
    } finally {
      library.close();
    }
  }
}
