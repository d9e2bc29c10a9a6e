/**
 * Settings in layers: a later layer wins over an earlier one, and where each value came from is kept.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import type { Option } from "./option.ts";
import { optionEntries, optionTable, type SettingName, type Settings } from "./table.ts";

/** Where the value of a setting came from. */
export type Origin = "default" | "environment" | "program" | "command line";

/** Values from one origin. */
export interface SettingsLayer {
  readonly origin: Origin;
  readonly values: Partial<Settings>;
}

/** Settings of all layers together, frozen. */
export interface ResolvedSettings {
  readonly settings: Settings;
  readonly origins: Readonly<Record<SettingName, Origin>>;
}

/** Puts layers upon the defaults; the last one wins. A value that is undefined leaves what is below. */
export function resolveSettings(...layers: readonly SettingsLayer[]): ResolvedSettings {
  const settings: Record<string, unknown> = {};
  const origins = {} as Record<SettingName, Origin>;
  for (const [name, option] of optionEntries) {
    settings[name] = option.default;
    origins[name] = "default";
    for (const layer of layers) {
      const value = layer.values[name];
      if (value === undefined) continue;
      settings[name] = value;
      origins[name] = layer.origin;
    }
  }
  return Object.freeze({
    settings: Object.freeze(settings) as Settings,
    origins: Object.freeze(origins),
  });
}

/** The layer that environment variables give; an empty variable counts as absent. */
export function environmentLayer(variables: Readonly<Record<string, string>>): SettingsLayer {
  const values: Record<string, unknown> = {};
  for (const [name, option] of optionEntries) {
    const word = option.environment && variables[option.environment];
    if (word) values[name] = option.read([word]);
  }
  return { origin: "environment", values };
}

/**
 * The layer that a program gives which starts a server by itself.
 * Throws `UsageError` for a name that is no setting and for a value that the option doesn't take.
 */
export function programLayer(values: Partial<Settings>): SettingsLayer {
  const table: Readonly<Record<string, Option>> = optionTable;
  for (const [name, value] of Object.entries(values)) {
    const option = table[name];
    if (option === undefined) throw new UsageError(`no such setting: ${name}`);
    if (value !== undefined) checkValue(name, option, value);
  }
  return { origin: "program", values };
}

function checkValue(name: string, option: Option, value: unknown): void {
  if (value === null && option.default === null) return;
  const wrong = (expected: string) =>
    new UsageError(`setting ${name}: ${expected} expected, not ${JSON.stringify(value)}`);
  if (option.kind === "flag") {
    if (typeof value !== "boolean") throw wrong("true or false");
    return;
  }
  if (option.repeatable && !Array.isArray(value)) throw wrong("an array");
  const type = option.kind === "integer" || option.kind === "number" ? "number" : "string";
  for (const element of option.repeatable ? value as unknown[] : [value]) {
    const words = option.kind === "pair" && Array.isArray(element) ? element : [element];
    const count = option.valueNames.length;
    if (words.length !== count || words.some((word) => typeof word !== type)) {
      throw wrong(count === 2 ? "pairs of strings" : `a ${type}`);
    }
    try {
      option.read(words.map(String));
    } catch (error) {
      if (error instanceof RangeError) throw new UsageError(`setting ${name}: ${error.message}`);
      throw error;
    }
  }
}
