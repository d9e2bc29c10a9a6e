/**
 * From the words of a command line to a command and an exit status.
 *
 * @module
 */

import { UsageError } from "../core/errors.ts";
import { platform } from "../core/platform/platform.ts";
import { didYouMean } from "../core/options/nearest.ts";
import { commands, findCommand } from "./commands.ts";

/** What can be told of any error that is meant for a person. */
interface ErrorWithStatus extends Error {
  readonly exitStatus: number;
}

/** Runs the command that the words name, and gives the exit status. Never throws. */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  try {
    return await run(words);
  } catch (error) {
    return report(error);
  }
}

async function run([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined) {
    const { programHelp } = await import("./help.ts");
    console.error(programHelp(platform.system));
    return 2;
  }
  const command = findCommand(SPELLINGS[name] ?? name, platform.os);
  if (command === null) {
    // start-server is known on Windows too, where the list has it in a line of its own.
    const names = commands.filter(({ listed }) => listed !== "nowhere").map(({ name }) => name);
    throw new UsageError(
      `Invalid command '${name}'${didYouMean(name, names)}; see wsgi-express help`,
    );
  }
  const { run: runCommand } = await command.load();
  return await runCommand(rest);
}

/** Options that stand in the place of a command. */
const SPELLINGS: Readonly<Record<string, string>> = {
  "-h": "help",
  "--help": "help",
  "--version": "version",
};

function report(error: unknown): number {
  if (isForPeople(error)) {
    console.error(`wsgi-express: error: ${error.message}`);
    return error.exitStatus;
  }
  const stack = error instanceof Error ? error.stack ?? error.message : String(error);
  console.error(`wsgi-express: error: a defect of wsgi-express: ${stack}`);
  return 1;
}

function isForPeople(error: unknown): error is ErrorWithStatus {
  return error instanceof Error && "exitStatus" in error && typeof error.exitStatus === "number";
}
