/**
 * Measures wsgi-express beside its peers on this machine: one server at a time, interleaved over several rounds.
 *
 * `deno run -A bench/run.ts --help` has the options.
 */

import { cpus, loadavg, release } from "node:os";
import { type Case, CASES } from "./cases.ts";
import { join } from "./measurement.ts";
import { type Options, parseOptions, USAGE, UsageError } from "./options.ts";
import { type CaseResult, json, type ServerResult, table } from "./report.ts";
import { stopEverything } from "./server_process.ts";
import type { Workspace } from "./servers.ts";
import { requireWrk } from "./wrk.ts";

/** Runs one case: every server once a round, in the other direction each second round. */
async function runCase(chosen: Case, options: Options, workspace: Workspace): Promise<CaseResult> {
  const { measurement } = chosen;
  const rounds = options.rounds ?? chosen.rounds ?? 5;
  const servers = chosen.servers.filter(({ name }) =>
    options.only.length === 0 || options.only.includes(name)
  );
  const results = servers.map(({ name, ours }): ServerResult => ({
    server: name,
    ours,
    samples: [],
  }));
  const runnable: [typeof servers[number], ServerResult][] = [];
  for (const [index, server] of servers.entries()) {
    const result = results[index]!;
    const missing = server.missing(workspace);
    if (missing === undefined) runnable.push([server, result]);
    else result.missing = missing;
  }
  if (runnable.length < servers.length) {
    const names = results.filter((result) => result.missing !== undefined).map((result) =>
      result.server
    );
    console.error(
      `!! MISSING in ${chosen.name}: ${
        names.join(", ")
      } (bench/setup-peers.sh installs peers; see --peers)`,
    );
  }
  for (let round = 1; round <= rounds; round++) {
    for (const [server, result] of round % 2 === 1 ? runnable : runnable.toReversed()) {
      try {
        const sample = await measurement.run(server, workspace, options);
        result.samples.push(sample);
        const [first] = measurement.metrics;
        const value = sample[first.key]?.toFixed(first.digits);
        console.error(`${chosen.name} ${round}/${rounds} ${server.name}: ${value} ${first.label}`);
      } catch (error) {
        result.failed = error instanceof Error ? error.message : String(error);
        console.error(`!! FAILED ${chosen.name} ${round}/${rounds}: ${result.failed}`);
      }
    }
  }
  for (const result of results) {
    if (result.samples.length > 0) result.joined = join(measurement.metrics, result.samples);
  }
  return { case: chosen, rounds, results };
}

/** A folder that any user can read, with the applications in it: Apache serves as a user of its own. */
async function makeWorkspace({ peers, python, program }: Options): Promise<Workspace> {
  const scratch = await Deno.makeTempDir({ prefix: "wsgi-express-bench-" });
  await Deno.chmod(scratch, 0o755);
  const apps = `${scratch}/apps`;
  await Deno.mkdir(apps, { mode: 0o755 });
  const source = new URL("apps/", import.meta.url);
  for await (const { name, isFile } of Deno.readDir(source)) {
    if (!isFile) continue;
    await Deno.copyFile(new URL(name, source), `${apps}/${name}`);
    await Deno.chmod(`${apps}/${name}`, 0o644);
  }
  return { peers, apps, scratch, python, ...(program === undefined ? {} : { program }) };
}

function machine(): Record<string, unknown> {
  const cores = cpus();
  return {
    date: new Date().toISOString(),
    cores: cores.length,
    processor: cores[0]?.model,
    kernel: release(),
    deno: Deno.version.deno,
    load: loadavg()[0],
  };
}

async function main(words: string[]): Promise<number> {
  const options = parseOptions(words);
  if (options.help) console.log(USAGE);
  if (options.list) {
    for (const { name, text, servers } of CASES) {
      console.log(`${name}: ${text}\n  ${servers.map((server) => server.name).join(" ")}`);
    }
  }
  if (options.help || options.list) return 0;
  await requireWrk();
  const about = machine();
  if (Number(about.load) > 0.5) {
    console.error(
      `!! the machine is busy (load average ${
        Number(about.load).toFixed(1)
      }): don't trust what follows`,
    );
  }
  const workspace = await makeWorkspace(options);
  const stopNow = async () => {
    await stopEverything();
    Deno.removeSync(workspace.scratch, { recursive: true });
    Deno.exit(130);
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(name, stopNow);
  }
  try {
    const finished: CaseResult[] = [];
    for (const name of options.cases) {
      const result = await runCase(CASES.find((each) => each.name === name)!, options, workspace);
      if (result.results.length === 0) {
        console.error(`!! ${name} has none of the servers in --only`);
      }
      finished.push(result);
      console.log(`\n${table(result)}\n`);
    }
    if (options.json !== undefined) {
      const { seconds, warmUp } = options;
      const report = { machine: about, seconds, warmUp, cases: finished.map(json) };
      await Deno.writeTextFile(options.json, JSON.stringify(report, null, 2) + "\n");
    }
    return finished.some(({ results }) => results.some((result) => result.joined === undefined))
      ? 1
      : 0;
  } finally {
    await Deno.remove(workspace.scratch, { recursive: true });
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.removeSignalListener(name, stopNow);
    }
  }
}

if (import.meta.main) {
  try {
    Deno.exitCode = await main(Deno.args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    Deno.exitCode = 2;
  }
}
