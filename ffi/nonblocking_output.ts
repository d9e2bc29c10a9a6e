/**
 * Writing to a terminal or a pipe that may have no room (open(2), write(2), poll(2)).
 *
 * @module
 */
import { openCLibrary } from "./c_library.ts";
import { FILE_SYMBOLS } from "./file_symbols.ts";

const SYMBOLS = {
  ...FILE_SYMBOLS,
  write: {
    parameters: [
      "i32", // int fd
      "buffer", // const void *buf
      "usize", // size_t count
    ],
    result: "isize",
  },
  poll: {
    parameters: [
      "buffer", // struct pollfd *fds
      "u64", // nfds_t nfds
      "i32", // int timeout
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** `O_WRONLY | O_NOCTTY | O_APPEND | O_NONBLOCK | O_CLOEXEC` of Linux. */
const FLAGS = 0o1 | 0o400 | 0o2000 | 0o4000 | 0o2000000;
const POLLOUT = 4;
/** `POLLERR | POLLHUP`: nobody has a pipe open for reading; a terminal has hung up. */
const GONE = 8 | 16;

/** Standard output or standard error, opened once more: the others who write there do not see that it never blocks. */
export class NonBlockingOutput {
  #calls: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
  #fd: number;

  private constructor(calls: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"], fd: number) {
    this.#calls = calls;
    this.#fd = fd;
  }

  /** Opens what `descriptor` stands for; undefined where that can't be done, or is no terminal and no pipe. */
  static open(descriptor: 1 | 2): NonBlockingOutput | undefined {
    if (Deno.build.os !== "linux") return undefined;
    const path = `/proc/self/fd/${descriptor}`;
    try {
      const { isFifo, isCharDevice } = Deno.statSync(path);
      if (!isFifo && !isCharDevice) return undefined;
      const calls = openCLibrary(SYMBOLS);
      const fd = calls.open(new TextEncoder().encode(`${path}\0`), FLAGS);
      return fd < 0 ? undefined : new NonBlockingOutput(calls, fd);
    } catch {
      return undefined;
    }
  }

  /**
   * Writes what there is room for; returns how many bytes, -1 where there is none or nobody is left to read (see
   * `hasReader`).
   */
  write(bytes: Uint8Array<ArrayBuffer>): number {
    return Number(this.#calls.write(this.#fd, bytes, BigInt(bytes.length)));
  }

  /** Waits until there is room, or nobody is left to read, for at most so many milliseconds. */
  waitForRoom(milliseconds: number): boolean {
    return this.#poll(Math.ceil(milliseconds)) !== 0;
  }

  /** Whether there is a reader, at the moment: a named pipe may get another one. */
  hasReader(): boolean {
    return (this.#poll(0) & GONE) === 0;
  }

  close(): void {
    this.#calls.close(this.#fd);
  }

  /** What poll(2) finds; 0 for nothing in time. */
  #poll(milliseconds: number): number {
    // struct pollfd { int fd; short events; short revents; }
    const entry = new Int32Array([this.#fd, POLLOUT]);
    return this.#calls.poll(entry, 1n, milliseconds) > 0 ? entry[1]! >> 16 : 0;
  }
}
