/** The benchmark's own command line. */

import { parseArgs } from "node:util";
import { CASES } from "./cases.ts";
import type { Duration } from "./measurement.ts";

export interface Options extends Duration {
  cases: string[];
  /** Server names; empty for all. */
  only: string[];
  rounds: number | undefined;
  json: string | undefined;
  python: string;
  peers: string;
  program: string | undefined;
  list: boolean;
  help: boolean;
}

export class UsageError extends Error {}

export const USAGE = `deno run -A bench/run.ts --case NAME[,NAME] [options]

  --case NAME      ${CASES.map((each) => each.name).join(", ")}, or all
  --only NAME      only these servers, e.g. ours-daemon-1x5,granian-1x5
  --rounds N       rounds, servers interleaved, medians taken (default 5; start-up 7)
  --seconds S      seconds of load a round (default 3)
  --warm-up S      seconds of load before they count (default 1)
  --json FILE      write every sample there
  --python PATH    the Python that wsgi-express is told to use (default: the peers')
  --program PATH   a compiled wsgi-express in place of cli/main.ts
  --peers DIR      what bench/setup-peers.sh installed (default: $WSGI_EXPRESS_PEERS, or bench/.peers)
  --list           print the cases and their servers
`;

/** @throws UsageError with the reason. */
export function parseOptions(words: string[]): Options {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args: words,
      options: {
        "case": { ...text, multiple: true },
        "only": { ...text, multiple: true },
        "rounds": text,
        "seconds": text,
        "warm-up": text,
        "json": text,
        "python": text,
        "program": text,
        "peers": text,
        "list": flag,
        "help": flag,
      },
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const peers = values.peers ?? Deno.env.get("WSGI_EXPRESS_PEERS") ??
    decodeURIComponent(new URL(".peers", import.meta.url).pathname);
  const names = CASES.map((each) => each.name);
  const cases = splitNames(values.case).flatMap((name) => name === "all" ? names : [name]);
  const servers = CASES.flatMap((each) => each.servers.map((server) => server.name));
  const only = splitNames(values.only);
  if (cases.length === 0 && !values.list && !values.help) throw new UsageError("--case is needed");
  requireKnown("case", cases, names);
  requireKnown("server", only, servers);
  return {
    cases,
    only,
    rounds: values.rounds === undefined ? undefined : positive("--rounds", values.rounds),
    seconds: positive("--seconds", values.seconds ?? "3"),
    warmUp: values["warm-up"] === "0" ? 0 : positive("--warm-up", values["warm-up"] ?? "1"),
    json: values.json,
    python: values.python ?? `${peers}/python/bin/python`,
    peers,
    program: values.program,
    list: values.list,
    help: values.help,
  };
}

function splitNames(values: string[] | undefined): string[] {
  return (values ?? []).flatMap((value) => value.split(",")).filter((name) => name !== "");
}

function requireKnown(kind: string, names: string[], known: string[]): void {
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new UsageError(
      `there is no ${kind} "${name}"; there are ${[...new Set(known)].join(", ")}`,
    );
  }
}

function positive(option: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new UsageError(`${option} takes a whole number from 1, not "${value}"`);
  }
  return number;
}
