/**
 * The command under test. `WSGI_EXPRESS_COMMAND` names another one than `deno run -A cli/main.ts`:
 * the path of a compiled program, or several words as a JSON list (`["wine", "wsgi-express.exe"]`).
 */

import { fileURLToPath } from "node:url";
import { within } from "./deadline.ts";

/** Folder of the repository, without a trailing separator. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** Folder of the applications that the tests serve. */
export const APPS = `${ROOT}/tests/apps`;

/** The words that start the program, before its own arguments. */
export function command(): [string, ...string[]] {
  const named = Deno.env.get("WSGI_EXPRESS_COMMAND");
  if (named === undefined || named === "") {
    return [Deno.execPath(), "run", "-A", "--quiet", `${ROOT}/cli/main.ts`];
  }
  if (!named.startsWith("[")) return [named];
  const words: unknown = JSON.parse(named);
  if (!Array.isArray(words) || words.length === 0) {
    throw new Error(`WSGI_EXPRESS_COMMAND is no list of words: ${named}`);
  }
  return words.map(String) as [string, ...string[]];
}

/**
 * The environment of the test run without what would change the behaviour of the program, plus
 * `extra`.
 */
export function cleanEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const env = Deno.env.toObject();
  for (const name of Object.keys(env)) {
    if (/^(PYTHON|VIRTUAL_ENV|PIP_|MOD_WSGI_|WSGI_EXPRESS_|__PYVENV)/.test(name)) delete env[name];
  }
  return { ...env, NO_COLOR: "1", ...extra };
}

/** How a command ended. */
export interface CommandResult {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command under test to its end; for commands that are not meant to stay. */
export async function run(
  args: string[],
  options: { env?: Record<string, string>; cwd?: string; deadline?: number } = {},
): Promise<CommandResult> {
  const [program, ...first] = command();
  const child = new Deno.Command(program, {
    args: [...first, ...args],
    env: cleanEnvironment(options.env),
    clearEnv: true,
    cwd: options.cwd ?? ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const ended = child.output();
  let output;
  try {
    const deadline = options.deadline ?? 30_000;
    output = await within(ended, deadline, `end of the command ${JSON.stringify(args)}`);
  } catch (error) {
    child.kill("SIGKILL");
    const { stdout, stderr } = await ended;
    const decoder = new TextDecoder();
    (error as Error).message += `\n${decoder.decode(stdout)}${decoder.decode(stderr)}`;
    throw error;
  }
  return {
    status: output.signal === null ? output.code : null,
    stdout: new TextDecoder().decode(output.stdout),
    stderr: new TextDecoder().decode(output.stderr),
  };
}
