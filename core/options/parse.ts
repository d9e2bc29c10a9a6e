/**
 * The words of a command line to values, by the rules of Python's optparse, which
 * `mod_wsgi-express` uses (https://docs.python.org/3/library/optparse.html): unambiguous prefixes,
 * `--option=value`, options after arguments, options of two values, `--` as the end of options.
 * Why this is no package: docs/dependencies.md.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { didYouMean } from "./nearest.ts";
import type { Option } from "./option.ts";
import { optionEntries, type SettingName, type Settings } from "./table.ts";

/** What a command line says. */
export interface ParsedArguments {
  readonly values: Partial<Settings>;
  /** The words that belong to no option. */
  readonly positionals: readonly string[];
  /** `-h` or `--help` was met; what follows it was not looked at. */
  readonly help: boolean;
}

/** Options of `mod_wsgi-express` that were gone before 4.8.0, and what to do instead. */
const GONE: Readonly<Record<string, string>> = {
  "--isatty": "whether it runs on a terminal, the server finds out by itself",
  "--proxy-buffer-size": "it is called --response-buffer-size",
  "--profiler-output-file": "it is called --profiler-directory",
};

type Entry = readonly [SettingName, Option] | "help";

const entriesByFlag = new Map<string, Entry>([["--help", "help"]]);
for (const entry of optionEntries) {
  entriesByFlag.set(entry[1].flag, entry);
  for (const alias of entry[1].aliases ?? []) entriesByFlag.set(alias, entry);
}

/**
 * Reads the words after the command.
 *
 * Throws `UsageError` for an option that doesn't exist, a prefix of several, a missing or a bad value.
 */
export function parseArguments(words: readonly string[]): ParsedArguments {
  const values: Partial<Record<SettingName, unknown>> = {};
  const positionals: string[] = [];
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (word === "--") {
      positionals.push(...rest);
      break;
    }
    if (!word.startsWith("--")) {
      if (word.startsWith("-h")) return { values: {}, positionals: [], help: true };
      if (word.length > 1 && word.startsWith("-")) throw new UsageError(`no such option: ${word}`);
      positionals.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const flag = fullFlag(equals < 0 ? word : word.slice(0, equals));
    const entry = entriesByFlag.get(flag)!;
    if (entry === "help") return { values: {}, positionals: [], help: true };
    const [name, option] = entry;
    if (equals >= 0) {
      if (option.kind === "flag") throw new UsageError(`${flag} option does not take a value`);
      rest.unshift(word.slice(equals + 1));
    }
    const value = readValue(flag, option, rest);
    values[name] = option.repeatable ? [...(values[name] as unknown[] ?? []), value] : value;
  }
  return { values: values as Partial<Settings>, positionals, help: false };
}

function readValue(flag: string, option: Option, rest: string[]): unknown {
  const count = option.valueNames.length;
  if (rest.length < count) {
    const names = option.valueNames.join(" ");
    throw new UsageError(
      `${flag} option requires ${count} argument${count === 1 ? "" : "s"}: ${names}`,
    );
  }
  try {
    return option.read(rest.splice(0, count));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`option ${flag}: ${error.message}`);
  }
}

/** The whole flag for one that may be cut short. */
function fullFlag(word: string): string {
  if (entriesByFlag.has(word)) return word;
  const flags = [...entriesByFlag.keys()];
  let candidates = flags.filter((flag) => flag.startsWith(word));
  // A prefix that was unambiguous in 4.8.0 stays so when an option is added.
  if (candidates.length > 1) {
    const old = candidates.filter((flag) => isOld(entriesByFlag.get(flag)!));
    if (old.length === 1) candidates = old;
  }
  if (candidates.length === 1) return candidates[0]!;
  if (candidates.length > 1) {
    throw new UsageError(`ambiguous option: ${word} (${candidates.sort().join(", ")}?)`);
  }
  const gone = GONE[word];
  const shown = flags.filter((flag) => !isHidden(entriesByFlag.get(flag)!));
  const hint = gone === undefined ? didYouMean(word, shown) : ` (${gone})`;
  throw new UsageError(`no such option: ${word}${hint}`);
}

function isOld(entry: Entry): boolean {
  return entry === "help" || /^4\.[0-8]\./.test(entry[1].since ?? "");
}

function isHidden(entry: Entry): boolean {
  return entry !== "help" && entry[1].hidden === true;
}

/**
 * Replaces `$NAME` and `${NAME}` by environment variables; unknown ones stay as written. Follows
 * `os.path.expandvars`, which `mod_wsgi-express` applies to each word after the command; Windows
 * has `%NAME%` too.
 */
export function expandVariables(
  word: string,
  variables: Readonly<Record<string, string>>,
  system: "unix" | "windows",
): string {
  const pattern = system === "windows"
    ? /\$(?:(\w+)|\{([^}]*)\})|%([^%]+)%/g
    : /\$(?:(\w+)|\{([^}]*)\})/g;
  return word.replace(pattern, (written, plain, braced, percent) => {
    const name: string = plain ?? braced ?? percent;
    return (system === "windows" ? lookUpAnyCase(variables, name) : variables[name]) ?? written;
  });
}

/** Names of variables are the same in upper and lower case on Windows. */
function lookUpAnyCase(
  variables: Readonly<Record<string, string>>,
  name: string,
): string | undefined {
  const wanted = name.toUpperCase();
  return Object.entries(variables).find(([key]) => key.toUpperCase() === wanted)?.[1];
}
