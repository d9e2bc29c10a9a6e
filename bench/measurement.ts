/** What a measurement is: the values it gives, and how rounds of it become one result. */

import type { Server, Workspace } from "./servers.ts";

/** One value that a measurement gives. */
export interface Metric {
  key: string;
  /** The table's heading, with the unit. */
  label: string;
  /** Digits behind the decimal point in the table. */
  digits: number;
  better: "higher" | "lower";
  /** How rounds are joined: the median, or the sum where any occurrence counts. */
  join: "median" | "sum";
}

/** The values of one round, by {@linkcode Metric.key}. */
export type Sample = Record<string, number>;

/** How long a measurement may take. */
export interface Duration {
  /** Seconds of load that count. */
  seconds: number;
  /** Seconds of load before them. */
  warmUp: number;
}

export interface Measurement {
  /** The first is the one that ratios are made of. */
  metrics: readonly [Metric, ...Metric[]];
  /** Starts the server, measures, stops it. Throws when the server can't be measured. */
  run(server: Server, workspace: Workspace, duration: Duration): Promise<Sample>;
}

/** The rounds of one server, joined. */
export interface Joined {
  values: Sample;
  /** Of the first metric: (highest − lowest) / median. Says how much to trust it. */
  spread: number;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((one, other) => one - other);
  const at = (index: number) => sorted[index] ?? NaN;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
}

/** Joins the rounds of one server. */
export function join(metrics: Measurement["metrics"], samples: readonly Sample[]): Joined {
  const values: Sample = {};
  for (const metric of metrics) {
    const of = column(samples, metric.key);
    values[metric.key] = metric.join === "median"
      ? median(of)
      : of.reduce((sum, value) => sum + value, 0);
  }
  const first = column(samples, metrics[0].key);
  return { values, spread: (Math.max(...first) - Math.min(...first)) / median(first) };
}

function column(samples: readonly Sample[], key: string): number[] {
  return samples.map((sample) => sample[key] ?? NaN);
}
