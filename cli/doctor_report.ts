/**
 * What `wsgi-express doctor` prints.
 *
 * @module
 */

import type { Candidate, Survey } from "../ffi/discovery.ts";

/** What doctor found out. */
export interface Findings {
  /** Versions and other facts of program and machine, by label. */
  readonly program: readonly (readonly [label: string, value: string])[];
  readonly survey: Survey;
  /** Settings that are not the default, with where they came from. */
  readonly settings: readonly {
    readonly flag: string;
    readonly value: string;
    readonly origin: string;
  }[];
  /** What stands in the way of a start beside Python; empty when nothing does. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** The report, without a newline at its end. */
export function doctorReport({ program, survey, settings, problems, warnings }: Findings): string {
  const { python, error, candidates } = survey;
  const sections = [
    table(program),
    titled("Pythons looked at, in this order", candidates.map(candidateText)),
  ];
  if (python !== undefined) {
    const facts = table([
      ["Why", `first usable one of the list above (${python.origin})`],
      ["Version", `CPython ${python.version}${python.freeThreaded ? ", free-threaded" : ""}`],
      ["Build", python.build],
      ["Interpreter", python.executable],
      ["Library", python.library],
      ["Prefix", python.prefix + (python.virtualEnvironment ? " (virtual environment)" : "")],
      ["Base prefix", python.basePrefix],
    ]);
    sections.push(titled("Python that is used", facts.split("\n")));
  } else sections.push(titled("No Python can be used", [error?.message ?? ""]));
  if (settings.length > 0) {
    sections.push(titled(
      "Settings other than the default",
      settings.map(({ flag, value, origin }) => `${flag} ${value}`.trim() + ` (${origin})`),
    ));
  }
  if (warnings.length > 0) sections.push(titled("Warnings", warnings));
  if (problems.length > 0) sections.push(titled("Problems", problems));
  return sections.join("\n\n");
}

function titled(title: string, lines: readonly string[]): string {
  return [`${title}:`, ...lines.map((line) => `  ${line}`)].join("\n");
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)} : ${value}`).join("\n");
}

function candidateText({ origin, path, verdict, reason }: Candidate): string {
  return `${verdict.padEnd(11)} ${origin} ${path}: ${reason}`;
}
