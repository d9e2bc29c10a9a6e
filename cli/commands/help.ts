/** `wsgi-express help [COMMAND]` */

import { UsageError } from "../../core/errors.ts";
import { didYouMean } from "../../core/options/nearest.ts";
import { platform } from "../../core/platform/platform.ts";
import { commands, findCommand } from "../commands.ts";
import { commandHelp, programHelp, serverCommandHelp } from "../help.ts";

/** Prints the help of the program or of a command. */
export function run([name]: readonly string[]): Promise<number> {
  const { system } = platform;
  if (name === undefined || name.startsWith("-")) console.log(programHelp(system));
  else console.log(helpOf(name));
  return Promise.resolve(0);
}

/** The help of a command. Throws `UsageError` for a name that is none. */
export function helpOf(name: string): string {
  const command = findCommand(name, platform.os);
  if (command === null) {
    const hint = didYouMean(name, commands.map((command) => command.name));
    throw new UsageError(`Invalid command '${name}'${hint}`);
  }
  if (name !== "start-server" && name !== "setup-server") return commandHelp(command);
  const { system } = platform;
  return serverCommandHelp(command, system, columns());
}

function columns(): number {
  try {
    return Deno.stdout.isTerminal() ? Math.min(Deno.consoleSize().columns, 100) : 80;
  } catch {
    return 80;
  }
}
