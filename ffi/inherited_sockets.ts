/**
 * Keeps sockets of this process from its children (Windows).
 *
 * A child inherits each handle that is marked so, and what `accept` of Winsock gives may be. As long as the child has its
 * copy, closing the socket here tells the other end nothing.
 *
 * @module
 */

const KERNEL32 = {
  GetHandleInformation: {
    parameters: [
      "usize", // HANDLE hObject
      "buffer", // LPDWORD lpdwFlags
    ],
    result: "i32", // BOOL
  },
  SetHandleInformation: {
    parameters: [
      "usize", // HANDLE hObject
      "u32", // DWORD dwMask
      "u32", // DWORD dwFlags
    ],
    result: "i32", // BOOL
  },
  GetStdHandle: {
    parameters: [
      "i32", // DWORD nStdHandle
    ],
    result: "usize", // HANDLE
  },
} as const satisfies Deno.ForeignLibraryInterface;

const WINSOCK = {
  getsockopt: {
    parameters: [
      "usize", // SOCKET s
      "i32", // int level
      "i32", // int optname
      "buffer", // char *optval
      "buffer", // int *optlen
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const HANDLE_FLAG_INHERIT = 1;
const SOL_SOCKET = 0xffff;
const SO_TYPE = 0x1008;
/** STD_INPUT_HANDLE, STD_OUTPUT_HANDLE and STD_ERROR_HANDLE. */
const STANDARD_HANDLES = [-10, -11, -12];
/** Handles are multiples of it. */
const HANDLE_STEP = 4;
/** The system reuses low handles, so that the last one is found where so many in a row are not in use. */
const LONGEST_GAP = 4096;

/**
 * Makes the sockets that this process has now not inheritable. To be called right before a child is started, on the thread
 * that accepts connections: `node:net` tells no handles, so all possible ones are looked at, which takes milliseconds.
 */
export function keepSocketsFromChildren(): void {
  const kernel32 = Deno.dlopen("kernel32.dll", KERNEL32);
  const winsock = Deno.dlopen("ws2_32.dll", WINSOCK);
  try {
    const { GetHandleInformation, SetHandleInformation, GetStdHandle } = kernel32.symbols;
    const flags = new Uint32Array(1);
    // Asking what they are can wait for another thread that reads from them.
    const standard = STANDARD_HANDLES.map((number) => Number(GetStdHandle(number)));
    let last = 0;
    for (
      let handle = HANDLE_STEP;
      handle - last <= LONGEST_GAP * HANDLE_STEP;
      handle += HANDLE_STEP
    ) {
      const value = BigInt(handle);
      if (GetHandleInformation(value, flags) !== 0) {
        last = handle;
        const inherits = (flags[0]! & HANDLE_FLAG_INHERIT) !== 0;
        if (inherits && !standard.includes(handle) && isSocket(winsock.symbols, value)) {
          SetHandleInformation(value, HANDLE_FLAG_INHERIT, 0);
        }
      }
    }
  } finally {
    kernel32.close();
    winsock.close();
  }
}

function isSocket(
  { getsockopt }: Deno.DynamicLibrary<typeof WINSOCK>["symbols"],
  handle: bigint,
): boolean {
  const type = new Int32Array(1);
  const length = new Int32Array([type.byteLength]);
  return getsockopt(handle, SOL_SOCKET, SO_TYPE, type, length) === 0;
}
