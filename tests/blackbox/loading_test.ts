/** Loading, mending and reloading of the application. */

import assert from "node:assert/strict";
import { Folder, forEachMode, forEachPython, startServer, until } from "./harness.ts";
import { Load } from "./load.ts";

/** A script that answers with `text`. */
function script(text: string): string {
  return `import os
print("loading ${text}")
def application(environ, start_response):
    body = b"${text} " + str(os.getpid()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
`;
}

forEachMode("the application is loaded in every process before the first request", async (mode) => {
  using folder = new Folder();
  const app = folder.write("app.wsgi", script("one"));
  const args = mode.name === "direct" ? mode.args : [...mode.args, "--processes", "2"];
  await using server = await startServer({ app, args });
  const expected = mode.name === "direct" ? 1 : 2;
  await until(() => server.log.matches(/loading one/).length === expected, "loading in all");
  assert.match((await server.request("/")).text, /^one /);
  assert.equal(server.log.matches(/loading one/).length, expected);
});

forEachMode("a .py file, a module and another callable are served too", async (mode) => {
  using folder = new Folder();
  folder.write("plain.py", script("plain").replace("def application", "def other"));
  Deno.mkdirSync(folder.file("package"));
  folder.write("package/__init__.py");
  folder.write("package/site.py", script("module"));
  {
    await using server = await startServer({
      app: folder.file("plain.py"),
      args: [...mode.args, "--callable-object", "other"],
    });
    assert.match((await server.request("/")).text, /^plain /);
  }
  await using server = await startServer({
    app: "package.site",
    args: [...mode.args, "--application-type", "module", "--python-path", folder.path],
  });
  assert.match((await server.request("/")).text, /^module /);
});

forEachMode("--working-directory is the current directory and importable", async (mode) => {
  using folder = new Folder();
  Deno.mkdirSync(folder.file("work"));
  folder.write("work/helper.py", "import os\nWHERE = os.getcwd()\n");
  const app = folder.write(
    "app.wsgi",
    `from helper import WHERE
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [WHERE.encode()]
`,
  );
  await using server = await startServer({
    app,
    args: [...mode.args, "--working-directory", folder.file("work")],
  });
  assert.equal((await server.request("/")).text, folder.file("work"));
});

forEachMode("a missing callable is a 404, said in the log", async (mode) => {
  using folder = new Folder();
  const app = folder.write("app.wsgi", "x = 1\n");
  await using server = await startServer({ app, args: mode.args });
  assert.equal((await server.request("/")).status, 404);
  await server.log.waitFor(/application/);
});

forEachPython("a broken application is served as soon as it is mended", async ({ executable }) => {
  using folder = new Folder();
  const app = folder.write("app.wsgi", "import does_not_exist_anywhere\n");
  await using server = await startServer({ app, python: executable });
  const response = await server.request("/");
  assert.equal(response.status, 500);
  assert.doesNotMatch(response.text, /does_not_exist/);
  await server.log.waitFor(/Traceback \(most recent call last\):/);
  await server.log.waitFor(/ModuleNotFoundError.*does_not_exist_anywhere/);
  folder.write("app.wsgi", script("mended"));
  assert.match((await server.request("/")).text, /^mended /);
  folder.write("app.wsgi", "def application(:\n");
  assert.equal((await server.request("/")).status, 500);
  await server.log.waitFor(/SyntaxError/);
  folder.write("app.wsgi", script("again"));
  assert.match((await server.request("/")).text, /^again /);
});

forEachMode("a broken application is mended in embedded mode as well", async (mode) => {
  using folder = new Folder();
  const app = folder.write("app.wsgi", "raise ValueError('broken')\n");
  await using server = await startServer({ app, args: mode.args });
  assert.equal((await server.request("/")).status, 500);
  await server.log.waitFor(/ValueError: broken/);
  folder.write("app.wsgi", script("mended"));
  assert.match((await server.request("/")).text, /^mended /);
}, { embedded: true });

Deno.test("a touched script is served anew by the next request", async () => {
  using folder = new Folder();
  const app = folder.write("app.wsgi", script("one"));
  await using server = await startServer({ app });
  const before = (await server.request("/")).text;
  folder.write("app.wsgi", script("two"));
  const after = (await server.request("/")).text;
  assert.match(before, /^one /);
  assert.match(after, /^two /);
  assert.notEqual(after.split(" ")[1], before.split(" ")[1]);
  // Any difference counts, an older time too.
  Deno.utimeSync(app, 1_000_000_000, 1_000_000_000);
  const older = (await server.request("/")).text;
  assert.match(older, /^two /);
  assert.notEqual(older, after);
  assert.equal((await server.request("/")).text, older);
});

Deno.test("reloading by touching loses no request under load", async () => {
  using folder = new Folder();
  const app = folder.write("app.wsgi", script("version 0"));
  await using server = await startServer({ app, args: ["--processes", "2", "--threads", "3"] });
  for (const keepAlive of [false, true]) {
    await using load = new Load(server.url, "/", 8, keepAlive);
    for (let version = 1; version <= 4; version++) {
      folder.write("app.wsgi", script(`version ${version}`));
      await until(
        async () => (await server.request("/")).text.startsWith(`version ${version} `),
        `version ${version}`,
      );
      const seen = load.answered;
      await until(() => load.answered > seen + 200 || load.failures.length > 0, "more load");
    }
    const { failures, answered } = await load.stop();
    assert.deepEqual(failures.slice(0, 5), []);
    assert.ok(answered > 500);
  }
  assert.equal(server.applicationPids().length, 2);
});

Deno.test("--disable-reloading leaves a touched script alone", async () => {
  using folder = new Folder();
  const app = folder.write("app.wsgi", script("one"));
  await using server = await startServer({ app, args: ["--disable-reloading"] });
  const before = (await server.request("/")).text;
  folder.write("app.wsgi", script("two"));
  assert.equal((await server.request("/")).text, before);
});

Deno.test("a running request finishes in the old process while the new one is served", async () => {
  using folder = new Folder();
  const source = (text: string) =>
    `from routing import routes, text, note, wait_for_file
def application(environ, start_response):
    if environ["PATH_INFO"] == "/wait":
        note("started", "started")
        assert wait_for_file("go")
    return text(start_response, "${text}")
`;
  const app = folder.write("app.wsgi", source("old"));
  await using server = await startServer({ app, env: folder.env });
  const waiting = server.request("/wait");
  await folder.waitForNotes("started");
  folder.write("app.wsgi", source("new"));
  assert.equal((await server.request("/")).text, "new");
  folder.write("go");
  assert.equal((await waiting).text, "old");
});
