/** On an interactive terminal (this release's change): a resized window disturbs nothing. */

import assert from "node:assert/strict";
import { checkCtrlC } from "./ctrl_c.ts";
import { Folder, run, startServer } from "./harness.ts";
import { Load } from "./load.ts";
import { until } from "./deadline.ts";

Deno.test("resizing the window neither stops nor disturbs the server", async () => {
  await using server = await startServer({ app: "process.wsgi", terminal: true });
  const pids = server.applicationPids();
  await using load = new Load(server.url, "/pid", 4, true);
  for (let round = 0; round < 20; round++) {
    const seen = load.answered;
    await server.resize(20 + round, 80 + round);
    server.signal("SIGWINCH");
    await until(() => load.answered > seen + 20, "load");
  }
  const { failures } = await load.stop();
  assert.deepEqual(failures, []);
  assert.deepEqual(server.applicationPids(), pids);
});

Deno.test("Ctrl-C lets the running request finish and ends with status 0", () => checkCtrlC());

Deno.test("a second Ctrl-C stops now", async () => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    terminal: true,
    env: folder.env,
    args: ["--shutdown-timeout", "60"],
  });
  const stubborn = server.request("/stubborn").catch(() => undefined);
  await folder.waitForNotes("started");
  await server.type("\x03");
  await server.waitForEndOfListening();
  await server.type("\x03");
  await server.waitForExit();
  await stubborn;
});

Deno.test("a server whose terminal was closed still stops, and leaves no process", async () => {
  await using server = await startServer({ app: "process.wsgi", terminal: true });
  await server.hangup();
  await server.stop();
});

Deno.test("the log goes to the terminal without being asked for", async () => {
  await using server = await startServer({ app: "logs.wsgi", terminal: true });
  await server.request("/everything");
  await server.log.waitFor(/\[wsgi:error\] .* by print$/);
});

Deno.test("--isatty does not exist", async () => {
  const { status, stderr } = await run(["start-server", "--isatty", "hello.wsgi"]);
  assert.equal(status, 2);
  assert.match(stderr, /--isatty/);
  const help = await run(["start-server", "--help"]);
  assert.equal(help.status, 0);
  assert.doesNotMatch(help.stdout, /isatty/);
});
