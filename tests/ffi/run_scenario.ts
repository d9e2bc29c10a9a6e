/**
 * Runs one of `scenarios.ts` in a process of its own: a process can start one interpreter only.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { ScenarioInput } from "./scenarios.ts";

/** How a scenario's process ended. */
export interface ScenarioEnd {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  /** The last line of its output, parsed; `undefined` when there was none. */
  readonly result: unknown;
  readonly stderr: string;
}

/** Starts the process and waits for its end, whatever it is. */
export async function endOfScenario(name: string, input: ScenarioInput): Promise<ScenarioEnd> {
  const script = fileURLToPath(new URL("scenarios.ts", import.meta.url));
  const { code, signal, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--v8-flags=--expose-gc", script, name, JSON.stringify(input)],
    env: { PYTHONDONTWRITEBYTECODE: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const last = decoder.decode(stdout).trimEnd().split("\n").at(-1) ?? "";
  return {
    code,
    signal,
    result: last === "" ? undefined : JSON.parse(last),
    stderr: decoder.decode(stderr),
  };
}

/** The result of a scenario that ends well and writes nothing to standard error. */
// deno-lint-ignore no-explicit-any -- each test knows the shape of its scenario's result
export async function runScenario(name: string, input: ScenarioInput): Promise<any> {
  const { code, signal, result, stderr } = await endOfScenario(name, input);
  if (code !== 0 || stderr !== "") {
    throw new Error(`scenario "${name}" ended with ${signal ?? code}: ${stderr}`);
  }
  return result;
}
