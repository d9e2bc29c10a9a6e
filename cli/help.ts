/**
 * Help texts, made from the tables of commands and options.
 *
 * @module
 */

import type { Option } from "../core/options/option.ts";
import { optionGroups } from "../core/options/table.ts";
import { VERSION } from "../core/version.ts";
import { type Command, offeredCommands } from "./commands.ts";

/** Whether help shows an option on a system. */
export function isShown(option: Option, system: "unix" | "windows"): boolean {
  return !option.hidden && (option.platform !== "unix" || system === "unix");
}

/** Help of the whole program: what it is and its commands. */
export function programHelp(system: "unix" | "windows"): string {
  const listed = offeredCommands(system === "windows" ? "windows" : "linux");
  const width = Math.max(...listed.map(({ name }) => name.length));
  const lines = [
    `wsgi-express ${VERSION}: serves Python WSGI applications.`,
    "",
    "Usage: wsgi-express COMMAND [OPTIONS]",
    "",
    "Commands:",
    ...listed.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "wsgi-express COMMAND --help shows the options of a command.",
  ];
  if (system === "windows") {
    lines.push(
      "start-server runs on Windows too, experimentally; see wsgi-express start-server --help.",
    );
  }
  return lines.join("\n");
}

/** Help of a command without options of its own. */
export function commandHelp({ name, usage, summary, details = [] }: Command): string {
  const more = details.length > 0 ? ["", ...details] : [];
  return [`Usage: wsgi-express ${[name, usage].join(" ").trim()}`, "", `${summary}.`, ...more]
    .join("\n");
}

/** Help of a command that takes the options of a server, in lines of at most `columns` characters. */
export function serverCommandHelp(
  command: Command,
  system: "unix" | "windows",
  columns: number,
): string {
  const lines = [
    commandHelp(command),
    "",
    "A flag may be cut short as long as only one begins like it. $NAME and ${NAME} stand for",
    "environment variables.",
  ];
  for (const { title, options } of optionGroups) {
    const shown = Object.values(options).filter((option) => isShown(option, system));
    if (shown.length === 0) continue;
    lines.push("", `${title}:`);
    for (const option of shown) {
      lines.push(`  ${optionUsage(option)}`);
      lines.push(
        ...wrap(optionText(option), Math.max(columns, 40) - 8).map((line) => `      ${line}`),
      );
    }
  }
  lines.push("", "Help:", "  -h, --help", "      Show this help.");
  return lines.join("\n");
}

/** The flag with the names of its values. */
export function optionUsage(option: Option): string {
  return [option.flag, ...option.valueNames].join(" ");
}

function optionText(option: Option): string {
  const parts = [option.text];
  if (option.choices.length > 0) parts.push(`One of ${option.choices.join(", ")}.`);
  if (option.modes !== undefined) parts.push(`In ${option.modes.join(" and ")} mode only.`);
  if (option.repeatable) parts.push("May be repeated.");
  if (option.environment !== undefined) parts.push(`Environment: ${option.environment}.`);
  if (option.effect === "none-yet") parts.push("Has no effect in this version.");
  if (option.effect === "refused-yet") parts.push("Refused in this version.");
  if (option.effect === "not-applicable") parts.push(`Has no effect: ${option.note}.`);
  const value = defaultText(option);
  return parts.join(" ") + (value === null ? "" : ` [${value}]`);
}

/** The default for people; null where there is none worth a word. */
export function defaultText(option: Option): string | null {
  if (option.defaultText !== undefined) return option.defaultText;
  const { default: value } = option;
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

/** Breaks a text at spaces into lines of at most `width` characters; a longer word has its own line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
