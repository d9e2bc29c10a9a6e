/**
 * Writes an ELF executable without what stands behind it: `deno run -A tests/compiled/elf_end.ts FROM TO`. Behind the
 * runtime of a program that `deno compile` made, that is the program.
 *
 * @module
 */

/** Offsets in a 64-bit ELF header (elf(5)). */
const SECTION_TABLE = 0x28;
const SECTION_ENTRY_SIZE = 0x3a;
const SECTION_COUNT = 0x3c;

/** Where a 64-bit little-endian ELF file ends: behind its table of sections, which linkers put last. */
export function elfEnd(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0, false) !== 0x7f454c46) throw new Error("the file is no ELF file");
  return Number(view.getBigUint64(SECTION_TABLE, true)) +
    view.getUint16(SECTION_ENTRY_SIZE, true) * view.getUint16(SECTION_COUNT, true);
}

if (import.meta.main) {
  const [from, to] = Deno.args as [string, string];
  const bytes = Deno.readFileSync(from);
  Deno.writeFileSync(to, bytes.subarray(0, elfEnd(bytes)), { mode: 0o755 });
}
