/**
 * Lists what `deno compile` has put into a file.
 *
 * The data stand in a section of the executable between two marks: the settings as JSON, then, among others, the tree of
 * the embedded files as JSON, then their bytes. Each part has its length before it (64 bits, little endian). This is the
 * form of Deno 2.9; the tests notice where another release changes it.
 *
 * @module
 */
import { Buffer } from "node:buffer";

const MARK = "d3n0l4nd";
const LENGTH_SIZE = 8;

/** What is inside a compiled file. */
export interface Contents {
  /** The module that runs first, relative to the root of the embedded files. */
  readonly entryPoint: string;
  /** Permissions that are granted without asking: names such as `allow_ffi`. */
  readonly permissions: readonly string[];
  /** Paths of the embedded files, with `/` between the parts, in the order of the tree. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

interface Entry {
  readonly Dir?: { readonly n: string; readonly e: readonly Entry[] };
  readonly File?: { readonly n: string; readonly o: readonly [number, number] };
}

/**
 * Reads a compiled file.
 *
 * @throws {Error} where it carries no program, or in another form.
 */
export function readContents(file: Uint8Array): Contents {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const begin = programStart(bytes);
  const end = bytes.lastIndexOf(MARK);
  if (begin < 0 || end < begin) throw new Error("the file carries no compiled program");
  const data = bytes.subarray(begin, end);
  const settingsEnd = LENGTH_SIZE + lengthAt(data, 0);
  const settings = JSON.parse(data.toString("utf8", LENGTH_SIZE, settingsEnd));
  const [entries, filesStart] = readTree(data, settingsEnd);
  const files = new Map<string, Uint8Array>();
  collect(entries, "", data.subarray(filesStart), files);
  return {
    entryPoint: settings.entrypoint_key,
    permissions: Object.entries(settings.permissions)
      .filter(([name, value]) => name.startsWith("allow_") && Array.isArray(value))
      .map(([name]) => name),
    files,
  };
}

/** Where the settings' length stands, or -1. The mark is in the code of Deno too, where no settings follow. */
function programStart(bytes: Buffer): number {
  for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + 1)) {
    const start = at + MARK.length;
    if (bytes.toString("latin1", start + LENGTH_SIZE, start + LENGTH_SIZE + 2) === '{"') {
      return start;
    }
  }
  return -1;
}

/** The tree, and where the bytes of the files begin: behind it and one more length. */
function readTree(data: Buffer, from: number): readonly [readonly Entry[], number] {
  for (const start of [`[{"Dir":`, `[{"File":`]) {
    const at = data.indexOf(start, from);
    if (at < 0) continue;
    const length = lengthAt(data, at - LENGTH_SIZE);
    if (length > data.length - at) continue;
    const entries = JSON.parse(data.toString("utf8", at, at + length));
    return [entries, at + length + LENGTH_SIZE];
  }
  throw new Error("the file's list of embedded files is not where it is expected");
}

function collect(
  entries: readonly Entry[],
  folder: string,
  bytes: Buffer,
  files: Map<string, Uint8Array>,
): void {
  for (const { Dir, File } of entries) {
    if (Dir !== undefined) collect(Dir.e, `${folder}${Dir.n}/`, bytes, files);
    if (File !== undefined) {
      const [offset, length] = File.o;
      files.set(folder + File.n, bytes.subarray(offset, offset + length));
    }
  }
}

function lengthAt(data: Buffer, at: number): number {
  return Number(data.readBigUInt64LE(at));
}
