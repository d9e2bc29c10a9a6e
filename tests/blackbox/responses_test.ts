/** The response rules of PEP 3333, as a client sees them. */

import assert from "node:assert/strict";
import { Folder, forEachMode, requestBytes, startServer } from "./harness.ts";

forEachMode("status line and headers arrive as the application gave them", async (mode) => {
  await using server = await startServer({ app: "responses.wsgi", args: mode.args });
  for (
    const [line, status, reason] of [
      ["299%20Custom%20Reason", 299, "Custom Reason"],
      ["404%20Nothing%20%26%20Nobody", 404, "Nothing & Nobody"],
      ["599%20x", 599, "x"],
    ] as const
  ) {
    const response = await server.request(`/status?line=${line}`);
    assert.equal(response.status, status);
    assert.equal(response.reason, reason);
    assert.equal(response.text, "as told");
  }
  const repeated = await server.request("/repeated");
  assert.equal(repeated.all("x-a").join(", "), "1, 2");
  assert.deepEqual(repeated.all("set-cookie"), ["a=1", "b=2; Path=/"]);
  assert.deepEqual(repeated.all("www-authenticate"), ["Basic", "Bearer"]);
  assert.ok(repeated.headers.some(([name]) => name === "X-MiXeD"));
  const latin = await server.request("/latin");
  assert.equal(latin.reason, "Fen\xeatre");
  assert.equal(latin.header("x-name"), "caf\xe9 \xff");
});

forEachMode("bodies of every form arrive whole", async (mode) => {
  await using server = await startServer({ app: "responses.wsgi", args: mode.args });
  for (
    const [path, text] of [
      ["/generator", "one,two,three"],
      ["/empty-list", ""],
      ["/empty-items", ""],
      ["/one-item", "only"],
      ["/several-items", "abc"],
      ["/write", "written,twice,returned"],
      ["/write-only", "written"],
      ["/write-with-length", "abcdef"],
      ["/started-late", "late"],
    ] as const
  ) {
    const response = await server.request(path);
    assert.equal(response.status, 200, path);
    assert.equal(response.text, text, path);
    assert.ok(response.complete, path);
    assert.equal(response.header("content-type"), "text/plain", path);
  }
  const single = await server.request("/single");
  assert.equal(single.header("content-length"), "4");
  assert.equal(single.text, "only");
  assert.equal((await server.request("/empty")).header("content-length"), "0");
});

forEachMode("a body of unknown length is chunked and keeps the connection", async (mode) => {
  await using server = await startServer({ app: "responses.wsgi", args: mode.args });
  using connection = await server.connect();
  for (let round = 0; round < 3; round++) {
    await connection.send(requestBytes(server.url, "/generator", { keepAlive: true }));
    const response = await connection.readResponse();
    assert.equal(response?.framing, "chunked");
    assert.equal(response.text, "one,two,three");
  }
  using old = await server.connect();
  await old.send("GET /generator HTTP/1.0\r\n\r\n");
  const response = await old.readResponse();
  assert.equal(response?.framing, "close");
  assert.equal(response.text, "one,two,three");
});

forEachMode("204 and 304 have no body and keep the connection", async (mode) => {
  await using server = await startServer({ app: "responses.wsgi", args: mode.args });
  using connection = await server.connect();
  for (
    const [path, status] of [
      ["/no-content", 204],
      ["/no-content-with-body", 204],
      ["/not-modified", 304],
    ] as const
  ) {
    await connection.send(requestBytes(server.url, path, { keepAlive: true }));
    const response = await connection.readResponse();
    assert.equal(response?.status, status, path);
    assert.equal(response.header("transfer-encoding"), undefined, path);
    if (status === 204) assert.equal(response.header("content-length"), undefined, path);
  }
  await connection.send(requestBytes(server.url, "/one-item", { keepAlive: true }));
  assert.equal((await connection.readResponse())?.text, "only");
});

forEachMode("HEAD reaches the application and its response has no body", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "responses.wsgi",
    args: [...mode.args, "--map-head-to-get", "Off"],
    env: folder.env,
  });
  using connection = await server.connect();
  for (const path of ["/head-checked", "/head-with-body", "/generator"]) {
    await connection.send(
      requestBytes(server.url, path, { method: "HEAD", keepAlive: true }),
    );
    const response = await connection.readResponse("HEAD");
    assert.equal(response?.status, 200, path);
    if (path !== "/generator") assert.equal(response.header("content-length"), "9", path);
  }
  await connection.send(requestBytes(server.url, "/one-item", { keepAlive: true }));
  assert.equal((await connection.readResponse())?.text, "only");
  assert.deepEqual(folder.notes("methods"), ["HEAD"]);
});

forEachMode("a body longer than Content-Length is cut there", async (mode) => {
  await using server = await startServer({ app: "responses.wsgi", args: mode.args });
  using connection = await server.connect();
  await connection.send(requestBytes(server.url, "/too-long", { keepAlive: true }));
  assert.equal((await connection.readResponse())?.text, "1234");
  await connection.send(requestBytes(server.url, "/one-item", { keepAlive: true }));
  const next = await connection.readResponse();
  if (next !== undefined) assert.equal(next.text, "only");
});

