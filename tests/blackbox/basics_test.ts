/** A request and its response, keep-alive, capacity; on every CPython. */

import assert from "node:assert/strict";
import { Folder, forEachMode, forEachPython, requestBytes, startServer } from "./harness.ts";
import { hasMapped } from "./processes.ts";

forEachPython(
  "serves a script, says so in the banner and stops cleanly",
  async ({ executable }) => {
    await using server = await startServer({ app: "hello.wsgi", python: executable });
    const response = await server.request("/");
    assert.equal(response.status, 200);
    assert.equal(response.reason, "OK");
    assert.equal(response.text, "Hello world!");
    assert.equal(response.header("content-length"), "12");
    assert.equal(response.header("content-type"), "text/plain");
    assert.match(response.header("date")!, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    assert.equal(server.processes().length, 0);
  },
);

Deno.test("the banner has the lines of mod_wsgi-express in its order", async () => {
  await using server = await startServer({ app: "hello.wsgi" });
  const labels = server.log.texts("stdout").map((line) => /^([A-Z][\w ()]+?) +: /.exec(line)?.[1])
    .filter((label) => label !== undefined);
  assert.deepEqual(labels, [
    "Server URL",
    "Server Root",
    "Server Conf",
    "Error Log File",
    "Operating Mode",
    "Request Capacity",
    "Request Timeout",
    "Startup Timeout",
    "Queue Backlog",
    "Queue Timeout",
    "Server Capacity",
    "Server Backlog",
    "Locale Setting",
  ]);
  await server.log.waitFor(/^Operating Mode {5}: daemon$/);
  await server.log.waitFor(/^Request Capacity {3}: 5 \(1 process \* 5 threads\)$/);
  const ready = server.log.lines.findIndex(({ text }) => /ready in \d+ ms/.test(text));
  const url = server.log.lines.findIndex(({ text }) => text.startsWith("Server URL"));
  assert.ok(url >= 0 && ready > url);
});

forEachMode("answers many requests on one connection", async (mode) => {
  await using server = await startServer({ app: "bodies.wsgi", args: mode.args });
  using connection = await server.connect();
  for (let number = 0; number < 100; number++) {
    const body = `request ${number}`;
    const method = number % 2 === 0 ? "POST" : "PUT";
    await connection.send(
      requestBytes(server.url, "/echo", { method, body, keepAlive: true }),
    );
    const response = await connection.readResponse();
    assert.equal(response?.status, 200);
    assert.equal(response.text, body);
    assert.notEqual(response.header("connection"), "close");
  }
});

forEachMode("answers pipelined requests in order", async (mode) => {
  await using server = await startServer({ app: "bodies.wsgi", args: mode.args });
  using connection = await server.connect();
  const all: number[] = [];
  for (let number = 0; number < 20; number++) {
    const options = { method: "POST", body: `number ${number}`, keepAlive: true };
    all.push(...requestBytes(server.url, "/echo", options));
  }
  await connection.send(Uint8Array.from(all));
  for (let number = 0; number < 20; number++) {
    assert.equal((await connection.readResponse())?.text, `number ${number}`);
  }
});

forEachMode("Connection: close and HTTP/1.0 end the connection", async (mode) => {
  await using server = await startServer({ app: "hello.wsgi", args: mode.args });
  for (
    const request of [
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      "GET / HTTP/1.0\r\n\r\n",
    ]
  ) {
    using connection = await server.connect();
    await connection.send(request);
    const response = await connection.readResponse();
    assert.equal(response?.text, "Hello world!");
    await connection.waitForClose();
  }
});

forEachMode("twenty clients at once are all answered", async (mode) => {
  await using server = await startServer({ app: "hello.wsgi", args: mode.args });
  const work = Array.from({ length: 20 }, async () => {
    using connection = await server.connect();
    for (let number = 0; number < 50; number++) {
      await connection.send(requestBytes(server.url, "/", { keepAlive: true }));
      assert.equal((await connection.readResponse())?.text, "Hello world!");
    }
  });
  await Promise.all(work);
});

forEachMode("the server process never maps libpython", async (mode) => {
  await using server = await startServer({ app: "hello.wsgi", args: mode.args });
  await server.request("/");
  const applications = server.applicationPids();
  assert.ok(applications.length > 0);
  assert.ok(!hasMapped(server.pid, /libpython|python3\d+\.dll|Python\.framework/));
  for (const pid of applications) {
    assert.ok(hasMapped(pid, /libpython|python3\d+\.dll|Python\.framework/));
  }
}, { embedded: false });

Deno.test("--processes and --threads start exactly as many", async () => {
  using folder = new Folder();
  await using server = await startServer({
    app: "threads.wsgi",
    args: ["--processes", "2", "--threads", "3"],
    env: folder.env,
  });
  await server.log.waitFor(/^Request Capacity {3}: 6 \(2 processes \* 3 threads\)$/);
  assert.equal(server.applicationPids().length, 2);
  const requests = Array.from({ length: 12 }, () => server.request("/together"));
  await folder.waitForNotes("together", 6);
  folder.write("go");
  const results = await Promise.all(requests);
  const threads = new Set(results.map((result) => `${result.json.pid} ${result.json.ident}`));
  const pids = new Set(results.map((result) => result.json.pid));
  assert.equal(pids.size, 2);
  assert.equal(threads.size, 6);
  assert.equal(Math.max(...results.map((result) => result.json.most)), 3);
});
