/** What a client and the log see of an application's errors. */

import assert from "node:assert/strict";
import { forEachMode, forEachPython, startServer } from "./harness.ts";

const BEFORE = {
  "/error-before": /RuntimeError: before \u20ac/,
  "/error-after-start": /RuntimeError: after start_response/,
  "/error-in-first": /RuntimeError: in the iterable/,
  "/text-item": /TypeError/,
  "/returns-none": /TypeError/,
  "/never-started": /start_response|RuntimeError|AssertionError/,
  "/nothing-at-all": /start_response|RuntimeError|AssertionError/,
  "/system-exit": /SystemExit: leaving/,
};

forEachMode("an error before the first byte gives a 500 that shows nothing of it", async (mode) => {
  await using server = await startServer({
    app: "responses.wsgi",
    args: mode.args,
    complaintsExpected: true,
  });
  const pid = (await server.request("/pid")).text;
  for (const [path, pattern] of Object.entries(BEFORE)) {
    const from = server.log.position;
    const response = await server.request(path, { keepAlive: true });
    assert.equal(response.status, 500, path);
    assert.equal(response.reason, "Internal Server Error", path);
    assert.match(response.header("content-type")!, /^text\/html/, path);
    assert.match(response.text, /500/, path);
    assert.doesNotMatch(response.text, /Traceback|RuntimeError|\.wsgi/, path);
    assert.equal(response.header("x-lost"), undefined);
    await server.log.waitFor(pattern, undefined, from);
  }
  assert.equal((await server.request("/pid")).text, pid);
});

forEachPython(
  "the traceback is in the log, line by line, with the client",
  async ({ executable }) => {
    await using server = await startServer({ app: "responses.wsgi", python: executable });
    assert.equal((await server.request("/error-before")).status, 500);
    const pattern =
      /^\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d\.\d{6} \d{4}\] \[wsgi:error\] \[pid (\d+):tid \d+\] \[remote 127\.0\.0\.1:\d+\] (.*)$/;
    await server.log.waitFor(/RuntimeError: before \u20ac/);
    const lines = server.log.matches(pattern).map((match) => match[2]!);
    assert.ok(lines.includes("Traceback (most recent call last):"), lines.join("\n"));
    assert.ok(
      lines.some((line) => /^ {2}File ".*responses\.wsgi", line \d+, in error_before$/.test(line)),
    );
    assert.ok(lines.includes("RuntimeError: before \u20ac"));
    assert.ok(server.applicationPids().includes(Number(server.log.matches(pattern)[0]![1])));
  },
);

forEachMode("an error after the first byte truncates visibly", async (mode) => {
  await using server = await startServer({ app: "responses.wsgi", args: mode.args });
  for (const path of ["/error-midway", "/error-midway-with-length"]) {
    const response = await server.request(path, { keepAlive: true });
    assert.equal(response.status, 200, path);
    assert.equal(response.text, "part of it", path);
    assert.equal(response.complete, false, path);
  }
  await server.log.waitFor(/RuntimeError: midway$/);
  await server.log.waitFor(/RuntimeError: midway with length$/);
  assert.equal((await server.request("/one-item")).text, "only");
});

forEachMode("KeyboardInterrupt raised by an application does not end the process", async (mode) => {
  await using server = await startServer({ app: "responses.wsgi", args: mode.args });
  const pid = (await server.request("/pid")).text;
  assert.equal((await server.request("/keyboard-interrupt")).status, 500);
  assert.equal((await server.request("/pid")).text, pid);
});

forEachMode(
  "an exception's reference cycle with the request is no leak of threads",
  async (mode) => {
    await using server = await startServer({ app: "responses.wsgi", args: mode.args });
    for (let round = 0; round < 50; round++) {
      assert.equal((await server.request("/error-before")).status, 500);
    }
    assert.equal((await server.request("/one-item")).text, "only");
  },
);
