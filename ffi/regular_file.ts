/**
 * Reading a file in a folder that another user may write to (open(2), pread(2)).
 *
 * @module
 */
import { openCLibrary } from "./c_library.ts";
import { FILE_SYMBOLS } from "./file_symbols.ts";

const SYMBOLS = {
  ...FILE_SYMBOLS,
  pread: {
    parameters: [
      "i32", // int fd
      "buffer", // void *buf
      "usize", // size_t count
      "i64", // off_t offset
    ],
    result: "isize",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** `O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC` (`<fcntl.h>`). */
const FLAGS: Partial<Record<string, number>> = {
  "linux x86_64": 0o400000 | 0o4000 | 0o2000000,
  "linux aarch64": 0o100000 | 0o4000 | 0o2000000,
  "darwin x86_64": 0x100 | 0x4 | 0x1000000,
  "darwin aarch64": 0x100 | 0x4 | 0x1000000,
};

let calls: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;

/**
 * The first `most` bytes of a regular file; undefined where there is none. A symbolic link is not followed, and a named
 * pipe, which has no positions, is not waited for.
 */
export function readRegularFile(path: string, most: number): Uint8Array<ArrayBuffer> | undefined {
  const flags = FLAGS[`${Deno.build.os} ${Deno.build.arch}`];
  if (flags === undefined) return readWhole(path)?.subarray(0, most);
  calls ??= openCLibrary(SYMBOLS);
  const fd = calls.open(new TextEncoder().encode(`${path}\0`), flags);
  if (fd < 0) return undefined;
  try {
    const bytes = new Uint8Array(most);
    let length = 0;
    while (length < most) {
      const room = bytes.subarray(length);
      const count = Number(calls.pread(fd, room, BigInt(room.length), BigInt(length)));
      if (count < 0) return undefined;
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } finally {
    calls.close(fd);
  }
}

function readWhole(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Deno.readFileSync(path);
  } catch {
    return undefined;
  }
}
