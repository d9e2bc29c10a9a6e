/**
 * Virtual environments for tests with real frameworks: one for each CPython, made once and kept in
 * `tests/.venvs`.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TestPython } from "./pythons.ts";

const FOLDER = fileURLToPath(new URL(".venvs", import.meta.url));

/** What is installed, pinned: the newest release that supports the CPython. */
function requirements(minor: string): string[] {
  const number = Number(minor.split(".")[1]);
  return [
    number < 10 ? "Django==4.2.16" : "Django==5.2",
    number < 9 ? "Flask==3.0.3" : "Flask==3.1.0",
  ];
}

/** A virtual environment with Django and Flask. */
export interface Venv {
  /** Its folder: what `--python` takes. */
  readonly folder: string;
  /** Its interpreter. */
  readonly executable: string;
}

/**
 * The virtual environment of a CPython, made first when it is not there yet.
 *
 * @param wanted what is installed in it, each with its version.
 * @throws Error with the output of pip when the packages can't be installed.
 */
export async function venvOf(
  python: TestPython,
  wanted: readonly string[] = requirements(python.minor),
): Promise<Venv> {
  const folder = `${FOLDER}/${python.minor}-${wanted.join("-").replaceAll("==", "")}`;
  const executable = Deno.build.os === "windows"
    ? `${folder}/Scripts/python.exe`
    : `${folder}/bin/python`;
  // Written last, so that a half-made environment is made anew.
  const complete = `${folder}/complete`;
  Deno.mkdirSync(FOLDER, { recursive: true });
  using lock = Deno.openSync(`${FOLDER}/lock`, { create: true, write: true });
  await lock.lock(true);
  if (!existsSync(complete)) {
    await run(python.executable, ["-m", "venv", "--clear", folder]);
    await run(executable, ["-m", "pip", "install", "--quiet", ...wanted]);
    Deno.writeTextFileSync(complete, wanted.join("\n") + "\n");
  }
  return { folder, executable };
}

async function run(program: string, args: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    env: { PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1" },
    stdin: "null",
  }).output();
  if (success) return;
  const decoder = new TextDecoder();
  throw new Error(
    `${program} ${args.join(" ")} failed:\n${decoder.decode(stdout)}${decoder.decode(stderr)}`,
  );
}
