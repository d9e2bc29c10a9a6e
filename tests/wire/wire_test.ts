/**
 * Runs the pairs of files below `cases/`: bytes that a client sends, and what must come back. README.md
 * in this folder tells how to write one.
 */

import assert from "node:assert/strict";
import { startServer } from "../blackbox/harness.ts";
import { forEachMode } from "../blackbox/modes.ts";
import { type Expectation, parseExpectFile } from "./expect_file.ts";
import { parseRequestFile, type Step } from "./request_file.ts";
import { runCase } from "./run_case.ts";

interface WireCase {
  readonly name: string;
  readonly steps: Step[];
  readonly expected: Expectation;
}

/** No idle connection is closed while a case waits, so a close is the answer to what was sent. */
const ARGUMENTS = ["--keep-alive-timeout", "60"];

/** Milliseconds for each thing that must come back: fewer than the server itself gives a slow client. */
const DEADLINE = 12_000;

const cases = readCases(new URL("cases/", import.meta.url));

function readCases(folder: URL): WireCase[] {
  const found: WireCase[] = [];
  for (const group of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (!group.isDirectory) continue;
    const names = [...Deno.readDirSync(new URL(`${group.name}/`, folder))].map(({ name }) => name);
    for (const name of names.sort()) {
      const [, stem, kind] = /^(.*)\.(request|expect)$/.exec(name) ?? [];
      const other = `${stem}.${kind === "request" ? "expect" : "request"}`;
      if (!names.includes(other)) throw new Error(`${group.name}/${name} has no ${other}`);
      if (kind !== "request") continue;
      const path = `${group.name}/${stem}`;
      const read = (suffix: string) => Deno.readTextFileSync(new URL(`${path}.${suffix}`, folder));
      try {
        found.push({
          name: path,
          steps: parseRequestFile(read("request")),
          expected: parseExpectFile(read("expect")),
        });
      } catch (error) {
        throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
      }
    }
  }
  return found;
}

Deno.test("there are enough wire cases, and none expects nothing", () => {
  assert.ok(cases.length >= 130, `${cases.length} cases`);
  for (const { name, steps, expected } of cases) {
    assert.ok(steps.some((step) => step.kind === "send"), name);
    assert.ok(expected.responses.length > 0 || expected.connection === "closed", name);
  }
});

for (const [options, group] of Map.groupBy(cases, ({ expected }) => expected.server)) {
  forEachMode(`wire${options === "" ? "" : ` ${options}`}`, async (mode, context) => {
    const args = [...mode.args, ...ARGUMENTS, ...options.split(" ").filter((word) => word !== "")];
    await using server = await startServer({ app: "wire.py", args });
    for (const { name, steps, expected } of group) {
      await context.step(name, async () => {
        using connection = await server.connect();
        connection.deadline = DEADLINE;
        await runCase(connection, steps, expected);
      });
    }
  });
}
