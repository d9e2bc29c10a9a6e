/**
 * Writes the reference of the options, `docs/options.md`, from the table: `deno task docs:options`.
 *
 * @module
 */

import type { Option } from "../core/options/option.ts";
import { optionGroups } from "../core/options/table.ts";
import { defaultText, optionUsage, wrap } from "./help.ts";

/** The text of `docs/options.md`. */
export function optionsReference(): string {
  const sections = optionGroups.map(({ title, options }) =>
    [`## ${title}`, ...Object.values(options).map(describe)].join("\n\n")
  );
  return [HEAD, ...sections].join("\n\n") + "\n";
}

const HEAD = `# Options of start-server

<!-- Made from the table of options by \`deno task docs:options\`; change the table, not this file. -->

\`\`\`
wsgi-express start-server SCRIPT-PATH [OPTIONS]
\`\`\`

The options are those of \`mod_wsgi-express\` 4.8.0, some of later versions, and a few of our own. A
command line is read as \`mod_wsgi-express\` reads it:

- \`--option value\` and \`--option=value\` are the same; options may follow the script; \`--\` ends them.
- A flag may be cut short as long as only one begins like it.
- Whole numbers may be written with \`0x\` (hexadecimal), \`0b\` (binary), or a leading \`0\` (octal).
- \`$NAME\` and \`\${NAME}\` stand for environment variables; unknown ones stay as written.
- A command line that can't be understood ends with the reason on stderr and exit status 2.

An option that is marked _no effect_ is accepted and named in a warning at the start. One that is
marked _refused_ ends the start with exit status 3, because a server that left it out would be open
or reachable in another way than was asked for.`;

function describe(option: Option): string {
  const facts = [
    option.effect === "none-yet" && "_no effect in this version_",
    option.effect === "refused-yet" && "_refused in this version_",
    option.effect === "not-applicable" && "_no effect_",
    option.modes && `in ${option.modes.join(" and ")} mode only`,
    option.hidden && "not shown in help",
    option.choices.length > 0 && `one of ${option.choices.map((word) => `\`${word}\``).join(", ")}`,
    option.repeatable && "may be repeated",
    defaultFact(option),
    option.environment && `environment variable \`${option.environment}\``,
    option.aliases && `also \`${option.aliases.join("`, `")}\``,
    option.platform === "unix" && "not shown in help on Windows",
    option.since ? `since mod_wsgi ${option.since}` : "ours",
  ].filter((fact) => fact);
  const paragraphs = [
    option.text.replaceAll("__", "\\_\\_"),
    option.note && `Without Apache: ${option.note}.`,
    option.onWindows && `No effect on Windows: ${option.onWindows}.`,
    `${upperFirst(facts.join("; "))}.`,
  ].filter((text) => text !== undefined);
  return [`### \`${optionUsage(option)}\``, ...paragraphs.map(paragraph)].join("\n\n");
}

/** A paragraph broken into lines as the formatter breaks them. */
function paragraph(text: string): string {
  return wrap(text, 100).join("\n");
}

function defaultFact(option: Option): string | false {
  const text = defaultText(option);
  if (text === null) return false;
  return option.defaultText === undefined ? `default \`${text}\`` : `default: ${text}`;
}

function upperFirst(text: string): string {
  return text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("../docs/options.md", import.meta.url), optionsReference());
}
