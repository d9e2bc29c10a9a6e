/** The table for people and the object for `--json`. */

import type { Case } from "./cases.ts";
import type { Joined, Sample } from "./measurement.ts";

/** What came of one server. */
export interface ServerResult {
  server: string;
  ours: boolean;
  /** Why there are no numbers. */
  missing?: string;
  failed?: string;
  samples: Sample[];
  joined?: Joined;
}

export interface CaseResult {
  case: Case;
  rounds: number;
  results: ServerResult[];
}

/** First metric of `ours` divided by that of `other`; undefined where either has none. */
export function ratio(key: string, ours: ServerResult, other: ServerResult): number | undefined {
  const [one, two] = [ours.joined?.values[key], other.joined?.values[key]];
  return one === undefined || two === undefined ? undefined : one / two;
}

/** Lines of one case: a row a server, and a column for the ratio of each of ours to that row. */
export function table({ case: { name, text, measurement }, rounds, results }: CaseResult): string {
  const [first] = measurement.metrics;
  const ours = results.filter((result) => result.ours && result.joined !== undefined);
  const heading = [
    "server",
    ...measurement.metrics.map((metric) => metric.label),
    "spread",
    ...ours.map((result) => `${result.server} ÷`),
  ];
  const rows = [heading];
  const notes: string[] = [];
  for (const result of results) {
    if (result.joined === undefined) {
      const why = result.missing !== undefined ? "MISSING" : "FAILED";
      notes.push(`${why} ${result.server}: ${result.missing ?? result.failed}`);
      rows.push([result.server, why, ...heading.slice(2).map(() => "")]);
      continue;
    }
    const { values, spread } = result.joined;
    rows.push([
      result.server,
      ...measurement.metrics.map(({ key, digits }) => number(values[key], digits)),
      `${number(spread * 100, 0)} %`,
      ...ours.map((one) => one === result ? "" : number(ratio(first.key, one, result), 2)),
    ]);
    if (result.failed !== undefined) {
      notes.push(`FAILED in some rounds: ${result.server}: ${result.failed}`);
    }
  }
  return [
    `${name}: ${text}`,
    `medians of ${rounds} ${
      rounds === 1 ? "round" : "rounds"
    }; ÷ columns: ${first.label} of that server ` +
    `divided by the row's (${first.better} is better); spread: (highest − lowest) / median of ${first.label}`,
    "",
    ...aligned(rows),
    ...notes.map((note) => `!! ${note}`),
  ].join("\n");
}

/** One case as plain data. */
export function json({ case: { name, text, measurement }, rounds, results }: CaseResult): unknown {
  const [first] = measurement.metrics;
  return {
    case: name,
    text,
    rounds,
    metrics: measurement.metrics,
    servers: results.map((result) => ({
      ...result,
      ratios: result.ours
        ? Object.fromEntries(
          results.filter((other) => other !== result)
            .map((other) => [other.server, ratio(first.key, result, other)] as const)
            .filter(([, value]) => value !== undefined),
        )
        : undefined,
    })),
  };
}

function number(value: number | undefined, digits: number): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Pads columns: the first to the left, the others to the right. */
function aligned(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length))
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ").trimEnd()
  );
}
