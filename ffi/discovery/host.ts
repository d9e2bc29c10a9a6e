/**
 * What discovery asks the system for: one small interface, so that the rest is plain functions
 * that tests run for any system.
 *
 * @module
 */

/** What a command said. */
export interface CommandOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The system on which a Python is looked for. Paths are in the system's own form. */
export interface Host {
  readonly os: typeof Deno.build.os;
  /** The working directory, against which relative paths count. */
  readonly workingDirectory: string;
  env(name: string): string | undefined;
  isFile(path: string): boolean;
  /** A file that may be executed; on Windows any file. */
  isExecutable(path: string): boolean;
  isDirectory(path: string): boolean;
  readText(path: string): string | undefined;
  /** The target of a symbolic link; `undefined` for anything else. */
  linkTarget(path: string): string | undefined;
  /** The path without symbolic links, or the path itself where that fails. */
  realPath(path: string): string;
  /** Runs a command without standard input. Rejects when it can't be started or takes over ten seconds. */
  run(command: string, args: readonly string[]): Promise<CommandOutput>;
}

/** Longer than any interpreter takes to start on a busy machine (milliseconds). */
const DEADLINE = 10_000;

/** The user that commands run as; a null user id stays what it is. */
export interface CommandUser {
  readonly uid: number | null;
  readonly gid: number;
}

/** The system this program runs on. With `user`, which root may give, commands run as that user, without other groups. */
export function thisHost(user?: CommandUser): Host {
  const { os } = Deno.build;
  return {
    os,
    workingDirectory: Deno.cwd(),
    env: (name) => Deno.env.get(name),
    isFile: (path) => attempt(() => Deno.statSync(path).isFile) ?? false,
    isExecutable: (path) =>
      attempt(() => {
        const { isFile, mode } = Deno.statSync(path);
        // Windows knows no such permission, and its modes never have these bits.
        return isFile && (os === "windows" || ((mode ?? 0) & 0o111) !== 0);
      }) ?? false,
    isDirectory: (path) => attempt(() => Deno.statSync(path).isDirectory) ?? false,
    readText: (path) => attempt(() => Deno.readTextFileSync(path)),
    linkTarget: (path) => attempt(() => Deno.readLinkSync(path)),
    realPath: (path) => attempt(() => Deno.realPathSync(path)) ?? path,
    run: (command, args) => run(command, args, user),
  };
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** The environment for an interpreter: without what would make it take another's path for its own. */
function ownEnvironment(): { clearEnv?: true; env?: Record<string, string> } {
  const { __PYVENV_LAUNCHER__: launcher, ...env } = Deno.env.toObject();
  return launcher === undefined ? {} : { clearEnv: true, env };
}

async function run(
  command: string,
  args: readonly string[],
  user: CommandUser | undefined,
): Promise<CommandOutput> {
  const child = new Deno.Command(command, {
    args: [...args],
    ...ownEnvironment(),
    ...(user === undefined ? {} : { gid: user.gid }),
    ...(user === undefined || user.uid === null ? {} : { uid: user.uid }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, DEADLINE);
  try {
    const { code, stdout, stderr } = await child.output();
    if (late) throw new Error(`no answer within ${DEADLINE / 1000} s`);
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } finally {
    clearTimeout(timer);
  }
}
