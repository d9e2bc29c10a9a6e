/** Warnings, turned into errors or shown by a hook that prints, end no process and lose no line. */

import assert from "node:assert/strict";
import { forEachPythonAndMode, startServer } from "./harness.ts";

forEachPythonAndMode(
  "with PYTHONWARNINGS=error every line is in the log once",
  async (python, mode) => {
    await using server = await startServer({
      app: "warnings.wsgi",
      python: python.executable,
      args: mode.args,
      env: { PYTHONWARNINGS: "error" },
      complaintsExpected: true,
    });
    assert.deepEqual((await server.request("/filters")).json, ["error", ["error"]]);
    const { status, text } = await server.request("/much");
    assert.deepEqual([status, text], [200, "raised"]);
    await server.log.waitFor(/ wsgi 999 \.$/);
    for (const stream of ["out", "err", "wsgi"]) {
      const lines = server.log.matches(new RegExp(`\\] ${stream} (\\d+) ([\\0x]*)\\.$`));
      assert.deepEqual(
        lines.map((match) => Number(match[1])),
        Array.from({ length: 1000 }, (_, number) => number),
        stream,
      );
      for (const [, number, rest] of lines) {
        const expected = Number(number) % 10 === 0 ? 1 : Number(number) % 100 === 1 ? 20000 : 0;
        assert.equal(rest!.length, expected, `${stream} ${number}`);
      }
    }
    for (const stream of ["stdout", "stderr"]) {
      assert.equal(server.log.matches(new RegExp(`hook on ${stream}: shown \\d+$`)).length, 10);
    }
    assert.equal(server.log.matches(/Traceback|RecursionError|Fatal/).length, 0);
    const pids = new Set<string>();
    for (let count = 0; count < 100; count++) pids.add((await server.request("/pid")).text);
    assert.equal(pids.size, 1);
    assert.equal(Number([...pids][0]), server.applicationPids()[0]);
  },
);

Deno.test("--python-warnings sets filters as python -W does", async () => {
  await using server = await startServer({
    app: "warnings.wsgi",
    args: ["--python-warnings", "error::DeprecationWarning"],
  });
  const { json } = await server.request("/filters");
  assert.deepEqual(json, ["error", ["error::DeprecationWarning"]]);
});
