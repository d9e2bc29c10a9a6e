/**
 * Tells what kind of executable file some bytes are.
 *
 * @module
 */
import type { Format, Machine } from "./targets.ts";

/** What the headers of a file say. */
export interface Executable {
  readonly format: Format;
  readonly machine: Machine;
}

/**
 * Reads the headers of an ELF, PE or 64-bit Mach-O file.
 *
 * @param head the first kilobytes of the file.
 * @throws {Error} where it is none of them, or for another processor.
 */
export function readExecutable(head: Uint8Array): Executable {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0, false) === 0x7f454c46) {
    // e_machine of the ELF header
    return {
      format: "ELF",
      machine: machineOf(view.getUint16(18, true), { 0x3e: "x86_64", 0xb7: "aarch64" }),
    };
  }
  if (view.getUint32(0, true) === 0xfeedfacf) {
    // cputype of struct mach_header_64
    const machine = machineOf(view.getUint32(4, true), {
      0x01000007: "x86_64",
      0x0100000c: "aarch64",
    });
    return { format: "Mach-O", machine };
  }
  if (view.getUint16(0, true) === 0x5a4d) {
    const header = view.getUint32(0x3c, true);
    if (header + 6 <= head.length && view.getUint32(header, true) === 0x00004550) {
      // Machine of IMAGE_FILE_HEADER
      const machine = machineOf(view.getUint16(header + 4, true), {
        0x8664: "x86_64",
        0xaa64: "aarch64",
      });
      return { format: "PE", machine };
    }
  }
  throw new Error("the file is neither an ELF nor a PE nor a 64-bit Mach-O executable");
}

function machineOf(number: number, known: Readonly<Record<number, Machine>>): Machine {
  const machine = known[number];
  if (machine === undefined) throw new Error(`the file is for another processor (${number})`);
  return machine;
}
