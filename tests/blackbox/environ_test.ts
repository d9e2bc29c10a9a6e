/** The environ, key by key, against what mod_wsgi-express 4.8.0 gives. */

import assert from "node:assert/strict";
import { Folder, forEachMode, forEachPython, ROOT, startServer } from "./harness.ts";

/** Keys of a request with two headers of its own, as a real mod_wsgi-express 4.8.0 in daemon mode gives them. */
const STRINGS = [
  "CONTEXT_DOCUMENT_ROOT",
  "CONTEXT_PREFIX",
  "DOCUMENT_ROOT",
  "GATEWAY_INTERFACE",
  "HTTP_ACCEPT",
  "HTTP_COOKIE",
  "HTTP_HOST",
  "HTTP_USER_AGENT",
  "HTTP_X_DUP",
  "HTTP_X_TEST",
  "PATH_INFO",
  "PATH_TRANSLATED",
  "QUERY_STRING",
  "REMOTE_ADDR",
  "REMOTE_PORT",
  "REQUEST_METHOD",
  "REQUEST_SCHEME",
  "REQUEST_URI",
  "SCRIPT_FILENAME",
  "SCRIPT_NAME",
  "SERVER_ADDR",
  "SERVER_ADMIN",
  "SERVER_NAME",
  "SERVER_PORT",
  "SERVER_PROTOCOL",
  "SERVER_SIGNATURE",
  "SERVER_SOFTWARE",
  "mod_wsgi.application_group",
  "mod_wsgi.callable_object",
  "mod_wsgi.connection_id",
  "mod_wsgi.enable_sendfile",
  "mod_wsgi.handler_script",
  "mod_wsgi.ignore_activity",
  "mod_wsgi.listener_host",
  "mod_wsgi.listener_port",
  "mod_wsgi.path_info",
  "mod_wsgi.process_group",
  "mod_wsgi.request_handler",
  "mod_wsgi.request_id",
  "mod_wsgi.request_start",
  "mod_wsgi.script_name",
  "mod_wsgi.script_reloading",
  "mod_wsgi.script_start",
  "wsgi.url_scheme",
];
const DAEMON_STRINGS = [
  "mod_wsgi.daemon_connects",
  "mod_wsgi.daemon_restarts",
  "mod_wsgi.daemon_start",
  "mod_wsgi.queue_start",
];
const OTHERS: Record<string, unknown> = {
  "apache.version": { tuple: [2, 4, 71] },
  "mod_wsgi.version": { tuple: [4, 8, 0] },
  "wsgi.version": { tuple: [1, 0] },
  "wsgi.input_terminated": true,
  "wsgi.run_once": false,
};

