import assert from "node:assert/strict";
import { join } from "node:path";
import { discoverPython } from "../../ffi/discovery.ts";
import { PythonNotUsableError } from "../../ffi/errors.ts";
import { newestPython } from "../pythons.ts";
import { endOfScenario } from "./run_scenario.ts";

async function messageFor(library: string, versionNumbers?: [number, number, number]) {
  const { python } = await discoverPython({ python: newestPython().executable });
  const changed = { ...python, library: library || python.library };
  const end = await endOfScenario("facts", {
    python: versionNumbers === undefined ? changed : { ...changed, versionNumbers },
  });
  assert.equal(end.code, 1);
  assert.match(end.stderr, new RegExp(PythonNotUsableError.name));
  return end.stderr;
}

Deno.test("openPythonLibrary() says which library of which Python can't be loaded and why", async () => {
  const missing = join(Deno.cwd(), "no-such-libpython.so");
  const message = await messageFor(missing);
  assert.ok(message.includes(`"${missing}"`));
  assert.match(message, /can't be loaded: /);
  assert.match(message, /--python PATH/);
});

Deno.test("openPythonLibrary() refuses a file that is no library", async () => {
  const file = await Deno.makeTempFile({ suffix: ".so" });
  try {
    await Deno.writeTextFile(file, "this is text");
    assert.match(await messageFor(file), /can't be loaded: /);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("openPythonLibrary() refuses a library of another version than the interpreter's", async () => {
  assert.match(await messageFor("", [3, 4, 0]), /is Python 3\.\d+\.\d+.*, but the interpreter/);
});
