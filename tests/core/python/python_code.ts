/**
 * Runs test code in a plain interpreter that can import the Python half as `_wsgi_express`, without a plan and without
 * connections: for functions of plain values.
 *
 * @module
 */
import assert from "node:assert/strict";
import { bootstrapSource, packedSources } from "../../../core/python/sources.ts";
import type { TestPython } from "../../pythons.ts";

const PROGRAM = `
import json, sys
given = json.load(sys.stdin)
namespace = {"__name__": "bootstrap"}
exec(compile(given["bootstrap"], "bootstrap", "exec"), namespace)
namespace["install"](given["sources"])
variables = {}
exec(compile(given["code"], "code", "exec"), variables)
print(json.dumps(variables["result"]))
`;

/** Executes `code`; the value of its variable `result`, which JSON must be able to hold. */
// deno-lint-ignore no-explicit-any
export async function pythonResult(python: TestPython, code: string): Promise<any> {
  const child = new Deno.Command(python.executable, {
    args: ["-W", "error", "-c", PROGRAM],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const given = JSON.stringify({ bootstrap: bootstrapSource, sources: packedSources, code });
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(given));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}
