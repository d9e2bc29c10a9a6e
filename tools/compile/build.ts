/**
 * Makes the binary of one target and looks into it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { V8_FLAGS } from "../../core/platform/own_program.ts";
import { type Base, firstBase, run, standInBase } from "./base.ts";
import { readContents } from "./contents.ts";
import { readExecutable } from "./executable.ts";
import { BUILD_FILE, ENTRY_POINT } from "./program.ts";
import { binaryName, type Target } from "./targets.ts";

/** How to build. */
export interface BuildOptions {
  /** The repository. */
  readonly root: string;
  /** Where the binaries go. */
  readonly output: string;
  /** Where stand-in bases are kept. */
  readonly cache: string;
  /** Files that must be inside, relative to the root. */
  readonly files: readonly string[];
  /** Fails instead of using a stand-in base. */
  readonly baseRequired: boolean;
  /** Leaves the types unchecked: the release of Deno that a base belongs to may know others. */
  readonly unchecked: boolean;
}

/** A binary. */
export interface Built {
  readonly target: Target;
  readonly path: string;
  readonly base: Base;
  /** Why the base is a stand-in. */
  readonly reason: string;
  readonly sha256: string;
  readonly size: number;
}

/**
 * Builds and checks.
 *
 * @throws {Error} where the compilation fails, or the file is not what it should be.
 */
export async function build(target: Target, options: BuildOptions): Promise<Built> {
  const path = join(options.output, binaryName(target));
  let base = firstBase(target);
  let reason = "";
  try {
    await compile(target, path, base, options);
  } catch (error) {
    if (base.kind !== "fetched" || options.baseRequired) throw error;
    reason = (error instanceof Error ? error.message : String(error)).trim();
    base = await standInBase(target, options.cache);
    await compile(target, path, base, options);
  }
  const bytes = Deno.readFileSync(path);
  check(bytes, target, options);
  if (base.kind !== "stand-in" && target.triple === Deno.build.target) await start(path, options);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { target, path, base, reason, sha256, size: bytes.length };
}

/** Options that releases of Deno before 2.9, which a base may be of, don't know. */
const NEWER_OPTIONS = ["--exclude-unused-npm", "--app-name=wsgi-express"];

async function compile(
  target: Target,
  path: string,
  base: Base,
  { root, unchecked }: BuildOptions,
): Promise<void> {
  const help = await run(Deno.execPath(), ["compile", "--help=full"], root);
  const env: Record<string, string> = base.kind === "fetched" ? {} : { DENORT_BIN: base.path };
  await run(
    Deno.execPath(),
    [
      "compile",
      "--quiet",
      "--allow-all",
      "--no-prompt",
      ...(unchecked ? ["--no-check"] : []),
      ...NEWER_OPTIONS.filter((option) => help.includes(option.split("=")[0]!)),
      V8_FLAGS,
      "--include",
      BUILD_FILE,
      "--target",
      target.triple,
      "--output",
      path,
      ENTRY_POINT,
    ],
    root,
    env,
  );
}

/** @throws {Error} where the file is for another system, or something is missing in it. */
function check(bytes: Uint8Array, target: Target, { root, files }: BuildOptions): void {
  const { format, machine } = readExecutable(bytes);
  if (format !== target.format || machine !== target.machine) {
    throw new Error(`${target.triple}: the file is ${format} for ${machine}`);
  }
  const contents = readContents(bytes);
  if (contents.entryPoint !== ENTRY_POINT) {
    throw new Error(`${target.triple}: the file starts with ${contents.entryPoint}`);
  }
  const missing = [...files, BUILD_FILE].filter((file) => !contents.files.has(file));
  if (missing.length > 0) throw new Error(`${target.triple}: not inside: ${missing.join(", ")}`);
  // Texts travel as they are; modules travel with their types taken out.
  for (const file of [...files, BUILD_FILE].filter((file) => !file.endsWith(".ts"))) {
    const original = Deno.readFileSync(join(root, file));
    const inside = contents.files.get(file)!;
    if (original.length !== inside.length || original.some((byte, at) => byte !== inside[at])) {
      throw new Error(`${target.triple}: ${file} is not inside as it is`);
    }
  }
}

/** @throws {Error} where the file does not run on this machine, as on the base of another release of Deno. */
async function start(path: string, { root }: BuildOptions): Promise<void> {
  let said: string;
  try {
    said = await run(path, ["--version"], root);
  } catch (error) {
    said = error instanceof Error ? error.message : String(error);
  }
  if (said.startsWith("wsgi-express ")) return;
  throw new Error(
    `the program does not run; a base that DENORT_BIN names must be the denort of Deno ${Deno.version.deno}:\n${said}`,
  );
}
