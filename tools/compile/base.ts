/**
 * The executable that a compiled program is put into.
 *
 * @module
 */
import { join } from "node:path";
import type { Target } from "./targets.ts";

/** Where the base of a binary comes from. */
export type Base =
  /** `deno compile` fetches the runtime of its own release. */
  | { readonly kind: "fetched" }
  /** A runtime that `DENORT_BIN` names; for this machine's own target. */
  | { readonly kind: "given"; readonly path: string }
  /** The plain `deno`: the file carries the program and does not run it. */
  | { readonly kind: "stand-in"; readonly path: string };

/** The base that `DENORT_BIN` names, where the target is this machine's; else the one to be fetched. */
export function firstBase(target: Target): Base {
  const given = Deno.env.get("DENORT_BIN") ?? "";
  return given !== "" && target.triple === Deno.build.target
    ? { kind: "given", path: given }
    : { kind: "fetched" };
}

/**
 * The plain `deno` of a target: this one, or that of the npm package of the same release, which is kept in `cache`.
 *
 * @throws {Error} where npm can't fetch it.
 */
export async function standInBase(target: Target, cache: string): Promise<Base> {
  if (target.triple === Deno.build.target) return { kind: "stand-in", path: Deno.execPath() };
  const folder = join(cache, `deno-${Deno.version.deno}-${target.triple}`);
  const path = join(folder, target.denoFile);
  if (!exists(path)) {
    Deno.mkdirSync(folder, { recursive: true });
    const name = `${target.denoPackage}@${Deno.version.deno}`;
    const archive = await run("npm", ["pack", "--silent", name], folder);
    await run("tar", [
      "-xzf",
      archive.trim().split("\n").at(-1)!,
      "--strip-components=1",
      `package/${target.denoFile}`,
    ], folder);
    Deno.removeSync(join(folder, archive.trim().split("\n").at(-1)!));
  }
  return { kind: "stand-in", path };
}

/**
 * Runs a program and gives its output.
 *
 * @throws {Error} with what it printed, where it fails.
 */
export async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(`${program} ${args.join(" ")}:\n${decoder.decode(stderr).trim()}`);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
