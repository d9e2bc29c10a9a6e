/**
 * What several commands do with their words.
 *
 * @module
 */

import { UsageError } from "../core/errors.ts";
import type { Host } from "../core/options/host.ts";
import { expandVariables, parseArguments } from "../core/options/parse.ts";
import type { SettingsLayer } from "../core/options/resolve.ts";

/**
 * The layer of settings that the words of `start-server` or `setup-server` give; null when they ask
 * for help. Throws `UsageError` for words that can't be understood.
 */
export function serverArguments(words: readonly string[], host: Host): SettingsLayer | null {
  const expanded = words.map((word) => expandVariables(word, host.environment, host.system));
  const { values, positionals, help } = parseArguments(expanded);
  if (help) return null;
  const [entryPoint, ...more] = positionals;
  if (more.length > 0) {
    throw new UsageError(
      `one application is served, and '${more[0]}' follows '${entryPoint}'; put the value of an ` +
        "option right after it",
    );
  }
  return {
    origin: "command line",
    values: entryPoint === undefined ? values : { entryPoint, ...values },
  };
}

/**
 * Refuses any word after a command that takes none. Gives true when help was asked for.
 */
export function takesNoArguments(command: string, words: readonly string[]): boolean {
  if (words.includes("-h") || words.includes("--help")) return true;
  if (words.length > 0) {
    throw new UsageError(`${command} takes no arguments, and got '${words[0]}'`);
  }
  return false;
}
