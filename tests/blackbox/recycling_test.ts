/** Replacement of processes by count, age, idleness and signal, without a lost request. */

import assert from "node:assert/strict";
import { newestPython } from "../pythons.ts";
import {
  Folder,
  forEachMode,
  forEachPython,
  type Mode,
  type Server,
  startServer,
  until,
} from "./harness.ts";
import { Load } from "./load.ts";

/** Waits until none of `before` runs any more. */
function gone(server: Server, before: number[]): Promise<true> {
  return until(
    () => !server.applicationPids().some((pid) => before.includes(pid)),
    "end of the old processes",
  );
}

/** Arguments for two processes, of one thread where the mode has but one, else of three. */
function poolOf({ threads }: Mode): string[] {
  return ["--processes", "2", "--threads", String(Math.min(threads, 3))];
}

/** The reasons that applications noted at their end, each once. */
function reasons(folder: Folder): string[] {
  return [...new Set(folder.notes("reasons").map((line) => line.split(" ")[0]!))];
}

/** Eight clients, on connections that they keep and on new ones, while processes leave after 200 requests each. */
async function checkMaximumRequests(python: string, args: readonly string[]): Promise<void> {
  using folder = new Folder();
  await using server = await startServer({
    app: "recycling.wsgi",
    args: [...args, "--maximum-requests", "200"],
    python,
    env: folder.env,
  });
  for (const keepAlive of [true, false]) {
    await using load = new Load(server.url, "/pid", 8, keepAlive);
    const ended = folder.notes("atexit").length;
    await folder.waitForNotes("atexit", ended + 4);
    const { failures, answered } = await load.stop();
    assert.deepEqual(failures.slice(0, 5), []);
    assert.ok(answered > 400, `${answered} answers`);
  }
  assert.deepEqual(reasons(folder), ["maximum_requests"]);
}

forEachPython("--maximum-requests replaces processes without a failed request", async (python) => {
  await checkMaximumRequests(python.executable, ["--processes", "2", "--threads", "3"]);
});

forEachMode("--maximum-requests replaces processes without a failed request", async (mode) => {
  await checkMaximumRequests(newestPython().executable, [...mode.args, ...poolOf(mode)]);
}, { embedded: true });

Deno.test("--maximum-requests leaves a process alone until it has served as many", async () => {
  using folder = new Folder();
  await using server = await startServer({
    app: "recycling.wsgi",
    args: ["--maximum-requests", "20"],
    env: folder.env,
  });
  const before = server.applicationPids();
  for (let count = 0; count < 19; count++) {
    assert.equal((await server.request("/pid")).text, String(before[0]));
  }
  assert.deepEqual(reasons(folder), []);
  assert.equal((await server.request("/pid")).text, String(before[0]));
  await gone(server, before);
  assert.deepEqual(reasons(folder), ["maximum_requests"]);
});

Deno.test("--restart-interval replaces processes of that age without a failed request", async () => {
  using folder = new Folder();
  await using server = await startServer({
    app: "recycling.wsgi",
    args: ["--restart-interval", "1", "--processes", "2", "--threads", "2"],
    env: folder.env,
  });
  const before = server.applicationPids();
  await using load = new Load(server.url, "/pid", 4);
  await folder.waitForNotes("atexit", 4);
  await gone(server, before);
  assert.deepEqual((await load.stop()).failures.slice(0, 5), []);
  assert.deepEqual(reasons(folder), ["restart_interval"]);
});

Deno.test("--restart-interval lets a running request finish", async () => {
  using folder = new Folder();
  await using server = await startServer({
    app: "recycling.wsgi",
    args: ["--restart-interval", "1", "--graceful-timeout", "60"],
    env: folder.env,
  });
  const slow = server.request("/wait", { deadline: 60_000 });
  const [pid] = await folder.waitForNotes("started");
  const before = server.applicationPids();
  await until(() => server.applicationPids().some((pid) => !before.includes(pid)), "successor");
  folder.write("go");
  assert.equal((await slow).text, `waited in ${pid}`);
  await gone(server, [Number(pid)]);
});

Deno.test("--inactivity-timeout replaces a process that has served and then idles", async () => {
  using folder = new Folder();
  await using server = await startServer({
    app: "recycling.wsgi",
    args: ["--inactivity-timeout", "1", "--ignore-activity", "/say"],
    env: folder.env,
  });
  const [first] = server.applicationPids();
  const begin = performance.now();
  // Running requests are activity, however long they take.
  assert.equal((await server.request("/nap?seconds=2.5")).text, `slept in ${first}`);
  // What --ignore-activity names is none.
  await using load = new Load(server.url, "/say", 1);
  await gone(server, [first!]);
  const took = performance.now() - begin;
  const { bodies, failures } = await load.stop();
  assert.ok(took >= 3500, `${took} ms`);
  assert.deepEqual(failures, []);
  assert.deepEqual([...bodies.keys()], ["1"]);
  assert.deepEqual(reasons(folder), ["inactivity_timeout"]);
  // The successor has served nothing that counts: it stays.
  const next = server.applicationPids();
  const loads = folder.notes("reasons").length;
  await assert.rejects(
    until(() => folder.notes("reasons").length > loads, "second replacement", 2500),
  );
  assert.deepEqual(server.applicationPids(), next);
});

forEachMode("20 SIGUSR1 under load fail no request", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "recycling.wsgi",
    args: [...mode.args, ...poolOf(mode)],
    env: folder.env,
  });
  await using load = new Load(server.url, "/pid", 8, true);
  for (let round = 0; round < 20; round++) {
    const before = server.applicationPids();
    const seen = load.answered;
    await until(() => load.answered > seen + 50, "load");
    server.signal("SIGUSR1");
    if (round % 4 === 0) await gone(server, before);
  }
  assert.deepEqual((await load.stop()).failures.slice(0, 5), []);
  assert.deepEqual(reasons(folder).filter((reason) => reason !== "graceful_signal"), []);
});

Deno.test("SIGQUIT to an application process logs what its threads do, and nothing else", async () => {
  using folder = new Folder();
  await using server = await startServer({ app: "recycling.wsgi", env: folder.env });
  const before = server.applicationPids();
  const slow = server.request("/wait");
  await folder.waitForNotes("started");
  Deno.kill(before[0]!, "SIGQUIT");
  await server.log.waitFor(/recycling\.wsgi", line \d+ in wait/);
  folder.write("go");
  assert.equal((await slow).text, `waited in ${before[0]}`);
  assert.deepEqual(server.applicationPids(), before);
});
