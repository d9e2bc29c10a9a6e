/** Debug mode and its tools. */

import assert from "node:assert/strict";
import { newestPython, testPythons } from "../pythons.ts";
import { venvOf } from "../venvs.ts";
import {
  APPS,
  Folder,
  forEachPython,
  NotStartedError,
  type Server,
  startServer,
  until,
} from "./harness.ts";
import type { ServerOptions } from "./harness.ts";

const ON_TERMINAL: ServerOptions = {
  app: "debugged.wsgi",
  terminal: true,
  complaintsExpected: true,
  // Without the control characters that readline sends.
  env: { TERM: "dumb" },
};

/** Waits for a prompt that begins a line, which has no end yet: it is answered by a line of its own. */
async function answer(server: Server, after: RegExp, command: string): Promise<void> {
  await server.log.waitFor(after);
  await server.type(command + "\n");
}

forEachPython("debug mode is one process with one thread on the terminal", async (python) => {
  await using server = await startServer({
    ...ON_TERMINAL,
    python: python.executable,
    args: ["--debug-mode", "--processes", "3", "--threads", "7"],
  });
  assert.match(server.log.tail(), /Operating Mode +: debug/);
  const { json } = await server.request("/");
  assert.equal(json.pid, server.applicationPids()[0]);
  assert.equal(server.applicationPids().length, 1);
  delete json.pid;
  assert.deepEqual(json, {
    group: "",
    threads: 1,
    multithread: false,
    multiprocess: false,
    reloading: "0",
    queue: null,
    daemon: null,
    stdin: true,
    stdout: true,
    stderr: "Log",
    path: APPS,
  });
  const asked = server.request("/asking");
  await answer(server, /^asking$/, "forty-two");
  assert.equal((await asked).text, "answer: forty-two");
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
});

forEachPython(
  "pdb examines an exception on the terminal, then the request fails",
  async (python) => {
    await using server = await startServer({
      ...ON_TERMINAL,
      python: python.executable,
      args: ["--enable-debugger"],
    });
    const failing = server.request("/failing");
    await answer(server, /-> raise ValueError\("to be examined"\)/, "p local_value * 100");
    await answer(server, /^(\(Pdb\) .*)?4200$/, "w");
    await answer(server, /> .*debugged\.wsgi\(\d+\)failing\(\)/, "q");
    assert.equal((await failing).status, 500);
    await server.log.waitFor(/\[wsgi:error\].*ValueError: to be examined/);
    assert.equal((await server.request("/")).status, 200);
    const later = server.request("/failing-later");
    await answer(server, /-> raise KeyError\("in the iterable"\)/, "c");
    assert.equal((await later).complete, false);
  },
);

forEachPython("breakpoints that are set at the start stop requests", async (python) => {
  const source = Deno.readTextFileSync(`${APPS}/debugged.wsgi`).split("\n");
  const line = source.findIndex((text) => text.startsWith("    body = ")) + 1;
  await using server = await startServer({
    ...ON_TERMINAL,
    python: python.executable,
    args: ["--enable-debugger", "--debugger-startup"],
    whileStarting: async (server) => {
      await answer(server, /enter 'continue' to serve\./, `b ${APPS}/debugged.wsgi:${line}`);
      await answer(server, /Breakpoint 1 at/, "c");
    },
  });
  const stopped = server.request("/echo");
  await answer(server, /-> body = /, "p mod_wsgi.version");
  await answer(server, /\(4, 8, 0\)/, "c");
  assert.equal((await stopped).status, 200);
});

Deno.test("pdb.set_trace() in the application works", async () => {
  await using server = await startServer({ ...ON_TERMINAL, args: ["--debug-mode"] });
  const stopped = server.request("/set-trace");
  await answer(
    server,
    /-> (return text\(start_response, value\)|pdb\.set_trace\(\))/,
    "value = 'changed'",
  );
  await server.type("c\n");
  assert.equal((await stopped).text, "changed");
});

Deno.test("Ctrl-C at the prompt of pdb ends the server at the shutdown timeout", async () => {
  await using server = await startServer({
    ...ON_TERMINAL,
    args: ["--enable-debugger", "--shutdown-timeout", "1"],
  });
  const failing = server.request("/failing").catch(() => undefined);
  await server.log.waitFor(/-> raise ValueError/);
  await server.type("\x03");
  const exit = await server.waitForExit();
  assert.equal(exit.signal, null);
  await failing;
});

Deno.test("the terminal is as it was when a process is killed at the prompt of pdb", async () => {
  await using server = await startServer({
    ...ON_TERMINAL,
    args: ["--enable-debugger"],
    wrapper: ["sh", "-c", '"$@"; stty -a; exit 7', "sh"],
  });
  const failing = server.request("/failing").catch(() => undefined);
  await server.log.waitFor(/-> raise ValueError/);
  const [pid] = server.applicationPids();
  const terminal = `/proc/${pid}/fd/0`;
  const settings = () => {
    const { stdout } = new Deno.Command("stty", { args: ["-F", terminal, "-a"] }).outputSync();
    return new TextDecoder().decode(stdout);
  };
  await until(() => / -icanon /.test(settings()), "readline");
  Deno.kill(pid!, "SIGKILL");
  await server.log.waitFor(/(^|\s)icanon\s/);
  assert.equal((await server.waitForExit()).code, 7);
  await failing;
});

