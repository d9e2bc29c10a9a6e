/** Time limits on requests, on loading and on the interpreter lock, and what happens when they pass. */

import assert from "node:assert/strict";
import {
  Folder,
  forEachMode,
  forEachPython,
  requestBytes,
  type Server,
  startServer,
  until,
} from "./harness.ts";
import { Load } from "./load.ts";

/** Waits until other processes than `before` run, and gives them. */
function replaced(server: Server, before: number[], milliseconds?: number): Promise<number[]> {
  return until(
    () => {
      const now = server.applicationPids();
      return now.length === before.length && !now.some((pid) => before.includes(pid)) && now;
    },
    "replacement of the application processes",
    milliseconds,
  );
}

forEachPython(
  "--request-timeout logs the stack of a stuck request and replaces its process, and others are served",
  async ({ executable }) => {
    using folder = new Folder();
    await using server = await startServer({
      app: "recycling.wsgi",
      args: ["--request-timeout", "2", "--shutdown-timeout", "1"],
      python: executable,
      env: folder.env,
    });
    const [before] = server.applicationPids();
    const begin = performance.now();
    const stuck = server.request("/loop", { deadline: 60_000 });
    await folder.waitForNotes("started");
    await using load = new Load(server.url, "/pid", 3);
    await server.log.waitFor(/Request timeout .*serving GET \/loop/);
    await server.log.waitFor(/worker thread \d serving GET \/loop for \d/);
    await server.log.waitFor(/recycling\.wsgi", line \d+, in loop/);
    const took = performance.now() - begin;
    // 2 s · (1 + ln 5) = 5.2 s.
    assert.ok(took > 5200, `${took} ms`);
    await replaced(server, [before!]);
    assert.ok((await stuck).status >= 500);
    assert.deepEqual(folder.notes("reasons"), [`request_timeout ${before}`]);
    const seen = load.answered;
    await until(() => load.answered > seen + 20, "load");
    assert.deepEqual((await load.stop()).failures, []);
  },
);

forEachPython(
  "--interrupt-timeout ends the stuck request alone, with 504",
  async ({ executable }) => {
    using folder = new Folder();
    await using server = await startServer({
      app: "recycling.wsgi",
      args: ["--request-timeout", "1", "--interrupt-timeout", "5", "--threads", "2"],
      python: executable,
      env: folder.env,
    });
    const before = server.applicationPids();
    for (let round = 0; round < 2; round++) {
      const stuck = server.request("/loop");
      await folder.waitForNotes("started", round + 1);
      await using load = new Load(server.url, "/pid", 2);
      assert.equal((await stuck).status, 504);
      assert.deepEqual((await load.stop()).failures, []);
    }
    await server.log.waitFor(/mod_wsgi\.RequestTimeout/);
    const complaints = () => server.log.matches(/Request timeout .*serving GET \/loop/).length;
    await until(() => complaints() >= 2, "both complaints");
    assert.equal(complaints(), 2);
    assert.deepEqual(server.applicationPids(), before);
    assert.deepEqual(folder.notes("reasons"), []);
  },
);

forEachPython(
  "a request that is interrupted while it waits for its body leaves nothing of it to the next",
  async ({ executable }) => {
    await using server = await startServer({
      app: "bodies.wsgi",
      args: ["--request-timeout", "1", "--interrupt-timeout", "30", "--threads", "1"],
      python: executable,
    });
    const before = server.applicationPids();
    const body = new Uint8Array(300_000).fill(66);
    for (let round = 1; round <= 2; round++) {
      using connection = await server.connect();
      const request = requestBytes(server.url, "/digest", { method: "POST", body });
      await connection.send(request.subarray(0, request.length - 200_000));
      const complaints = () => server.log.matches(/Request timeout .*serving POST/).length;
      await until(() => complaints() === round, "complaint");
      await new Promise((resolve) => setTimeout(resolve, 500)); // what follows the line at once
      await connection.send(request.subarray(request.length - 200_000));
      assert.equal((await connection.readResponse())?.status, 504);
      const next = await server.request("/digest", { method: "POST", body });
      assert.equal(next.status, 200);
      assert.equal(JSON.parse(next.text).length, body.length);
    }
    assert.deepEqual(server.applicationPids(), before);
    await server.stop();
    assert.equal(server.log.matches(/Worker thread failed/).length, 0, server.log.tail());
  },
);

forEachPython(
  "a request that is interrupted within a file sends nothing else in its place",
  async ({ executable }) => {
    using folder = new Folder();
    const content = new Uint8Array(1_000_000).map((_, index) => (index * 7 + (index >> 9)) & 255);
    folder.write("file", content);
    await using server = await startServer({
      app: "streaming.wsgi",
      args: ["--request-timeout", "1", "--interrupt-timeout", "30", "--threads", "1"],
      python: executable,
      env: folder.env,
    });
    const before = server.applicationPids();
    const cut = await server.request("/hanging-file?file=file");
    assert.equal(cut.complete, false);
    assert.deepEqual(cut.body, content.subarray(0, cut.body.length));
    assert.equal((await server.request("/sized?size=100000")).body.length, 100_000);
    folder.write("go-on");
    assert.deepEqual((await server.request("/file-wrapper?file=file")).body, content);
    assert.deepEqual(server.applicationPids(), before);
  },
);

Deno.test("a request that can't be interrupted has its process replaced after --interrupt-timeout", async () => {
  using folder = new Folder();
  await using server = await startServer({
    app: "recycling.wsgi",
    args: [
      ...["--request-timeout", "1", "--interrupt-timeout", "1", "--threads", "1"],
      ...["--shutdown-timeout", "1"],
    ],
    env: folder.env,
  });
  const before = server.applicationPids();
  const begin = performance.now();
  const stuck = server.request("/nap?seconds=60", { deadline: 60_000 });
  await folder.waitForNotes("started");
  await replaced(server, before);
  const took = performance.now() - begin;
  assert.ok(took >= 2000, `${took} ms`);
  assert.ok((await stuck).status >= 500);
  assert.match(folder.notes("reasons")[0]!, /^request_timeout /);
});

forEachPython(
  "--deadlock-timeout kills a process that keeps the interpreter lock, and shows where",
  async ({ executable }) => {
    using folder = new Folder();
    await using server = await startServer({
      app: "recycling.wsgi",
      args: ["--deadlock-timeout", "2"],
      python: executable,
      env: folder.env,
      complaintsExpected: true,
    });
    const before = server.applicationPids();
    const stuck = server.request("/keep-gil?seconds=60");
    await folder.waitForNotes("started");
    await server.log.waitFor(
      new RegExp(`process ${before[0]} has not answered .*--deadlock-timeout`),
    );
    await server.log.waitFor(/recycling\.wsgi", line \d+ in keep_gil/);
    await replaced(server, before);
    assert.ok((await stuck).status >= 500);
    assert.equal((await server.request("/pid")).status, 200);
  },
);

Deno.test("a process that is only busy is no deadlock", async () => {
  await using server = await startServer({
    app: "recycling.wsgi",
    args: ["--deadlock-timeout", "2"],
  });
  const [before] = server.applicationPids();
  // CPU time, of which a busy machine gives little.
  const burning = [1, 2, 3].map(() => server.request("/burn?seconds=4", { deadline: 120_000 }));
  const answers = await Promise.all(burning);
  assert.deepEqual(answers.map(({ text }) => text), [1, 2, 3].map(() => String(before)));
});

Deno.test("--startup-timeout replaces a process that loads too long for the request that waits", async () => {
  using folder = new Folder();
  await using server = await startServer({
    app: "recycling.wsgi",
    // The process that follows the one that hangs must load in that time too.
    args: ["--startup-timeout", "4"],
    env: folder.env,
    complaintsExpected: true,
  });
  const before = server.applicationPids();
  folder.write("hang");
  server.signal("SIGHUP");
  await folder.waitForNotes("hanging");
  const answer = server.request("/pid", { deadline: 60_000 });
  await server.log.waitFor(/has not loaded its application within --startup-timeout \(4 s\)/);
  await server.log.waitFor(/recycling\.wsgi", line \d+ in <module>/);
  Deno.removeSync(folder.file("hang"));
  assert.equal((await answer).status, 200);
  const after = server.applicationPids();
  assert.ok(!after.includes(before[0]!));
  assert.ok(!after.includes(Number(folder.notes("hanging")[0])));
});

Deno.test("--queue-timeout answers 504 to a request that waited too long, without calling the application", async () => {
  using folder = new Folder();
  await using server = await startServer({
    app: "recycling.wsgi",
    args: ["--queue-timeout", "1", "--threads", "1"],
    env: folder.env,
  });
  const running = server.request("/wait", { deadline: 60_000 });
  await folder.waitForNotes("started");
  const begin = performance.now();
  assert.equal((await server.request("/nap?seconds=0")).status, 504);
  const took = performance.now() - begin;
  assert.ok(took > 950, `${took} ms`);
  await server.log.waitFor(
    /\[wsgi:error\] .*\[remote 127\.0\.0\.1:\d+\] Queue timeout expired: .*--queue-timeout \(1 s\)/,
  );
  folder.write("go");
  assert.equal((await running).status, 200);
  assert.equal(folder.notes("started").length, 1);
});

Deno.test("--connect-timeout answers 503 while no process takes requests", async () => {
  using folder = new Folder();
  await using server = await startServer({
    app: "recycling.wsgi",
    args: ["--connect-timeout", "1", "--startup-timeout", "0"],
    env: folder.env,
  });
  folder.write("hang");
  server.signal("SIGHUP");
  await folder.waitForNotes("hanging");
  const begin = performance.now();
  // By default it would be 15 s.
  assert.equal((await server.request("/pid", { deadline: 12_000 })).status, 503);
  const took = performance.now() - begin;
  assert.ok(took > 950, `${took} ms`);
  await server.log.waitFor(
    /\[wsgi:error\] .*\[remote 127\.0\.0\.1:\d+\] No process took requests within --connect-timeout \(1 s\)/,
  );
  Deno.removeSync(folder.file("hang"));
  assert.equal(
    (await until(async () => {
      const answer = await server.request("/pid");
      return answer.status === 200 && answer;
    }, "answer of the process that has loaded")).status,
    200,
  );
});

Deno.test("--slow-requests names a request that runs longer, once", async () => {
  await using server = await startServer({
    app: "recycling.wsgi",
    args: ["--slow-requests", "0.5"],
  });
  assert.equal((await server.request("/burn?seconds=2.5", { deadline: 60_000 })).status, 200);
  await server.stop();
  const lines = server.log.matches(/\[wsgi:warn\].*Slow request .*GET \/burn\?seconds=2\.5 for \d/);
  assert.equal(lines.length, 1, server.log.tail());
});

forEachMode(
  "--socket-timeout ends a head that stands still without a --header-timeout",
  async (mode) => {
    await using server = await startServer({
      app: "hello.wsgi",
      args: [...mode.args, "--header-timeout", "0", "--socket-timeout", "1"],
    });
    using connection = await server.connect();
    await connection.send("GET / HTTP/1.1\r\n");
    assert.equal((await connection.readResponse())?.status, 408);
  },
);
