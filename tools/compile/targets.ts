/**
 * The systems that a binary is made for.
 *
 * @module
 */

/** Format of an executable file. */
export type Format = "ELF" | "Mach-O" | "PE";

/** Processor of an executable file. */
export type Machine = "x86_64" | "aarch64";

/** One system. */
export interface Target {
  /** The name that `deno compile --target` takes, and `Deno.build.target` gives. */
  readonly triple: string;
  readonly format: Format;
  readonly machine: Machine;
  /** The npm package that holds the plain `deno` of this system. */
  readonly denoPackage: string;
  /** Name of the executable in that package. */
  readonly denoFile: string;
}

/** All five. */
export const TARGETS: readonly Target[] = [
  {
    triple: "x86_64-unknown-linux-gnu",
    format: "ELF",
    machine: "x86_64",
    denoPackage: "@deno/linux-x64-glibc",
    denoFile: "deno",
  },
  {
    triple: "aarch64-unknown-linux-gnu",
    format: "ELF",
    machine: "aarch64",
    denoPackage: "@deno/linux-arm64-glibc",
    denoFile: "deno",
  },
  {
    triple: "x86_64-apple-darwin",
    format: "Mach-O",
    machine: "x86_64",
    denoPackage: "@deno/darwin-x64",
    denoFile: "deno",
  },
  {
    triple: "aarch64-apple-darwin",
    format: "Mach-O",
    machine: "aarch64",
    denoPackage: "@deno/darwin-arm64",
    denoFile: "deno",
  },
  {
    triple: "x86_64-pc-windows-msvc",
    format: "PE",
    machine: "x86_64",
    denoPackage: "@deno/win32-x64",
    denoFile: "deno.exe",
  },
];

/**
 * The target of a name.
 *
 * @throws {Error} where it is none of the five.
 */
export function targetOf(triple: string): Target {
  const target = TARGETS.find((each) => each.triple === triple);
  if (target !== undefined) return target;
  throw new Error(
    `there is no binary for "${triple}"; targets: ${TARGETS.map((each) => each.triple).join(", ")}`,
  );
}

/** Name of the file for a target: `wsgi-express-x86_64-pc-windows-msvc.exe`. */
export function binaryName({ triple, format }: Target): string {
  return `wsgi-express-${triple}${format === "PE" ? ".exe" : ""}`;
}
