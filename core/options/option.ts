/**
 * What an option is: one declaration from which parsing, help, completions, the reference page and
 * the type of the settings come.
 *
 * @module
 */

import type { OperatingMode } from "../plan.ts";
import { readChoice, readFraction, readInteger, readNumber, type ValueRange } from "./values.ts";

/** Where an option is offered. A `unix` option is hidden on Windows and still accepted there. */
export type Platform = "all" | "unix";

/**
 * How far an option is carried out.
 *
 * - `full`: as documented. With a `note`, adapted to a server without Apache as the note says.
 * - `none-yet`: accepted, one warning at start, nothing else in this version.
 * - `refused-yet`: accepted by the parser, refused at start, because a server that left it out would
 *   be open or reachable in another way than was asked for.
 * - `not-applicable`: accepted, one warning at start that gives the `note` as the reason.
 */
export type Effect = "full" | "none-yet" | "refused-yet" | "not-applicable";

/** What kind of word an option takes; completions and help look at it. */
export type OptionKind = "flag" | "integer" | "number" | "string" | "path" | "choice" | "pair";

/** The parts of a declaration that are the same for each kind. */
export interface OptionDetails {
  /** One or two sentences, shown by `--help` and in the reference. */
  readonly text: string;
  readonly platform?: Platform;
  readonly effect?: Effect;
  /** How the option applies without Apache, or why it doesn't. */
  readonly note?: string;
  /** The operating modes in which it has an effect, where these are not all. */
  readonly modes?: readonly OperatingMode[];
  /** Why it has no effect on Windows, where that is so. */
  readonly onWindows?: string;
  /** Never shown in help. */
  readonly hidden?: boolean;
  /** Other spellings, accepted and never shown in help. */
  readonly aliases?: readonly string[];
  /** Environment variable that sets the option when the command line doesn't. */
  readonly environment?: string;
  /** What the default is, where it isn't a value of its own. */
  readonly defaultText?: string;
  /** The version of mod_wsgi that brought the option; absent for one of our own. */
  readonly since?: string;
}

/** One option. `Value` is the type of its setting. */
export interface Option<Value = unknown> extends OptionDetails {
  readonly flag: string;
  readonly kind: OptionKind;
  /** Names of the words that the option takes, as help shows them. */
  readonly valueNames: readonly string[];
  /** The words a choice allows; empty for the other kinds. */
  readonly choices: readonly string[];
  readonly repeatable: boolean;
  readonly default: Value;
  /** Turns the words into one value. Throws `RangeError` with the reason, without the flag. */
  readonly read: (words: readonly string[]) => unknown;
}

/** Options by the name of their setting. */
export type OptionGroup = Readonly<Record<string, Option>>;

/** The settings that a group of options gives. */
export type SettingsOf<Group extends OptionGroup> = {
  readonly [Name in keyof Group]: Group[Name] extends Option<infer Value> ? Value : never;
};

type Defaulted<Value> = { readonly default: Value };

const single = { choices: [], repeatable: false } as const;

/** An option without a value: false, and true when given. */
export function flag(name: string, details: OptionDetails): Option<boolean> {
  return {
    ...single,
    ...details,
    flag: name,
    kind: "flag",
    valueNames: [],
    default: false,
    read: () => true,
  };
}

/** A whole number, written as Python's optparse reads it: `0x` hex, `0b` binary, leading 0 octal. */
export function integer(
  name: string,
  valueName: string,
  details: OptionDetails & Defaulted<number> & ValueRange,
): Option<number>;
export function integer(
  name: string,
  valueName: string,
  details: OptionDetails & ValueRange,
): Option<number | null>;
export function integer(
  name: string,
  valueName: string,
  details: OptionDetails & Partial<Defaulted<number>> & ValueRange,
): Option<number | null> {
  return {
    ...single,
    default: null,
    ...details,
    flag: name,
    kind: "integer",
    valueNames: [valueName],
    read: ([word]) => readInteger(word!, details),
  };
}

/** A floating-point number. */
export function number(
  name: string,
  valueName: string,
  details: OptionDetails & ValueRange,
): Option<number | null> {
  return {
    ...single,
    ...details,
    flag: name,
    kind: "number",
    valueNames: [valueName],
    default: null,
    read: ([word]) => readNumber(word!, details),
  };
}

/** A floating-point number from 0 to 1. */
export function fraction(
  name: string,
  valueName: string,
  details: OptionDetails,
): Option<number | null> {
  return { ...number(name, valueName, details), read: ([word]) => readFraction(word!) };
}

/** Any text. */
export function string(
  name: string,
  valueName: string,
  details: OptionDetails & Defaulted<string>,
): Option<string>;
export function string(
  name: string,
  valueName: string,
  details: OptionDetails,
): Option<string | null>;
export function string(
  name: string,
  valueName: string,
  details: OptionDetails & Partial<Defaulted<string>>,
): Option<string | null> {
  return {
    ...single,
    default: null,
    ...details,
    flag: name,
    kind: "string",
    valueNames: [valueName],
    read: ([word]) => word!,
  };
}

/** A file or folder, kept as written; the plan makes it absolute. */
export function path(
  name: string,
  valueName: string,
  details: OptionDetails,
): Option<string | null> {
  return { ...string(name, valueName, details), kind: "path" };
}

/** One of a few words, upper and lower case alike. */
export function choice<const Word extends string>(
  name: string,
  valueName: string,
  choices: readonly Word[],
  details: OptionDetails & Defaulted<NoInfer<Word>>,
): Option<Word>;
export function choice<const Word extends string>(
  name: string,
  valueName: string,
  choices: readonly Word[],
  details: OptionDetails,
): Option<Word | null>;
export function choice(
  name: string,
  valueName: string,
  choices: readonly string[],
  details: OptionDetails & Partial<Defaulted<string>>,
): Option<string | null> {
  return {
    ...single,
    default: null,
    ...details,
    flag: name,
    kind: "choice",
    valueNames: [valueName],
    choices,
    read: ([word]) => readChoice(word!, choices),
  };
}

/** Two words, each time the option is given. */
export function pairs(
  name: string,
  valueNames: readonly [string, string],
  details: OptionDetails,
): Option<readonly (readonly [string, string])[]> {
  return {
    ...single,
    ...details,
    flag: name,
    kind: "pair",
    valueNames,
    repeatable: true,
    default: [],
    read: (words) => [words[0]!, words[1]!],
  };
}

/** The values of an option that may be given several times, in their order. */
export function list<Value>(option: Option<Value | null>): Option<readonly Value[]> {
  return { ...option, repeatable: true, default: [] };
}
