/** Service scripts beside the application. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { APPS, Folder, forEachPython, run, type Server, startServer } from "./harness.ts";
import type { ServerOptions } from "./harness.ts";
import { until } from "./deadline.ts";
import { newestPython } from "../pythons.ts";

const PUBLIC_PYTHON = "/usr/bin/python3";

/** A server with the service script `service.py` as "ticker". */
function startWithService(
  folder: Folder,
  mode: string,
  options: ServerOptions = {},
): Promise<Server> {
  return startServer({
    app: "process.wsgi",
    ...options,
    env: { ...folder.env, SERVICE_MODE: mode, ...options.env },
    args: ["--service-script", "ticker", `${APPS}/service.py`, ...options.args ?? []],
  });
}

const pidOf = (note: string) => Number(note.split(" ")[0]);

forEachPython("a service runs on the main thread and ends by SystemExit", async (python) => {
  using folder = new Folder();
  await using server = await startWithService(folder, "", {
    python: python.executable,
    // Longer than the end is waited for.
    args: ["--server-metrics", "--shutdown-timeout", "60"],
  });
  const [note] = await folder.waitForNotes("service");
  // The metrics of the server are for the processes of the application.
  const facts = "main=True group='' shutdown=False stdin='' argv=['mod_wsgi'] metrics=None";
  assert.ok(note!.includes(facts), note);
  assert.ok(server.processes().some(({ pid }) => pid === pidOf(note!)));
  assert.ok(!server.applicationPids().includes(pidOf(note!)));
  assert.equal((await server.request("/pid")).status, 200);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  const lines = server.log.matches(/\[pid (\d+):.*service: (.*)$/);
  assert.deepEqual(lines.map((match) => match[2]), [
    "started service:ticker",
    "SystemExit 0",
    "atexit",
  ]);
  assert.ok(lines.every((match) => Number(match[1]) === pidOf(note!)));
  assert.equal(folder.notes("service").length, 1, "it was not started again");
});

forEachPython("signal.signal works in a service", async (python) => {
  using folder = new Folder();
  await using server = await startWithService(folder, "signals", { python: python.executable });
  assert.deepEqual(await folder.waitForNotes("signals"), ["handled"]);
  await server.stop();
  assert.equal(server.log.matches(/Callback registration/).length, 0);
});

Deno.test("a service with a handler of its own is told once to end", async () => {
  using folder = new Folder();
  await using server = await startWithService(folder, "leaves");
  await folder.waitForNotes("signals");
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  assert.equal(server.log.matches(/service: leaving$/).length, 1);
});

Deno.test("a service that returns is started again, later and later", async () => {
  using folder = new Folder();
  await using server = await startWithService(folder, "returns");
  const notes = await folder.waitForNotes("service", 4);
  assert.equal(new Set(notes.map(pidOf)).size, 4);
  assert.equal((await server.request("/pid")).status, 200);
});

Deno.test("a service that fails is in the log with its place, and is started again", async () => {
  using folder = new Folder();
  await using server = await startWithService(folder, "fails", { complaintsExpected: true });
  await folder.waitForNotes("service", 2);
  await server.log.waitFor(/Exception occurred in the service script '.*service\.py'/);
  await server.log.waitFor(/service\.py", line \d+, in <module>/);
  await server.log.waitFor(/ValueError: a service that fails/);
  const again = await server.log.waitFor(/service script "ticker" .* starts again in (.*) s/);
  assert.match(again[0], /exited with status 1/);
});

Deno.test("a service that was killed is started again", async () => {
  using folder = new Folder();
  await using _server = await startWithService(folder, "");
  const [note] = await folder.waitForNotes("service");
  Deno.kill(pidOf(note!), "SIGKILL");
  await folder.waitForNotes("service", 2);
});

Deno.test("a service that can't be started is tried again, and the server serves on", async () => {
  using folder = new Folder();
  const python = folder.file("python");
  Deno.symlinkSync(newestPython().executable, python);
  await using server = await startWithService(folder, "", { python });
  const [note] = await folder.waitForNotes("service");
  // As in the middle of an upgrade.
  Deno.renameSync(python, `${python}.old`);
  Deno.kill(pidOf(note!), "SIGKILL");
  await server.log.waitFor(/can't start service script "ticker": .*; it starts again in .* s$/);
  assert.equal((await server.request("/pid")).status, 200);
  Deno.renameSync(`${python}.old`, python);
  await folder.waitForNotes("service", 2);
});

Deno.test("a service that does not end is killed at the shutdown timeout", async () => {
  using folder = new Folder();
  await using server = await startWithService(folder, "stubborn", {
    args: ["--shutdown-timeout", "1"],
  });
  await folder.waitForNotes("signals");
  const begin = performance.now();
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  const elapsed = performance.now() - begin;
  assert.ok(elapsed > 900, `${elapsed} ms`);
});

Deno.test("services end when the server was killed", async () => {
  using folder = new Folder();
  await using server = await startWithService(folder, "");
  const [note] = await folder.waitForNotes("service");
  server.signal("SIGKILL");
  await until(
    () => !server.processes().some(({ pid }) => pid === pidOf(note!)),
    "end of the service",
  );
});

Deno.test("a restart of the server restarts its services", async () => {
  using folder = new Folder();
  await using server = await startWithService(folder, "");
  const [note] = await folder.waitForNotes("service");
  server.signal("SIGHUP");
  const notes = await folder.waitForNotes("service", 2);
  assert.notEqual(pidOf(notes[1]!), pidOf(note!));
});

Deno.test("several services each have their log file", async () => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    env: folder.env,
    logToTerminal: false,
    args: [
      ...["--service-script", "one", `${APPS}/service.py`],
      ...["--service-script", "two", `${APPS}/service.py`],
      ...["--service-log-file", "two", "two.log"],
      ...["--log-directory", folder.path],
    ],
  });
  await folder.waitForNotes("service", 2);
  await until(() => folder.read("two.log").includes("service: started service:two"), "line");
  await until(() => folder.read("error_log").includes("service: started service:one"), "line");
  assert.ok(!folder.read("two.log").includes("service:one"));
  assert.ok(!folder.read("error_log").includes("service:two"));
  await server.stop();
});