forEachMode("a body shorter than Content-Length ends the connection", async (mode) => {
  await using server = await startServer({ app: "responses.wsgi", args: mode.args });
  const response = await server.request("/too-short", { keepAlive: true });
  assert.equal(response.text, "1234");
  assert.equal(response.complete, false);
});

forEachMode("hop-by-hop headers of the application are its server's business", async (mode) => {
  await using server = await startServer({ app: "responses.wsgi", args: mode.args });
  const hop = await server.request("/hop-by-hop", { keepAlive: true });
  assert.equal(hop.text, "hop");
  assert.equal(hop.header("transfer-encoding"), undefined);
  assert.equal(hop.header("upgrade"), undefined);
  using connection = await server.connect();
  await connection.send(requestBytes(server.url, "/closing", { keepAlive: true }));
  const closing = await connection.readResponse();
  assert.equal(closing?.text, "closing");
  assert.equal(closing.header("connection")?.toLowerCase(), "close");
  await connection.waitForClose();
});

forEachMode("Date is there once, the application's own if it gave one", async (mode) => {
  await using server = await startServer({ app: "responses.wsgi", args: mode.args });
  const response = await server.request("/own-headers");
  assert.equal(response.all("date").length, 1);
  assert.equal(response.all("server").length, 1);
  assert.equal((await server.request("/one-item")).all("date").length, 1);
});

/** What wrong calls of start_response raise in the application. */
const MISUSE: Record<string, RegExp> = {
  "status bytes": /^TypeError$/,
  "status number": /^TypeError$/,
  "status short": /^ValueError$/,
  "status letters": /^ValueError$/,
  "status newline": /^ValueError$/,
  "status non-latin-1": /^(UnicodeEncodeError|ValueError)$/,
  "headers tuple": /^TypeError$/,
  "headers none": /^TypeError$/,
  "header list": /^TypeError$/,
  "header triple": /^(TypeError|ValueError)$/,
  "name bytes": /^TypeError$/,
  "name empty": /^ValueError$/,
  "name space": /^ValueError$/,
  "name newline": /^ValueError$/,
  "name non-latin-1": /^(UnicodeEncodeError|ValueError)$/,
  "value bytes": /^TypeError$/,
  "value number": /^TypeError$/,
  "value newline": /^ValueError$/,
  "value return": /^ValueError$/,
  "value nul": /^ValueError$/,
  "value non-latin-1": /^(UnicodeEncodeError|ValueError)$/,
  "no arguments": /^TypeError$/,
};

forEachMode("wrong calls of start_response raise in the application", async (mode) => {
  await using server = await startServer({ app: "responses.wsgi", args: mode.args });
  for (const [kind, pattern] of Object.entries(MISUSE)) {
    const response = await server.request(`/misuse?kind=${encodeURIComponent(kind)}`);
    assert.match(response.text, pattern, kind);
  }
  const response = await server.request("/uncaught-misuse?kind=value%20newline");
  assert.equal(response.status, 500);
  await server.log.waitFor(/ValueError/);
  for (const kind of ["length text", "length negative"]) {
    const response = await server.request(`/uncaught-misuse?kind=${encodeURIComponent(kind)}`);
    assert.equal(response.status, 500, kind);
  }
});

forEachMode("a second start_response needs exc_info once output has begun", async (mode) => {
  await using server = await startServer({ app: "responses.wsgi", args: mode.args });
  const twice = await server.request("/twice");
  assert.equal(twice.status, 200);
  assert.equal(twice.header("x-second"), "2");
  assert.equal(twice.header("x-first"), undefined);
  assert.match(
    (await server.request("/twice-after-output")).text,
    /^before,(Runtime|Assertion)Error$/,
  );
  const replaced = await server.request("/exc-info-before");
  assert.equal(replaced.status, 503);
  assert.equal(replaced.reason, "Replaced");
  assert.equal(replaced.header("x-first"), undefined);
  assert.equal(replaced.header("x-second"), "2");
  assert.equal((await server.request("/exc-info-after")).text, "before,KeyError");
});

forEachMode("close() of the iterable is called once, whatever happened", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "responses.wsgi",
    args: mode.args,
    env: folder.env,
  });
  assert.equal((await server.request("/closes")).text, "ab");
  await folder.waitForNotes("closed", 1);
  const broken = await server.request("/closes-after-error");
  assert.equal(broken.complete, false);
  await folder.waitForNotes("closed", 2);
  await server.request("/closes", { method: "HEAD" });
  await folder.waitForNotes("closed", 3);
  assert.equal((await server.request("/error-in-close")).text, "ok");
  await server.log.waitFor(/RuntimeError: in close/);
  assert.equal((await server.request("/one-item")).text, "only");
  assert.equal(folder.notes("closed").length, 4);
});