/** A request with the headers of the sample, byte by byte. */
function sample(url: string, path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nUser-Agent: curl/7.88.1\r\n` +
    "Accept: */*\r\nCookie: c=d\r\nX-Test: a\r\nX-Dup: 1\r\nX-Dup: 2\r\n\r\n";
}

forEachMode("environ has the keys, types and values of mod_wsgi-express 4.8.0", async (mode) => {
  await using server = await startServer({
    app: "environ.wsgi",
    args: [...mode.args, "--mount-point", "/app", "--callable-object", "unchecked"],
  });
  using connection = await server.connect();
  await connection.send(sample(server.url, "/app//x//y%20z?q=1&r=%20"));
  const { environ, "unusual keys": unusual, "environ type": type } =
    (await connection.readResponse())!.json;
  const { port } = new URL(server.url);
  assert.deepEqual(unusual, []);
  assert.equal(type, "dict");
  for (const name of [...STRINGS, ...mode.embedded ? [] : DAEMON_STRINGS]) {
    assert.equal(typeof environ[name], "string", `${name}: ${JSON.stringify(environ[name])}`);
    assert.ok(!environ[name].startsWith("type:"), `${name}: ${environ[name]}`);
  }
  if (mode.embedded) { for (const name of DAEMON_STRINGS) assert.ok(!(name in environ), name); }
  for (const [name, value] of Object.entries(OTHERS)) assert.deepEqual(environ[name], value, name);
  assert.deepEqual(
    {
      ...environ,
      DOCUMENT_ROOT: "",
    },
    {
      ...environ,
      CONTEXT_PREFIX: "",
      DOCUMENT_ROOT: "",
      CONTEXT_DOCUMENT_ROOT: environ.DOCUMENT_ROOT,
      GATEWAY_INTERFACE: "CGI/1.1",
      HTTP_ACCEPT: "*/*",
      HTTP_COOKIE: "c=d",
      HTTP_HOST: `127.0.0.1:${port}`,
      HTTP_USER_AGENT: "curl/7.88.1",
      HTTP_X_DUP: "1, 2",
      HTTP_X_TEST: "a",
      PATH_INFO: "/x/y z",
      QUERY_STRING: "q=1&r=%20",
      REMOTE_ADDR: "127.0.0.1",
      REMOTE_PORT: String(connection.localPort),
      REQUEST_METHOD: "GET",
      REQUEST_SCHEME: "http",
      REQUEST_URI: "/app//x//y%20z?q=1&r=%20",
      SCRIPT_NAME: "/app",
      SERVER_ADDR: "127.0.0.1",
      SERVER_ADMIN: "[no address given]",
      SERVER_NAME: "127.0.0.1",
      SERVER_PORT: port,
      SERVER_PROTOCOL: "HTTP/1.1",
      SERVER_SIGNATURE: "",
      "mod_wsgi.application_group": "",
      "mod_wsgi.enable_sendfile": "0",
      "mod_wsgi.ignore_activity": "0",
      "mod_wsgi.listener_port": port,
      "mod_wsgi.process_group": mode.embedded ? "" : `127.0.0.1:${port}`,
      "mod_wsgi.request_handler": "wsgi-handler",
      "mod_wsgi.script_reloading": mode.embedded ? "0" : "1",
      "mod_wsgi.total_requests": environ["mod_wsgi.total_requests"],
      "wsgi.multiprocess": false,
      "wsgi.multithread": mode.threads > 1,
      "wsgi.url_scheme": "http",
    },
  );
  const expected = new Set([...STRINGS, ...DAEMON_STRINGS, ...Object.keys(OTHERS)].concat([
    "mod_wsgi.thread_id",
    "mod_wsgi.thread_requests",
    "mod_wsgi.total_requests",
    "wsgi.errors",
    "wsgi.file_wrapper",
    "wsgi.input",
    "wsgi.multiprocess",
    "wsgi.multithread",
  ]));
  assert.deepEqual(Object.keys(environ).filter((name) => !expected.has(name)), []);
  assert.equal(environ["wsgi.file_wrapper"], "type:builtins.type");
  assert.equal(environ["wsgi.errors"], "type:_io.TextIOWrapper");
  assert.match(environ["wsgi.input"], /Input$/);
  for (
    const name of ["mod_wsgi.thread_id", "mod_wsgi.thread_requests", "mod_wsgi.total_requests"]
  ) {
    assert.equal(typeof environ[name], "number", name);
  }
});

forEachMode("the times of a request are microseconds in their order", async (mode) => {
  await using server = await startServer({ app: "environ.wsgi", args: mode.args });
  const before = Date.now() * 1000;
  const { environ } = (await server.request("/")).json;
  const after = Date.now() * 1000 + 1000;
  const names = mode.embedded
    ? ["request_start", "script_start"]
    : ["request_start", "queue_start", "daemon_start", "script_start"];
  const times = names.map((name) => {
    assert.match(environ[`mod_wsgi.${name}`], /^\d{16}$/, name);
    return Number(environ[`mod_wsgi.${name}`]);
  });
  assert.deepEqual([before, ...times, after].sort(), [before, ...times, after]);
});

forEachMode("request ids differ, the connection id stays on a kept connection", async (mode) => {
  await using server = await startServer({ app: "environ.wsgi", args: mode.args });
  using connection = await server.connect();
  const requests = new Set<string>(), connections = new Set<string>();
  for (let number = 0; number < 5; number++) {
    await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const { environ } = (await connection.readResponse())!.json;
    requests.add(environ["mod_wsgi.request_id"]);
    connections.add(environ["mod_wsgi.connection_id"]);
  }
  assert.equal(requests.size, 5);
  assert.equal(connections.size, 1);
  const other = (await server.request("/")).json.environ;
  assert.ok(!connections.has(other["mod_wsgi.connection_id"]));
});

forEachMode("header names that could forge another variable are not passed on", async (mode) => {
  await using server = await startServer({ app: "environ.wsgi", args: mode.args });
  using connection = await server.connect();
  await connection.send(
    "GET / HTTP/1.1\r\nHost: a\r\nX_Forged: 1\r\nX.Dot: 2\r\nX-Real: 3\r\nProxy: http://evil/\r\n" +
      "Content-Type: text/x\r\nAuthorization: Basic eDp5\r\nConnection: close\r\n\r\n",
  );
  const { environ } = (await connection.readResponse())!.json;
  assert.ok(!("HTTP_X_FORGED" in environ));
  assert.ok(!Object.keys(environ).some((name) => name.includes("DOT")));
  assert.equal(environ.HTTP_X_REAL, "3");
  assert.equal(environ.CONTENT_TYPE, "text/x");
  assert.ok(!("HTTP_CONTENT_TYPE" in environ));
  assert.equal(environ.HTTP_AUTHORIZATION, "Basic eDp5");
});

forEachMode("bytes above 0x7f arrive as latin-1, and so does the decoded path", async (mode) => {
  await using server = await startServer({ app: "environ.wsgi", args: mode.args });
  using connection = await server.connect();
  await connection.send(
    "GET /caf%C3%A9/%80%9f?q=%C3%A9 HTTP/1.1\r\nHost: a\r\nX-Name: caf\xe9 \x80\x9f\xff\r\n" +
      "Connection: close\r\n\r\n",
  );
  const { environ } = (await connection.readResponse())!.json;
  assert.equal(environ.PATH_INFO, "/caf\xc3\xa9/\x80\x9f");
  assert.equal(environ.QUERY_STRING, "q=%C3%A9");
  assert.equal(environ.HTTP_X_NAME, "caf\xe9 \x80\x9f\xff");
});

forEachMode("a body is described by CONTENT_LENGTH and CONTENT_TYPE", async (mode) => {
  await using server = await startServer({ app: "environ.wsgi", args: mode.args });
  const response = await server.request("/", {
    method: "POST",
    body: "a=b",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  assert.equal(response.json.environ.CONTENT_LENGTH, "3");
  assert.equal(response.json.environ.CONTENT_TYPE, "application/x-www-form-urlencoded");
  const without = (await server.request("/")).json.environ;
  assert.ok(!without.CONTENT_LENGTH);
});

forEachMode("a mount point takes whole path segments only", async (mode) => {
  await using server = await startServer({
    app: "environ.wsgi",
    args: [...mode.args, "--mount-point", "/a/b"],
  });
  for (
    const [path, script, info] of [
      ["/a/b", "/a/b", ""],
      ["/a/b/", "/a/b", "/"],
      ["/a/b/c?x", "/a/b", "/c"],
    ] as const
  ) {
    const { environ } = (await server.request(path)).json;
    assert.equal(environ.SCRIPT_NAME, script, path);
    assert.equal(environ.PATH_INFO, info, path);
  }
  for (const path of ["/", "/a", "/a/bc", "/x"]) {
    assert.equal((await server.request(path)).status, 404, path);
  }
});

forEachPython("the application finds its environment's Python", async ({ executable, minor }) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "environ.wsgi",
    python: executable,
    env: folder.env,
    args: ["--setenv", "SETTING", "value", "--setenv", "OTHER", ""],
  });
  const found = (await server.request("/")).json;
  assert.equal(found.version.slice(0, 2).join("."), minor);
  assert.equal(found.name, "__wsgi__");
  assert.equal(found.file, `${ROOT}/tests/apps/environ.wsgi`);
  assert.deepEqual(found.argv, ["mod_wsgi"]);
  assert.equal(found.prefix, found.base_prefix);
  assert.match(found.executable, /\/bin\/python[\d.]*$/);
  assert.equal(found.cwd, `${ROOT}/tests/apps`);
  assert.deepEqual(found.streams, ["<stdout>", "<stderr>", ""]);
  assert.equal(found["os.environ"].MOD_WSGI_EXPRESS, "true");
  assert.equal(found["os.environ"].TEST_FOLDER, folder.path);
  assert.equal(found.environ.SETTING, "value");
  assert.equal(found.environ.OTHER, "");
  assert.ok(!("PATH" in found.environ));
  assert.match(found.thread, /^Dummy-\d+/);
});

forEachMode("--setenv HTTPS tells the scheme, and is not passed on", async (mode) => {
  for (const [value, scheme] of [["on", "https"], ["1", "https"], ["Off", "http"]] as const) {
    await using server = await startServer({
      app: "environ.wsgi",
      args: [...mode.args, "--setenv", "HTTPS", value],
    });
    const { environ } = (await server.request("/")).json;
    assert.equal(environ["wsgi.url_scheme"], scheme, value);
    assert.equal(environ.REQUEST_SCHEME, "http");
    assert.ok(!("HTTPS" in environ));
  }
});

const LOCALE_APP = `
import json, locale

def application(environ, start_response):
    categories = (locale.LC_CTYPE, locale.LC_NUMERIC, locale.LC_TIME, locale.LC_MESSAGES)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps([locale.setlocale(each) for each in categories]).encode()]
