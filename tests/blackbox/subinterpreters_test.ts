/** Application groups: the application in a sub-interpreter. */

import assert from "node:assert/strict";
import { testPythons } from "../pythons.ts";
import {
  forEachMode,
  forEachPython,
  NotStartedError,
  type Server,
  startServer,
} from "./harness.ts";

const IN_GROUP = ["--application-group", "blue"];
/** Longer than an end is waited for. */
const PATIENT = ["--shutdown-timeout", "60"];
const OWN_GIL = [...IN_GROUP, "--application-group-gil", "own"];
/** CPythons that can give a sub-interpreter its own GIL. */
const CAPABLE = testPythons().filter(({ minor }) => Number(minor.split(".")[1]) >= 12);

async function checkServed(server: Server): Promise<void> {
  const { json } = await server.request("/");
  assert.equal(json.group, "blue");
  assert.equal(json.environ, "blue");
  assert.equal(json["loaded on main"], true);
  assert.equal(json["on main"], false);
  assert.equal(json["main name"], "MainThread");
  assert.equal(json.registered, true);
  assert.deepEqual(json.argv, ["mod_wsgi"]);
  assert.equal(json.pid, server.applicationPids()[0]);
  assert.notEqual((await server.request("/identity")).text, "0");
}

function order(server: Server): string[] {
  return server.log.matches(/order: (.*)$/).map((match) => match[1]!);
}

const WHOLE_ORDER = ["process_stopping shutdown_signal", "atexit"];

async function checkEnd(server: Server): Promise<void> {
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assert.deepEqual(order(server), WHOLE_ORDER);
  assert.equal(server.log.matches(/crashed|did not stop|exited with/).length, 0);
}

forEachPython(
  "an application group is a sub-interpreter with an end of its own",
  async (python) => {
    await using server = await startServer({
      app: "interpreters.wsgi",
      python: python.executable,
      args: [...IN_GROUP, ...PATIENT],
    });
    await checkServed(server);
    await checkEnd(server);
  },
);

forEachMode("an application group works in every mode", async (mode) => {
  await using server = await startServer({
    app: "interpreters.wsgi",
    args: [...mode.args, ...IN_GROUP, ...PATIENT],
  });
  await checkServed(server);
  await checkEnd(server);
});

forEachPython("a group with a daemon thread left ends with status 0", async (python) => {
  await using server = await startServer({
    app: "interpreters.wsgi",
    python: python.executable,
    args: [...IN_GROUP, ...PATIENT],
    env: { DAEMON_THREAD: "1" },
  });
  await checkEnd(server);
});

forEachPython("a stuck thread of a group is named at the shutdown timeout", async (python) => {
  await using server = await startServer({
    app: "interpreters.wsgi",
    python: python.executable,
    args: [...IN_GROUP, "--shutdown-timeout", "1"],
    env: { STUBBORN: "1" },
  });
  await server.request("/");
  await server.stop();
  assert.equal(server.log.matches(/did not stop within 1 seconds.*'stubborn'/).length, 1);
});

Deno.test("a group is started and ended ten times in a row by the command", async () => {
  for (let round = 0; round < 10; round++) {
    const args = [...IN_GROUP, ...PATIENT];
    await using server = await startServer({ app: "interpreters.wsgi", args });
    await checkEnd(server);
  }
});

Deno.test("the default group is the main interpreter", async () => {
  await using server = await startServer({
    app: "interpreters.wsgi",
    args: ["--application-group", "%{GLOBAL}", ...PATIENT],
  });
  assert.equal((await server.request("/")).json.group, "");
  assert.equal((await server.request("/identity")).text, "0");
  await checkEnd(server);
});

Deno.test("a group may have a GIL of its own on CPython 3.12 and later", async () => {
  assert.ok(CAPABLE.length > 0, "no CPython 3.12 or later was found");
  for (const { executable: python } of CAPABLE) {
    const args = [...OWN_GIL, ...PATIENT];
    await using server = await startServer({ app: "interpreters.wsgi", python, args });
    await checkServed(server);
    await checkEnd(server);
  }
});

Deno.test("a module that can't be loaded with a GIL of its own is named", async () => {
  for (const { executable: python, minor } of CAPABLE) {
    // ctypes was made for it in 3.13; this module of CPython's own tests never will be.
    const name = minor === "3.12" ? "_ctypes" : "_testsinglephase";
    await using server = await startServer({
      app: "interpreters.wsgi",
      python,
      args: [...OWN_GIL, "--shutdown-timeout", "1"],
      env: { LOAD: name },
      complaintsExpected: true,
    });
    assert.equal((await server.request("/")).status, 500);
    const pattern = new RegExp(
      `The module '${name}' can't be loaded in the application group 'blue'`,
    );
    await server.log.waitFor(pattern);
  }
});

Deno.test("an older CPython says that it can't give a group its own GIL", async () => {
  const old = testPythons().find(({ minor }) => Number(minor.split(".")[1]) < 12);
  assert.ok(old !== undefined, "no CPython before 3.12 was found");
  const starting = startServer({
    app: "interpreters.wsgi",
    python: old.executable,
    args: OWN_GIL,
    complaintsExpected: true,
  });
  await assert.rejects(starting, (error: unknown) => {
    assert.ok(error instanceof NotStartedError);
    assert.equal(error.exit.code, 4);
    assert.match(error.log.tail(), /a GIL of its own needs CPython 3\.12/);
    return true;
  });
});