for (
  const [how, path, line] of [
    ["exits", "/exit?status=7", /\[wsgi:error\].* application process \d+ exited with status 7$/],
    [
      "crashes",
      "/crash",
      /\[wsgi:error\].* application process \d+ crashed with a segmentation fault/,
    ],
  ] as const
) {
  Deno.test(`a process that ${how} in debug mode is logged and ends the server with status 1`, async () => {
    await using server = await startServer({
      app: "process.wsgi",
      args: ["--debug-mode"],
      complaintsExpected: true,
    });
    assert.equal((await server.request(path)).status, 500);
    await server.log.waitFor(line);
    assert.deepEqual(await server.waitForExit(), { code: 1, signal: null });
  });
}

forEachPython("signal.signal of the application works in debug mode", async (python) => {
  await using server = await startServer({
    app: "debugged.wsgi",
    python: python.executable,
    args: ["--debug-mode"],
    env: { SIGNALS: "1" },
  });
  Deno.kill(server.applicationPids()[0]!, "SIGUSR2");
  await server.log.waitFor(/^handler of \d+$/);
  assert.equal(server.log.matches(/Callback registration/).length, 0);
});

forEachPython("the profiler writes a file at the end", async (python) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "debugged.wsgi",
    python: python.executable,
    args: ["--enable-profiler", "--profiler-directory", folder.file("profiles")],
  });
  const pid = server.applicationPids()[0];
  await server.request("/");
  await server.stop();
  const [name, ...more] = [...Deno.readDirSync(folder.file("profiles"))].map((each) => each.name);
  assert.deepEqual(more, []);
  assert.match(name!, new RegExp(`^\\d{16}-${pid}\\.pstats$`));
  const code = `import pstats, sys; pstats.Stats(sys.argv[1]).print_stats("show")`;
  const { stdout } = new Deno.Command(python.executable, {
    args: ["-c", code, folder.file(`profiles/${name}`)],
  }).outputSync();
  assert.match(new TextDecoder().decode(stdout), /debugged\.wsgi:\d+\(show\)/);
});

forEachPython("the recorder writes seven files for each request", async (python) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "debugged.wsgi",
    python: python.executable,
    args: ["--enable-recorder", "--recorder-directory", folder.file("archive")],
    complaintsExpected: true,
  });
  await server.request("/echo", { method: "POST", body: "the body" });
  assert.equal((await server.request("/failing")).status, 500);
  await server.request("/failing-later");
  await server.request("/failing-close");
  await server.stop();
  const names = [...Deno.readDirSync(folder.file("archive"))].map((each) => each.name).sort();
  assert.equal(names.length, 28);
  const kinds = [
    "icontent",
    "iheaders",
    "oaexcept",
    "ocontent",
    "ofexcept",
    "oheaders",
    "orexcept",
  ];
  const record = (request: number, kind: string) => {
    const found = names.filter((name) => name.endsWith(`-${request}.${kind}`));
    assert.equal(found.length, 1, `${request}.${kind}`);
    return folder.read(`archive/${found[0]}`);
  };
  for (const kind of kinds) record(1, kind);
  assert.match(record(1, "iheaders"), /'PATH_INFO': '\/echo'/);
  assert.equal(record(1, "icontent"), "the body");
  assert.match(record(1, "oheaders"), /'200 OK'/);
  assert.equal(record(1, "ocontent"), "the body");
  assert.equal(record(1, "oaexcept") + record(1, "orexcept") + record(1, "ofexcept"), "");
  assert.match(record(2, "oaexcept"), /ValueError: to be examined/);
  assert.equal(record(3, "ocontent"), "first");
  assert.match(record(3, "orexcept"), /KeyError: 'in the iterable'/);
  assert.match(record(4, "ofexcept"), /OSError: in close/);
});

for (const python of [testPythons()[0]!, newestPython()]) {
  Deno.test(`coverage reports what requests ran at the end [CPython ${python.minor}]`, async () => {
    const { executable } = await venvOf(python, ["coverage==7.6.1"]);
    using folder = new Folder();
    await using server = await startServer({
      app: "debugged.wsgi",
      python: executable,
      args: ["--enable-coverage", "--coverage-directory", folder.file("report")],
    });
    await server.request("/echo", { method: "POST", body: "covered" });
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    const [name] = [...Deno.readDirSync(folder.file("report"))].map((each) => each.name)
      .filter((each) => /debugged_wsgi/.test(each));
    const page = folder.read(`report/${name}`);
    const lineOf = (text: string) => page.split("\n").find((line) => line.includes(text)) ?? "";
    assert.match(
      lineOf(">CONTENT_LENGTH<").concat(lineOf("CONTENT_LENGTH")),
      /class="[^"]*\brun\b/,
    );
    assert.match(lineOf("local_value"), /class="[^"]*\bmis\b/);
  });
}

Deno.test("coverage without its package ends the start with what to do", async () => {
  const starting = startServer({
    app: "debugged.wsgi",
    python: testPythons()[0]!.executable,
    args: ["--enable-coverage"],
    complaintsExpected: true,
  });
  await assert.rejects(starting, (error: unknown) => {
    assert.ok(error instanceof NotStartedError);
    assert.equal(error.exit.code, 4);
    assert.match(error.log.tail(), /-m pip install coverage/);
    return true;
  });
});

Deno.test("--enable-gdb starts the process under the debugger given", async () => {
  using folder = new Folder();
  const gdb = folder.write("gdb", '#!/bin/sh\necho "gdb got $1"\nshift\nexec "$@"\n');
  Deno.chmodSync(gdb, 0o755);
  await using server = await startServer({
    app: "debugged.wsgi",
    args: ["--enable-gdb", "--gdb-executable", gdb],
  });
  await server.log.waitFor(/^gdb got --args$/);
  assert.equal((await server.request("/")).status, 200);
});