`;

for (
  const [args, others] of [
    [[], "C.UTF-8"],
    [["--application-group", "shop"], "C.UTF-8"],
    [["--application-group", "shop", "--application-group-gil", "own"], "C.UTF-8"],
    [["--embedded-mode"], "C"],
    [["--debug-mode"], "C"],
  ] as const
) {
  Deno.test(`the locale is set: ${others} beside LC_CTYPE with ${args.join(" ") || "no option"}`, async () => {
    using folder = new Folder();
    await using server = await startServer({
      app: folder.write("locale.wsgi", LOCALE_APP),
      args: ["--locale", "C.UTF-8", ...args],
    });
    assert.deepEqual((await server.request("/")).json, ["C.UTF-8", others, others, others]);
  });
}

forEachPython("a locale that is not there is named in the log", async ({ executable }) => {
  using folder = new Folder();
  await using server = await startServer({
    app: folder.write("locale.wsgi", LOCALE_APP),
    python: executable,
    args: ["--locale", "xx_YY.UTF-8", "--process-group", "shop"],
  });
  const line = /\[wsgi:error\].* Unsupported locale setting (\S+) specified for .* group shop\. /;
  assert.equal((await server.log.waitFor(line))[1], "xx_YY.UTF-8");
  assert.equal((await server.request("/")).status, 200);
});

Deno.test("wsgi.multiprocess is true once --processes is given", async () => {
  await using server = await startServer({ app: "environ.wsgi", args: ["--processes", "1"] });
  const { environ } = (await server.request("/")).json;
  assert.equal(environ["wsgi.multiprocess"], true);
});

Deno.test("--threads 1 makes wsgi.multithread false", async () => {
  await using server = await startServer({ app: "environ.wsgi", args: ["--threads", "1"] });
  const { environ } = (await server.request("/")).json;
  assert.equal(environ["wsgi.multithread"], false);
});
