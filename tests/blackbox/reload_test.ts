/** Changed source code: of the script, of modules, of what failed to load. */

import assert from "node:assert/strict";
import { APPS, Folder, forEachPython, startServer, until } from "./harness.ts";
import { Load } from "./load.ts";

/** A script that answers with its version and that of its module. */
function script(version: number): string {
  return `import os, helper
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [("%d %d" % (${version}, helper.VERSION)).encode()]
`;
}

// Of another length each time: compiled files count as current where size and whole second are the same.
const helper = (version: number) => `VERSION = ${version}${"\n".repeat(version + 1)}`;

forEachPython("20 changes of the script under 8 busy clients fail no request", async ({
  executable,
}) => {
  using folder = new Folder();
  folder.write("helper.py", helper(0));
  const app = folder.write("app.wsgi", script(0));
  await using server = await startServer({
    app,
    python: executable,
    args: ["--python-path", folder.path, "--processes", "2", "--threads", "3"],
  });
  await using load = new Load(server.url, "/", 8, true);
  for (let version = 1; version <= 20; version++) {
    folder.write("app.wsgi", script(version));
    // Each change meets requests; only the last one waits for the new code.
    const seen = load.answered;
    await until(() => load.answered > seen + 10, "answers");
  }
  await until(async () => (await server.request("/")).text === "20 0", "the last version");
  const { failures, bodies } = await load.stop();
  assert.deepEqual(failures.slice(0, 5), []);
  assert.ok(bodies.size > 2);
});

Deno.test("a script that changes while nothing happens is served by the next request, at once", async () => {
  using folder = new Folder();
  folder.write("helper.py", helper(0));
  // A process of the first version does not end before the test says so.
  const lasting = `import atexit, routing
atexit.register(routing.wait_for_file, "go", 60)
`;
  const app = folder.write("app.wsgi", lasting + script(0));
  await using server = await startServer({
    app,
    args: ["--python-path", folder.path, "--python-path", APPS, "--shutdown-timeout", "60"],
    env: folder.env,
  });
  const before = server.applicationPids();
  assert.equal((await server.request("/")).text, "0 0");
  folder.write("app.wsgi", script(1));
  assert.equal((await server.request("/")).text, "1 0");
  const after = server.applicationPids();
  assert.deepEqual(before.filter((pid) => !after.includes(pid)), []);
  folder.write("go");
  await until(() => !server.applicationPids().includes(before[0]!), "end of the old process");
});

Deno.test("--disable-reloading keeps what has been loaded", async () => {
  using folder = new Folder();
  folder.write("helper.py", helper(0));
  const app = folder.write("app.wsgi", script(0));
  await using server = await startServer({
    app,
    args: ["--python-path", folder.path, "--disable-reloading", "--reload-on-changes"],
  });
  const before = server.applicationPids();
  folder.write("app.wsgi", script(1));
  folder.write("helper.py", helper(1));
  assert.equal((await server.request("/")).text, "0 0");
  assert.deepEqual(server.applicationPids(), before);
});

forEachPython("--reload-on-changes replaces an idle process when a module changes", async ({
  executable,
}) => {
  using folder = new Folder();
  folder.write("helper.py", helper(0));
  const app = folder.write("app.wsgi", script(0));
  await using server = await startServer({
    app,
    python: executable,
    args: ["--python-path", folder.path, "--reload-on-changes"],
  });
  const [before] = server.applicationPids();
  folder.write("helper.py", helper(1));
  await until(() => !server.applicationPids().includes(before!), "end of the old process");
  assert.equal((await server.request("/")).text, "0 1");
});

for (const [what, text] of [["syntax error", "VERSION ="], ["exception", "1 / 0"]] as const) {
  Deno.test(`--reload-on-changes notices that a module with a ${what} was mended`, async () => {
    using folder = new Folder();
    folder.write("helper.py", `${text}\n`);
    const app = folder.write("app.wsgi", script(0));
    await using server = await startServer({
      app,
      args: ["--python-path", folder.path, "--reload-on-changes"],
      complaintsExpected: true,
    });
    const [before] = server.applicationPids();
    assert.equal((await server.request("/")).status, 500);
    folder.write("helper.py", helper(1));
    await until(() => !server.applicationPids().includes(before!), "end of the old process");
    assert.equal((await server.request("/")).text, "0 1");
  });
}

Deno.test("a script that always asks to be reloaded gets 503 after --connect-timeout", async () => {
  using folder = new Folder();
  const app = folder.write(
    "app.wsgi",
    `import os
def reload_required(resource):
    return os.path.exists("${folder.file("always")}")
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"served"]
`,
  );
  await using server = await startServer({ app, args: ["--connect-timeout", "1"] });
  assert.equal((await server.request("/")).text, "served");
  folder.write("always");
  // By default it would be 15 s.
  assert.equal((await server.request("/", { deadline: 12_000 })).status, 503);
  Deno.removeSync(folder.file("always"));
  await until(async () => (await server.request("/")).text === "served", "answer");
});
