/** Exit statuses and messages of commands that do not start a server. */

import assert from "node:assert/strict";
import { APPS, Folder, forEachMode, run, startServer } from "./harness.ts";
import { newestPython, testPythons } from "../pythons.ts";

const APP = `${APPS}/hello.wsgi`;

Deno.test("an unknown option ends with status 2, its name and the nearest one", async () => {
  const { status, stderr, stdout } = await run(["start-server", APP, "--prot", "8000"]);
  assert.equal(status, 2);
  assert.match(stderr, /--prot\b/);
  assert.match(stderr, /--port/);
  assert.equal(stdout, "");
});

Deno.test("a value that is no number ends with status 2 and names it", async () => {
  const { status, stderr } = await run(["start-server", APP, "--threads", "many"]);
  assert.equal(status, 2);
  assert.match(stderr, /--threads/);
  assert.match(stderr, /many/);
});

Deno.test("an ambiguous prefix ends with status 2", async () => {
  const { status, stderr } = await run(["start-server", APP, "--process", "2"]);
  assert.equal(status, 2);
  assert.match(stderr, /--process/);
});

Deno.test("an unknown command ends with status 2", async () => {
  const { status, stderr } = await run(["start-serve"]);
  assert.equal(status, 2);
  assert.match(stderr, /start-serve/);
});

Deno.test("a script that does not exist ends at once and names the path", async () => {
  const { status, stderr } = await run(["start-server", "/nowhere/app.wsgi", "--port", "0"]);
  assert.ok(status === 2 || status === 3, `status ${status}`);
  assert.match(stderr, /\/nowhere\/app\.wsgi/);
});

Deno.test("a port in use ends with status 5 and names the address", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const { status, stderr } = await run([
    "start-server",
    APP,
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--python",
    newestPython().executable,
  ]);
  assert.equal(status, 5);
  assert.match(stderr, new RegExp(`127\\.0\\.0\\.1.*${port}`));
  assert.doesNotMatch(stderr, /^\s+at /m);
});

forEachMode("--host takes a name of this machine", async (mode) => {
  const args = [...mode.args, "--host", Deno.hostname()];
  await using server = await startServer({ app: "hello.wsgi", args });
  assert.equal(new URL(server.url).hostname, Deno.hostname().toLowerCase());
  assert.equal((await server.request("/")).status, 200);
});

Deno.test({
  name: "service --socket gives systemd the address of a --host that is a name",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const words = ["service", "show", "--socket", APP, "--host", Deno.hostname(), "--port", "8000"];
    const { stdout } = await run(words);
    assert.match(stdout, /^ListenStream=(\d+\.\d+\.\d+\.\d+|\[.*:.*\]):8000$/m);
  },
});

Deno.test("a name that the system does not know ends with status 5", async () => {
  const python = newestPython().executable;
  const words = [APP, "--host", "nowhere.invalid", "--port", "0", "--python", python];
  const { status, stderr } = await run(["start-server", ...words]);
  assert.equal(status, 5);
  assert.match(stderr, /can't listen on "nowhere\.invalid": .* knows no host of this name; --host/);
});

Deno.test("a Python that does not exist ends with status 4 and names it", async () => {
  const { status, stderr } = await run([
    "start-server",
    APP,
    "--port",
    "0",
    "--python",
    "/nowhere/python3",
  ]);
  assert.equal(status, 4);
  assert.match(stderr, /\/nowhere\/python3/);
});

/** A Python that looks like a static build: the real one, moved, with other build variables. */
function staticPython(folder: Folder): string {
  const { executable, minor } = newestPython();
  const real = executable.replace(/\/bin\/[^/]+$/, "");
  const library = folder.file(`lib/python${minor}`);
  Deno.mkdirSync(library, { recursive: true });
  Deno.mkdirSync(folder.file("bin"));
  for (const { name } of Deno.readDirSync(`${real}/lib/python${minor}`)) {
    const original = `${real}/lib/python${minor}/${name}`;
    if (!name.startsWith("_sysconfigdata")) Deno.symlinkSync(original, `${library}/${name}`);
    else {
      const variables = Deno.readTextFileSync(original)
        .replaceAll(/'(LIBDIR|LIBPL)': *'[^']*'/g, "'$1': '/nowhere'")
        .replaceAll(/libpython[\w.]*\.so[\d.]*/g, `libpython${minor}.a`)
        .replace(/'Py_ENABLE_SHARED': *1/, "'Py_ENABLE_SHARED': 0");
      Deno.writeTextFileSync(`${library}/${name}`, variables);
    }
  }
  const copy = folder.file(`bin/python${minor}`);
  Deno.copyFileSync(Deno.realPathSync(executable), copy);
  return copy;
}

Deno.test("a Python without a shared library ends with status 4 and says what to do", async () => {
  using folder = new Folder();
  const { status, stderr } = await run([
    "start-server",
    APP,
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    "--python",
    staticPython(folder),
  ]);
  assert.equal(status, 4, stderr);
  assert.match(stderr, /shared/);
});

Deno.test("help goes to standard output with status 0", async () => {
  const { status, stdout } = await run(["start-server", "--help"]);
  assert.equal(status, 0);
  for (const option of ["--host", "--port", "--processes", "--threads", "--python"]) {
    assert.match(stdout, new RegExp(`^ +${option}\\b`, "m"));
  }
});

Deno.test("module-location and module-config print the library that would be used", async () => {
  const python = newestPython().executable;
  for (const command of ["module-location", "module-config"]) {
    const { status, stdout } = await run([command], {
      env: { PATH: `${python.replace(/\/[^/]+$/, "")}:${Deno.env.get("PATH")}` },
    });
    assert.equal(status, 0, command);
    assert.match(stdout, /libpython3/, command);
  }
});

Deno.test("doctor tells what was looked at and what was chosen", async () => {
  const python = newestPython();
  const { status, stdout } = await run(["doctor", "--python", python.executable]);
  assert.equal(status, 0);
  assert.match(stdout, /libpython3/);
  assert.match(stdout, new RegExp(python.minor.replace(".", "\\.")));
});

Deno.test("doctor tells that a Python can't do what was asked of it", async () => {
  const python = testPythons()[0]!;
  const { status, stdout } = await run(
    ["doctor", `${APPS}/hello.wsgi`, "--python", python.executable, "--free-threading"],
  );
  assert.equal(status, 4);
  assert.match(stdout, /Problems:\n {2}--free-threading needs a free-threaded build/);
});

Deno.test({
  name: "doctor looks at Python as the user of --user",
  ignore: Deno.uid() !== 0,
  async fn() {
    using folder = new Folder();
    const python = `${folder.path}/python3`;
    Deno.symlinkSync(newestPython().executable, python);
    Deno.chmodSync(folder.path, 0o700);
    const words = ["doctor", `${APPS}/hello.wsgi`, "--python", python];
    assert.equal((await run(words)).status, 0);
    const { status, stdout } = await run([...words, "--user", "nobody"]);
    assert.equal(status, 4);
    assert.match(stdout, /not usable {2}--python .*Permission denied/);
  },
});

Deno.test("options follow the script, prefixes and --opt=value work", async () => {
  await using server = await startServer({
    app: "environ.wsgi",
    args: ["--thread=3", "--mount-p=/m", "--setenv", "WHO", "$TEST_WHO"],
    env: { TEST_WHO: "me" },
  });
  await server.log.waitFor(/^Request Capacity {3}: 3 \(1 process \* 3 threads\)$/);
  const { environ } = (await server.request("/m/x")).json;
  assert.equal(environ.WHO, "me");
});
