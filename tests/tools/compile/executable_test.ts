import assert from "node:assert/strict";
import { readExecutable } from "../../../tools/compile/executable.ts";
import { readContents } from "../../../tools/compile/contents.ts";

function bytes(length: number, parts: Record<number, number[]>): Uint8Array {
  const all = new Uint8Array(length);
  for (const [at, values] of Object.entries(parts)) all.set(values, Number(at));
  return all;
}

Deno.test("readExecutable() tells ELF, Mach-O and PE apart, and their processors", () => {
  const elf = bytes(64, { 0: [0x7f, 0x45, 0x4c, 0x46], 18: [0xb7, 0] });
  assert.deepEqual(readExecutable(elf), { format: "ELF", machine: "aarch64" });
  const macho = bytes(64, { 0: [0xcf, 0xfa, 0xed, 0xfe], 4: [7, 0, 0, 1] });
  assert.deepEqual(readExecutable(macho), { format: "Mach-O", machine: "x86_64" });
  const pe = bytes(256, {
    0: [0x4d, 0x5a],
    0x3c: [0x80, 0, 0, 0],
    0x80: [0x50, 0x45, 0, 0, 0x64, 0x86],
  });
  assert.deepEqual(readExecutable(pe), { format: "PE", machine: "x86_64" });
});

Deno.test("readExecutable() refuses other files and other processors", () => {
  assert.throws(() => readExecutable(new TextEncoder().encode("#!/bin/sh\n" + " ".repeat(64))));
  assert.throws(() => readExecutable(bytes(64, { 0: [0x7f, 0x45, 0x4c, 0x46], 18: [3, 0] })));
});

Deno.test("readContents() refuses a file that carries no program", () => {
  assert.throws(() => readContents(new TextEncoder().encode("d3n0l4nd and nothing else")));
});