Deno.test("a service has its log file beside an error log on the terminal", async () => {
  using folder = new Folder();
  await using server = await startWithService(folder, "", {
    args: ["--service-log-file", "ticker", folder.file("ticker.log")],
  });
  await folder.waitForNotes("service");
  await until(() => folder.read("ticker.log").includes("service: started"), "line");
  await server.stop();
  assert.equal(server.log.matches(/service: started/).length, 0);
});

Deno.test("all categories of the locale are set in a service", async () => {
  using folder = new Folder();
  const script = folder.write(
    "service.py",
    "import locale, time\n" +
      "print('locale', locale.setlocale(locale.LC_TIME))\n" +
      "time.sleep(600)\n",
  );
  await using server = await startServer({
    app: "process.wsgi",
    args: ["--locale", "C.UTF-8", "--service-script", "clock", script],
  });
  await server.log.waitFor(/ locale C\.UTF-8$/);
});

Deno.test({
  name: "a service may run as another user, without a line of its own as root",
  // A Python in a home folder can't be started by others.
  ignore: Deno.uid() !== 0 || !existsSync(PUBLIC_PYTHON),
  fn: async () => {
    using folder = new Folder();
    Deno.chmodSync(folder.path, 0o777);
    folder.write("usercustomize.py", "");
    folder.write(
      "sitecustomize.py",
      "import os\nopen('" + folder.path + "/site-%d' % os.getuid(), 'a').close()\n",
    );
    const log = folder.file("service.log");
    await using server = await startWithService(folder, "", {
      args: [
        ...["--service-user", "ticker", "nobody"],
        ...["--service-log-file", "ticker", "service.log", "--log-directory", folder.path],
      ],
      python: PUBLIC_PYTHON,
      logToTerminal: false,
      env: { PYTHONPATH: folder.path },
    });
    const [note] = await folder.waitForNotes("service");
    const uid = Number(/uid=(\d+)/.exec(note!)![1]);
    assert.notEqual(uid, 0);
    assert.match(
      Deno.readTextFileSync(`/proc/${pidOf(note!)}/status`),
      new RegExp(`Uid:\t${uid}\t`),
    );
    await until(() => folder.read("service.log").includes("service: started"), `line in ${log}`);
    assert.equal(Deno.statSync(folder.file(`site-${uid}`)).uid, uid);
    await server.stop();
  },
});

Deno.test("a service of an unknown user ends the start with status 3", async () => {
  if (Deno.uid() !== 0) return;
  const { status, stderr } = await run([
    ...["start-server", `${APPS}/process.wsgi`, "--port", "0"],
    ...["--service-script", "ticker", `${APPS}/service.py`],
    ...["--service-user", "ticker", "no-such-user"],
  ]);
  assert.equal(status, 3);
  assert.match(stderr, /no-such-user/);
});
