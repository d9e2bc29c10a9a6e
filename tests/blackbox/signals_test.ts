/** TERM, INT, HUP, USR1 and WINCH sent to the server process off a terminal. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { Folder, forEachMode, NotStartedError, startServer, until } from "./harness.ts";
import { Load } from "./load.ts";

/** For a stop that must not be owed to its time limit: that one is longer than the end is waited for. */
const PATIENT = ["--shutdown-timeout", "60"];

/** Idle connections are not closed for being idle. */
const LONG_KEPT = "--keep-alive-timeout 60 --header-timeout 60 --header-max-timeout 60".split(" ");

for (const signal of ["SIGTERM", "SIGINT", "SIGWINCH"] as const) {
  forEachMode(
    `${signal} lets the running request finish, takes no new one, then ends`,
    async (mode) => {
      using folder = new Folder();
      await using server = await startServer({
        app: "process.wsgi",
        args: [...mode.args, ...PATIENT],
        env: folder.env,
      });
      using waiting = await server.connect();
      await waiting.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
      await folder.waitForNotes("started");
      server.signal(signal);
      await until(async () => {
        try {
          using late = await server.connect();
          await late.send("GET /pid HTTP/1.1\r\nHost: a\r\n\r\n");
          return await late.readResponse() === undefined;
        } catch {
          return true; // Refused: nobody listens any more.
        }
      }, "end of listening");
      folder.write("go");
      const response = await waiting.readResponse();
      assert.match(response!.text, /^waited True/);
      const exit = await server.waitForExit();
      assert.deepEqual(exit, { code: 0, signal: null });
      assert.equal(folder.notes("atexit").length, 1);
    },
  );
}

Deno.test({
  name: "SIGTERM in the middle of the start ends the server in good order, and no file stays",
  ignore: Deno.build.os === "windows",
  async fn() {
    using folder = new Folder();
    const root = folder.file("root");
    const log = folder.file("log");
    // The start waits for a reader of its log, behind the files that it makes before.
    await new Deno.Command("mkfifo", { args: [log] }).output();
    let reader: Deno.FsFile | undefined;
    try {
      const start = startServer({
        app: "hello.wsgi",
        logToTerminal: false,
        args: ["--server-root", root, "--error-log-name", log],
        whileStarting: async (server) => {
          await until(() => existsSync(`${root}/httpd.pid`), "file with the process id");
          server.signal("SIGTERM");
          reader = await Deno.open(log, { read: true, write: true });
        },
      });
      await assert.rejects(start, (error) => {
        assert.ok(error instanceof NotStartedError, String(error));
        assert.deepEqual(error.exit, { code: 0, signal: null });
        return true;
      });
    } finally {
      reader?.close();
    }
    const left = [...Deno.readDirSync(root)].map(({ name }) => name);
    assert.deepEqual(left.toSorted(), ["handler.wsgi", "htdocs", "wsgi-express.json"]);
  },
});

forEachMode("an idle server ends at once, kept connections or not", async (mode) => {
  await using server = await startServer({
    app: "hello.wsgi",
    args: [...mode.args, ...PATIENT, ...LONG_KEPT],
  });
  using kept = await server.connect();
  await kept.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await kept.readResponse();
  using silent = await server.connect();
  await server.stop();
  await kept.waitForClose();
  await silent.waitForClose();
});

forEachMode("a stop closes idle connections while a request still runs", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    args: [...mode.args, ...PATIENT, ...LONG_KEPT],
    env: folder.env,
  });
  using kept = await server.connect();
  await kept.send("GET /pid HTTP/1.1\r\nHost: a\r\n\r\n");
  await kept.readResponse();
  using silent = await server.connect();
  const waiting = server.request("/wait");
  await folder.waitForNotes("started");
  server.signal("SIGTERM");
  await kept.waitForClose();
  await silent.waitForClose();
  folder.write("go");
  assert.match((await waiting).text, /^waited True/);
  await server.waitForExit();
}, { threads: 2 });

