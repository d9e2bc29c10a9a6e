/** The access log in the "common" format. */

import assert from "node:assert/strict";
import { forEachMode, requestBytes, type Server, startServer, until } from "./harness.ts";

const COMMON =
  /^(\S+) (\S+) (\S+) \[(\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "(.*)" (\d{3}) (\d+|-)$/;

forEachMode("the access log has one line a request with its size and status", async (mode) => {
  await using server = await startServer({
    app: "responses.wsgi",
    args: [...mode.args, "--access-log"],
  });
  await server.request("/one-item?a=b");
  await server.request("/generator");
  await server.request("/no-content");
  await server.request("/error-before");
  await server.request("/status?line=404%20Not%20Found", { method: "POST", body: "x" });
  await until(() => server.log.matches(COMMON).length === 5, "five lines");
  const lines = server.log.matches(COMMON);
  assert.deepEqual(lines.map((match) => [match[1], match[2], match[3], match[5], match[6]]), [
    ["127.0.0.1", "-", "-", "GET /one-item?a=b HTTP/1.1", "200"],
    ["127.0.0.1", "-", "-", "GET /generator HTTP/1.1", "200"],
    ["127.0.0.1", "-", "-", "GET /no-content HTTP/1.1", "204"],
    ["127.0.0.1", "-", "-", "GET /error-before HTTP/1.1", "500"],
    ["127.0.0.1", "-", "-", "POST /status?line=404%20Not%20Found HTTP/1.1", "404"],
  ]);
  assert.equal(lines[0]![7], "4");
  assert.equal(lines[1]![7], "13");
  assert.equal(lines[2]![7], "-");
});

forEachMode(
  "the access log takes the format of a virtual host in Debian's Apache",
  async (mode) => {
    const format =
      '%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i" %I %k %X %U %{X-A}o';
    await using server = await startServer({
      app: "responses.wsgi",
      args: [...mode.args, "--access-log", "--access-log-format", format],
    });
    using connection = await server.connect();
    const port = new URL(server.url).port;
    for (let count = 0; count < 2; count++) {
      const request = requestBytes(server.url, "/one%2Ditem", { keepAlive: true });
      await connection.send(request);
      assert.equal((await connection.readResponse())?.status, 200);
      const [, bytes, rest] = await server.log.waitFor(
        new RegExp(
          `^127\\.0\\.0\\.1:${port} .* "GET /one%2Ditem .*" 200 (\\d+) "-" "-" (.* ${count} .*)$`,
        ),
      );
      assert.ok(Number(bytes) > 100, bytes);
      assert.equal(rest, `${request.length} ${count} + /one-item -`);
    }
  },
);

forEachMode("a request cannot forge a line of the access log", async (mode) => {
  await using server = await startServer({
    app: "responses.wsgi",
    args: [...mode.args, "--access-log"],
  });
  await server.request('/"quoted"\\');
  const [line] = await server.log.waitFor(/.*quoted.*/);
  const match = COMMON.exec(line);
  assert.ok(match, line);
  assert.equal(match[5], 'GET /\\"quoted\\"\\\\ HTTP/1.1');
});

forEachMode("requests the parser refuses are in the access log", async (mode) => {
  await using server = await startServer({
    app: "responses.wsgi",
    args: [...mode.args, "--access-log"],
  });
  using connection = await server.connect();
  await connection.send("GET /a?b HTTP/1.1\r\nHost: a b\r\n\r\n");
  assert.equal((await connection.readResponse())?.status, 400);
  await server.log.waitFor(/^127\.0\.0\.1 .* "GET \/a\?b HTTP\/1\.1" 400 /);
});

/** How much of a log fits into the pipe and what keeps it for a reader that has stopped, at the most. */
const KEPT_LINES = 2000;

/** Sends so many requests with a long path; all must be answered. */
async function askMany(server: Server, query: string, count: number): Promise<void> {
  const path = `/${"x".repeat(900)}?${query}`;
  using connection = await server.connect();
  for (let number = 0; number < count; number++) {
    await connection.send(requestBytes(server.url, `${path}=${number}`, { keepAlive: true }));
    assert.equal((await connection.readResponse())?.status, 200);
  }
}

forEachMode("a log that nobody reads holds back no request", async (mode) => {
  await using server = await startServer({
    app: "hello.wsgi",
    args: [...mode.args, "--access-log"],
  });
  server.log.hold();
  await askMany(server, "held", KEPT_LINES);
  server.log.release();
  const [, dropped] = await server.log.waitFor(/: (\d+) lines of the log were dropped here/);
  // All of what comes then is there.
  await askMany(server, "read", 50);
  await server.log.waitFor(/read=49 HTTP/);
  assert.equal(server.log.matches(/read=\d+ HTTP/).length, 50);
  const logged = server.log.matches(/held=(\d+) HTTP\/1\.1" 200/).map((match) => Number(match[1]));
  assert.equal(logged.length + Number(dropped), KEPT_LINES);
  // One part is missing, and before it is what has been kept.
  const gap = logged.findIndex((number, index) => number !== index);
  const kept = gap < 0 ? logged.length : gap;
  assert.ok(kept > 1000, String(kept));
  for (const [index, number] of logged.slice(kept).entries()) {
    assert.equal(number, kept + Number(dropped) + index);
  }
}, { system: "linux" });

forEachMode("a server whose log nobody reads stops", async (mode) => {
  await using server = await startServer({
    app: "hello.wsgi",
    args: [...mode.args, "--access-log"],
  });
  server.log.hold();
  await askMany(server, "held", 500);
  server.signal("SIGTERM");
  assert.equal((await server.exited).code, 0);
  assert.deepEqual(server.processes(), []);
  server.log.release();
}, { system: "linux" });
