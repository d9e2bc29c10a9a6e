/** `--free-threading`, with a free-threaded CPython where there is one. */

import assert from "node:assert/strict";
import { freeThreadedPython } from "../pythons.ts";
import { NotStartedError, type Server, startServer, until } from "./harness.ts";
import { Load } from "./load.ts";
import { checkSideBySide } from "./side_by_side.ts";

const python = freeThreadedPython() ?? null;
const ignore = python === null;
if (ignore) {
  console.warn(
    "NOT TESTED: --free-threading, for want of a free-threaded CPython (3.13t or later); " +
      "WSGI_EXPRESS_TEST_FREE_THREADED names one",
  );
}

const PARALLEL = ["--application-type", "module"];
const MODES = [["daemon"], ["embedded", "--embedded-mode"]] as const;

/** Two requests, of which the first waits so long for the second. */
async function pair(server: Server, seconds: number): Promise<string[]> {
  const answers = [server.request(`/?${seconds}`), server.request(`/?${seconds}`)];
  return (await Promise.all(answers)).map(({ text }) => text);
}

for (const [mode, ...args] of MODES) {
  Deno.test({
    name: `threads of a free-threaded Python run at the same time [${mode}]`,
    ignore,
    fn: async () => {
      const options = [...PARALLEL, ...args, "--threads", "2", "--free-threading"];
      await using server = await startServer({ app: "parallel", args: options, python });
      assert.deepEqual(await pair(server, 10), ["together free", "together free"]);
    },
  });
}

for (const [mode, ...args] of MODES) {
  Deno.test({
    name: `requests that wait briefly are served side by side without the lock [${mode}]`,
    ignore,
    fn: async () => {
      const options = [...args, "--threads", "5", "--free-threading"];
      await using server = await startServer({ app: "threads.wsgi", args: options, python });
      await checkSideBySide(server);
    },
  });
}

Deno.test({
  name: "a free-threaded Python keeps its lock without --free-threading",
  ignore,
  fn: async () => {
    const args = [...PARALLEL, "--threads", "2"];
    await using server = await startServer({ app: "parallel", args, python });
    const answers = await pair(server, 1);
    assert.match(answers.join(), /locked.*locked/);
  },
});

Deno.test({
  name: "many short requests on many threads without the lock are all counted and answered",
  ignore,
  fn: async () => {
    for (const [, ...mode] of MODES) {
      const args = [...mode, "--threads", "8", "--free-threading"];
      await using server = await startServer({ app: "threads.wsgi", args, python });
      await using load = new Load(server.url, "/total", 16, true);
      await until(() => load.answered > 2000 || load.failures.length > 0, "answers", 60_000);
      const { failures, answered } = await load.stop();
      assert.deepEqual(failures, []);
      // A request is counted behind its answer.
      let asked = 0;
      const total = async () => Number((await server.request("/total")).text);
      await until(async () => await total() === answered + asked++, "count of all requests");
    }
  },
});

Deno.test("--free-threading with another Python ends the server with status 4", async () => {
  await assert.rejects(
    startServer({ app: "hello.wsgi", args: ["--free-threading"] }),
    (error) => {
      assert.ok(error instanceof NotStartedError);
      assert.equal(error.exit.code, 4);
      assert.ok(error.log.matches(/--free-threading needs a free-threaded build/).length === 1);
      return true;
    },
  );
});
