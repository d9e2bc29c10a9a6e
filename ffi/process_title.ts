/**
 * The name under which the system lists this process. Linux only: macOS has no call for it.
 *
 * @module
 */
import { openCLibrary } from "./c_library.ts";

const SYMBOLS = {
  prctl: {
    parameters: [
      "i32", // int option
      "buffer", // const char *name: the system takes 15 bytes of it
      "usize",
      "usize",
      "usize",
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** `<sys/prctl.h>` */
const PR_SET_NAME = 15;
/** Fields of proc_pid_stat(5) behind the name in parentheses: where the arguments begin and end. */
const ARG_START = 45;
const ARG_END = 46;

/**
 * Names this process: `ps` and `top` show it. The name of the process has room for 15 bytes; the command line, which
 * `ps -f` shows, for as many as the arguments of the start took.
 *
 * To be called on the main thread, as the first thread's name is the process's.
 */
export function setProcessTitle(title: string): void {
  if (Deno.build.os !== "linux") return;
  openCLibrary(SYMBOLS).prctl(PR_SET_NAME, new TextEncoder().encode(title + "\0"), 0n, 0n, 0n);
  const memory = argumentMemory();
  // Nobody reads the arguments here any more: Deno has copied them.
  if (memory !== undefined) new Uint8Array(memory).set(titleBytes(title, memory.byteLength));
}

/** The bytes of a command line of `size` bytes that shows `title`; at least the last is NUL. */
export function titleBytes(title: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  if (size > 0) new TextEncoder().encodeInto(title, bytes.subarray(0, size - 1));
  return bytes;
}

/** Begin and end of the arguments in memory by the text of `/proc/self/stat`. */
export function argumentRange(stat: string): { start: bigint; end: bigint } | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).trim().split(" ");
  const [start, end] = [fields[ARG_START], fields[ARG_END]];
  if (start === undefined || end === undefined || start === "0") return undefined;
  return { start: BigInt(start), end: BigInt(end) };
}

function argumentMemory(): ArrayBuffer | undefined {
  const range = argumentRange(Deno.readTextFileSync("/proc/self/stat"));
  if (range === undefined || range.end <= range.start) return undefined;
  const pointer = Deno.UnsafePointer.create(range.start);
  if (pointer === null) return undefined;
  return Deno.UnsafePointerView.getArrayBuffer(pointer, Number(range.end - range.start));
}
