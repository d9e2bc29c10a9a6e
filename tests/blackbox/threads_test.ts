/** Which threads run what. */

import assert from "node:assert/strict";
import { forEachMode, forEachPython, type Server, startServer } from "./harness.ts";
import { checkSideBySide } from "./side_by_side.ts";

async function checkThreads(server: Server): Promise<void> {
  const results = await Promise.all(
    Array.from({ length: 10 }, () => server.request("/threads")),
  );
  for (const { json: found } of results) {
    assert.equal(found["on main"], false);
    assert.equal(found["main name"], "MainThread");
    assert.equal(found["main alive"], true);
    assert.notEqual(found["current ident"], found["main ident"]);
    assert.equal(found["get_ident"], found["current ident"]);
    assert.equal(found.set_wakeup_fd, "ValueError");
  }
  assert.equal(new Set(results.map(({ json }) => json["main ident"])).size, 1);
}

forEachPython("no request runs on the main thread", async ({ executable }) => {
  await using server = await startServer({ app: "threads.wsgi", python: executable });
  await checkThreads(server);
  assert.equal((await server.request("/event-loop")).text, "from a coroutine");
  assert.equal((await server.request("/background")).text, "True");
});

forEachMode("no request runs on the main thread, in every mode with several", async (mode) => {
  await using server = await startServer({ app: "threads.wsgi", args: mode.args });
  await checkThreads(server);
}, { threads: 2 });

forEachPython("a signal handler of the application is ignored with a warning", async (python) => {
  await using server = await startServer({ app: "threads.wsgi", python: python.executable });
  const { result, unchanged } = (await server.request("/own-signal")).json;
  assert.equal(unchanged, true);
  assert.ok(["no error", "ValueError"].includes(result), result);
});

forEachMode("threads keep their threading.local between requests", async (mode) => {
  await using server = await startServer({ app: "threads.wsgi", args: mode.args });
  const counts = new Map<number, number>();
  for (let number = 0; number < 30; number++) {
    const { count, ident } = (await server.request("/per-thread")).json;
    assert.equal(count, (counts.get(ident) ?? 0) + 1);
    counts.set(ident, count);
  }
  assert.ok(counts.size <= mode.threads);
});

forEachMode(
  "requests that wait for less than a millisecond are served side by side",
  async (mode) => {
    await using server = await startServer({ app: "threads.wsgi", args: mode.args });
    await checkSideBySide(server);
  },
  // Elsewhere the server can't see that a thread waits before it has done so for a millisecond.
  { threads: 2, system: "linux" },
);
