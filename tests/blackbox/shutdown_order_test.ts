/** What happens in which order when a process stops. */

import assert from "node:assert/strict";
import { Folder, forEachPythonAndMode, type Server, startServer } from "./harness.ts";

/** The texts behind "order: " in the log. */
function order(server: Server): string[] {
  return server.log.matches(/order: (.*)$/).map((match) => match[1]!);
}

const WHOLE_ORDER = [
  "event process_stopping [('shutdown_reason', 'shutdown_signal')]",
  "failing callback",
  "shutdown callback process_stopping [('shutdown_reason', 'shutdown_signal')]",
  "thread ended",
  "joined",
  "atexit",
];

forEachPythonAndMode(
  "a stop is events, shutdown callbacks, join, atexit, exit 0",
  async (python, mode) => {
    await using server = await startServer({
      app: "shutdown_order.wsgi",
      python: python.executable,
      // Longer than the end is waited for.
      args: [...mode.args, "--shutdown-timeout", "60"],
      complaintsExpected: true,
    });
    assert.equal((await server.request("/")).status, 200);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    assert.deepEqual(order(server), WHOLE_ORDER);
    assert.equal(server.log.matches(/ValueError: a callback that fails/).length, 1);
    assert.equal(server.log.matches(/Exception occurred in the callback/).length, 1);
  },
);

forEachPythonAndMode(
  "shutdown callbacks run before running requests have ended",
  async (python, mode) => {
    using folder = new Folder();
    await using server = await startServer({
      app: "shutdown_order.wsgi",
      python: python.executable,
      env: folder.env,
      args: [...mode.args, "--shutdown-timeout", "60"],
      complaintsExpected: true,
    });
    const slow = server.request("/slow");
    await folder.waitForNotes("started");
    server.signal("SIGTERM");
    await server.log.waitFor(/order: joined/);
    folder.write("go");
    assert.equal((await slow).text, "served, thread alive: False");
    assert.deepEqual(await server.waitForExit(), { code: 0, signal: null });
    assert.deepEqual(order(server), [...WHOLE_ORDER.slice(0, -1), "request ended", "atexit"]);
  },
);

forEachPythonAndMode(
  "without a shutdown callback a stuck thread ends at the shutdown timeout and is named",
  async (python, mode) => {
    await using server = await startServer({
      app: "shutdown_order.wsgi",
      python: python.executable,
      env: { UNSUBSCRIBED: "1" },
      args: [...mode.args, "--shutdown-timeout", "1"],
      complaintsExpected: true,
    });
    await server.request("/");
    const begin = performance.now();
    await server.stop();
    const elapsed = performance.now() - begin;
    assert.ok(elapsed > 900, `${elapsed} ms`);
    assert.deepEqual(order(server), [WHOLE_ORDER[0]]);
    assert.equal(server.log.matches(/did not stop within 1 seconds.*'lasting work'/).length, 1);
    assert.equal(server.log.matches(/in work$/).length, 1, "the place where it waits");
  },
);
