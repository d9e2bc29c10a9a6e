/** Death and replacement of application processes, and of the server process. */

import assert from "node:assert/strict";
import {
  Folder,
  forEachMode,
  forEachPython,
  type Mode,
  type Server,
  startServer,
  until,
} from "./harness.ts";
import { isRunning } from "./processes.ts";
import { Load } from "./load.ts";

/** Waits until other processes than `before`, as many as `count`, run. */
function replaced(server: Server, before: number[], count = before.length): Promise<number[]> {
  return until(() => {
    const now = server.applicationPids();
    return now.length === count && !now.some((pid) => before.includes(pid)) && now;
  }, "replacement of the application processes");
}

forEachMode("a killed application process is replaced and its end explained", async (mode) => {
  await using server = await startServer({
    app: "process.wsgi",
    args: mode.args,
    complaintsExpected: true,
  });
  for (
    const [path, words] of [
      [undefined, /(pid |process )\D*\d+.*(SIGKILL|killed|signal 9)/i],
      ["/exit?status=3", /status 3|exit(ed)? .*3/i],
      ["/kill?signal=SIGABRT", /SIGABRT|abort/i],
      ["/crash", /SIGSEGV|segmentation/i],
    ] as const
  ) {
    const before = server.applicationPids();
    const from = server.log.position;
    assert.equal((await server.request("/pid")).text, String(before[0]));
    if (path === undefined) Deno.kill(before[0]!, "SIGKILL");
    else {
      // The request in flight is answered with an error, not left hanging.
      const response = await server.request(path).catch(() => undefined);
      if (response !== undefined && !mode.embedded) assert.ok(response.status >= 500, path);
    }
    const after = await replaced(server, before);
    await server.log.waitFor(words, undefined, from);
    assert.equal((await server.request("/pid")).text, String(after[0]));
  }
});

forEachPython("a killed application process is replaced", async ({ executable }) => {
  await using server = await startServer({
    app: "process.wsgi",
    python: executable,
    args: ["--processes", "2"],
  });
  const before = server.applicationPids();
  assert.equal(before.length, 2);
  Deno.kill(before[0]!, "SIGKILL");
  const after = await until(() => {
    const now = server.applicationPids();
    return now.length === 2 && !now.includes(before[0]!) && now;
  }, "replacement");
  assert.ok(after.includes(before[1]!));
  assert.equal((await server.request("/pid")).status, 200);
});

forEachMode("only requests in flight in a killed process are lost", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    args: [...mode.args, "--processes", "2", "--threads", "2"],
    env: folder.env,
  });
  await using load = new Load(server.url, "/pid", 6, true);
  await until(() => load.answered > 100, "load");
  for (let round = 0; round < 5; round++) {
    const before = server.applicationPids();
    Deno.kill(before[0]!, "SIGKILL");
    await until(() => {
      const now = server.applicationPids();
      return now.length === 2 && !now.includes(before[0]!);
    }, "replacement");
    const seen = load.answered;
    await until(() => load.answered > seen + 200, "more load");
  }
  const { failures } = await load.stop();
  // Two threads in the killed process: at most two requests each time.
  assert.ok(failures.length <= 10, failures.join("\n"));
}, { threads: 2, embedded: false });

Deno.test("an application that dies at once while loading does not spin or end the server", async () => {
  using folder = new Folder();
  const source = (end: string) =>
    `import os
from routing import note, text
note("starts", "x")
${end}
def application(environ, start_response):
    return text(start_response, "mended")
`;
  const app = folder.write("app.wsgi", source("os._exit(7)"));
  await using server = await startServer({
    app,
    env: folder.env,
    whileStarting: async (server) => {
      await server.log.waitFor(/the next try follows in 0\.8 s/);
      assert.ok(isRunning(server.pid));
      folder.write("app.wsgi", source(""));
    },
  });
  assert.equal((await server.request("/")).text, "mended");
  // Each of those that died is waited for twice as long as the one before.
  const waits = server.log.matches(/could not start; the next try follows in (\S+) s/)
    .map((match) => match[1]);
  assert.deepEqual(waits.slice(0, 4), ["0.1", "0.2", "0.4", "0.8"]);
  assert.ok(server.log.matches(/exited with status 7 before it was ready/).length >= 4);
  assert.equal(folder.notes("starts").length, waits.length + 1);
});

forEachMode("kill -9 of the server ends its application processes", async (mode) => {
  await using server = await startServer({
    app: "process.wsgi",
    args: mode.name === "direct" ? mode.args : [...mode.args, "--processes", "2"],
  });
  const pids = server.applicationPids();
  assert.ok(pids.length > 0);
  server.signal("SIGKILL");
  const exit = await server.waitForExit();
  assert.equal(exit.signal, "SIGKILL");
  // One that is about to end shows no environment any more, by which it is found.
  await until(() => !pids.some(isRunning), "end of the application processes");
});

forEachMode("kill -9 of the server ends busy application processes too", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    args: mode.args,
    env: folder.env,
  });
  const stubborn = server.request("/stubborn").catch(() => {});
  await folder.waitForNotes("started");
  server.signal("SIGKILL");
  await server.waitForExit();
  await stubborn;
});

for (const hang of ["hang", "hang-in-c"]) {
  const how = hang === "hang" ? "hangs" : "hangs and keeps the interpreter lock";

  /** A server whose new application process hangs in its import; its pid. */
  const startHanging = async (folder: Folder, mode: Mode) => {
    const server = await startServer({
      app: "recycling.wsgi",
      // No limit on loading but that of the server itself.
      args: [...mode.args, "--startup-timeout", "0", "--shutdown-timeout", "1"],
      env: folder.env,
    });
    folder.write(hang);
    server.signal("SIGHUP");
    const [note] = await folder.waitForNotes("hanging");
    return { server, pid: Number(note) };
  };

  forEachMode(`kill -9 of the server ends a process whose import ${how}`, async (mode) => {
    using folder = new Folder();
    const { server, pid } = await startHanging(folder, mode);
    await using _server = server;
    assert.ok(isRunning(pid));
    server.signal("SIGKILL");
    await server.waitForExit();
    await until(() => !isRunning(pid), "end of the process");
  });

  forEachMode(`a stop ends a process whose import ${how}`, async (mode) => {
    using folder = new Folder();
    const { server, pid } = await startHanging(folder, mode);
    await using _server = server;
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    assert.ok(!isRunning(pid));
  });
}

forEachMode("the port is free again after a stop", async (mode) => {
  let url: string;
  {
    await using server = await startServer({ app: "hello.wsgi", args: mode.args });
    url = server.url;
    using kept = await server.connect();
    await kept.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await kept.readResponse();
    await server.stop();
  }
  const { port } = new URL(url);
  await using again = await startServer({
    app: "hello.wsgi",
    args: [...mode.args, "--port", port],
  });
  assert.equal(again.url, url);
  assert.equal((await again.request("/")).status, 200);
});

forEachMode("atexit functions and shutdown callbacks run at a stop", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    args: mode.args,
    env: folder.env,
  });
  assert.equal((await server.request("/subscribe")).text, "subscribed");
  await server.stop();
  assert.equal(folder.notes("atexit").length, 1);
  assert.match(folder.notes("shutdown")[0]!, /^process_stopping/);
});

forEachMode("an application can start other programs with sys.executable", async (mode) => {
  await using server = await startServer({ app: "process.wsgi", args: mode.args });
  assert.equal((await server.request("/subprocess")).text, "42");
});