forEachMode("--shutdown-timeout cuts a request that does not end", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    args: [...mode.args, "--shutdown-timeout", "1"],
    env: folder.env,
  });
  const stubborn = server.request("/stubborn").catch(() => undefined);
  await folder.waitForNotes("started");
  const begin = performance.now();
  server.signal("SIGTERM");
  // The request itself goes on for a minute.
  await server.waitForExit();
  const took = performance.now() - begin;
  assert.ok(took > 900, `${took} ms`);
  const response = await stubborn;
  assert.ok(response === undefined || response.status >= 500);
});

forEachMode("--shutdown-timeout bounds a thread that is no daemon", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    args: [...mode.args, "--shutdown-timeout", "1"],
    env: folder.env,
  });
  await server.request("/background-thread");
  server.signal("SIGTERM");
  await server.waitForExit();
});

forEachMode("a thread that is no daemon is waited for", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    args: [...mode.args, ...PATIENT],
    env: folder.env,
  });
  await server.request("/background-thread");
  server.signal("SIGTERM");
  await server.waitForEndOfListening();
  folder.write("end");
  await server.waitForExit();
  assert.deepEqual(folder.notes("background"), ["ended"]);
});

forEachMode("a second SIGINT stops now", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    args: [...mode.args, ...PATIENT],
    env: folder.env,
  });
  const stubborn = server.request("/stubborn").catch(() => undefined);
  await folder.waitForNotes("started");
  server.signal("SIGINT");
  await server.waitForEndOfListening();
  server.signal("SIGINT");
  await server.waitForExit();
  await stubborn;
});

forEachMode("SIGHUP restarts every process", async (mode) => {
  await using server = await startServer({
    app: "process.wsgi",
    args: mode.name === "direct" ? mode.args : [...mode.args, "--processes", "2"],
  });
  const before = server.applicationPids();
  server.signal("SIGHUP");
  await until(() => {
    const now = server.applicationPids();
    return now.length === before.length && !now.some((pid) => before.includes(pid));
  }, "restart");
  assert.equal((await server.request("/pid")).status, 200);
});

forEachMode("SIGUSR1 under load restarts every process without a failed request", async (mode) => {
  await using server = await startServer({
    app: "process.wsgi",
    args: mode.name === "direct" ? mode.args : [...mode.args, "--processes", "2", "--threads", "3"],
  });
  for (const keepAlive of [true, false]) {
    await using load = new Load(server.url, "/pid", 8, keepAlive);
    for (let round = 0; round < 3; round++) {
      const before = server.applicationPids();
      const seen = load.answered;
      await until(() => load.answered > seen + 100, "load");
      server.signal("SIGUSR1");
      await until(() => {
        const now = server.applicationPids();
        return now.length === before.length && !now.some((pid) => before.includes(pid));
      }, "graceful restart");
    }
    const { failures } = await load.stop();
    assert.deepEqual(failures.slice(0, 5), []);
  }
});

forEachMode("SIGUSR1 lets a running request finish while others are served", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({ app: "process.wsgi", args: mode.args, env: folder.env });
  const before = server.applicationPids();
  const waiting = server.request("/wait");
  await folder.waitForNotes("started");
  server.signal("SIGUSR1");
  const other = await until(async () => {
    const { text } = await server.request("/pid");
    return !before.includes(Number(text)) && text;
  }, "request served by the new process");
  assert.ok(other);
  folder.write("go");
  assert.equal((await waiting).text, `waited True in ${before[0]}`);
  await until(() => !server.applicationPids().includes(before[0]!), "end of the old process");
}, { embedded: false });

forEachMode("an application process that gets SIGTERM itself is replaced", async (mode) => {
  await using server = await startServer({ app: "process.wsgi", args: mode.args });
  const [before] = server.applicationPids();
  Deno.kill(before!, "SIGTERM");
  await until(() => {
    const now = server.applicationPids();
    return now.length === 1 && now[0] !== before;
  }, "replacement");
  assert.equal((await server.request("/pid")).status, 200);
});
