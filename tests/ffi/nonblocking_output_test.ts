import assert from "node:assert/strict";
import { newestPython } from "../pythons.ts";

/** Writes to standard output, once at the start and once when told to, and tells what came of it. */
const WRITER = `
import { NonBlockingOutput } from ${
  JSON.stringify(import.meta.resolve("../../ffi/nonblocking_output.ts"))
};
const output = NonBlockingOutput.open(1);
for (let round = 0; round < 2; round++) {
  console.error(output.hasReader(), output.write(new TextEncoder().encode("line\\n")));
  if (round === 0) await Deno.stdin.read(new Uint8Array(1));
}
`;

/** Starts the writer on a pipe, then on a terminal, and closes the other end in between. */
const READER = `
import os, subprocess, sys
for opened in os.pipe, os.openpty:
    reader, writer = opened()
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=writer)
    os.close(writer)
    os.read(reader, 100)
    os.close(reader)
    child.communicate(b"x")
`;

Deno.test({
  name: "a pipe without a reader and a terminal that has hung up are told from full ones",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { stderr } = await new Deno.Command(newestPython().executable, {
      args: ["-c", READER, Deno.execPath(), "eval", WRITER],
      stdout: "null",
      stderr: "piped",
    }).output();
    const told = new TextDecoder().decode(stderr).trim().split("\n");
    assert.deepEqual(told, ["true 5", "false -1", "true 5", "false -1"]);
  },
});
