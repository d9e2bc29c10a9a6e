/** The access log in the "common" format. */

import assert from "node:assert/strict";
import { forEachMode, startServer, until } from "./harness.ts";

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
  await connection.send("GET / HTTP/1.1\r\n\r\n");
  assert.equal((await connection.readResponse())?.status, 400);
  await server.log.waitFor(/^127\.0\.0\.1 .* 400 /);
});
