/** Several application processes that accept from one listening socket. */

import assert from "node:assert/strict";
import {
  Folder,
  NotStartedError,
  requestBytes,
  type Response,
  type Server,
  startServer,
  until,
} from "./harness.ts";

const SIZE = ["--embedded-mode", "--processes", "3", "--threads", "2"];
const CLIENTS = 12;
const REQUESTS = 60;

interface Stretch {
  readonly pid: number;
  readonly begin: number;
  readonly end: number;
}

/** Sends requests that sleep 0.2 s, from several clients at a time, and tells when each ran where. */
async function sleepers(server: Server, keepAlive: boolean): Promise<Stretch[]> {
  const found: Stretch[] = [];
  let left = REQUESTS;
  const client = async () => {
    let connection = await server.connect();
    while (left-- > 0) {
      await connection.send(requestBytes(server.url, "/nap?seconds=0.2", { keepAlive }));
      const { pid, begin, end } = (await connection.readResponse())!.json;
      found.push({ pid, begin, end });
      if (keepAlive) continue;
      connection.close();
      connection = await server.connect();
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return found;
}

/** The most that ran at a time. */
function mostAtATime(stretches: Stretch[]): number {
  const running = stretches.map(({ begin }) =>
    stretches.filter((other) => other.begin <= begin && begin < other.end)
  );
  return Math.max(...running.map((each) => each.length));
}

for (const keepAlive of [false, true]) {
  const kind = keepAlive ? "kept connections" : "a connection for each request";
  Deno.test(`three processes of two threads share the load of twelve clients: ${kind}`, async () => {
    await using server = await startServer({ app: "process.wsgi", args: SIZE });
    const pids = server.applicationPids();
    assert.equal(pids.length, 3);
    const stretches = await sleepers(server, keepAlive);
    assert.equal(stretches.length, REQUESTS);
    for (const pid of pids) {
      assert.equal(mostAtATime(stretches.filter((each) => each.pid === pid)), 2, `process ${pid}`);
    }
    // All six threads at once: no process idles while clients wait.
    assert.equal(mostAtATime(stretches), 6);
    // None was started or ended for it.
    assert.deepEqual(server.applicationPids(), pids);
  });
}

for (const threads of [1, 2]) {
  const size = `${threads} ${threads === 1 ? "thread" : "threads"}`;
  Deno.test(`a process that is busy makes no connection wait that another could take: ${size}`, async () => {
    const args = ["--embedded-mode", "--processes", "2", "--threads", String(threads)];
    using folder = new Folder();
    await using server = await startServer({ app: "process.wsgi", args, env: folder.env });
    for (let round = 0; round < 3; round++) {
      // They leave one thread of one process.
      const long: Promise<Response>[] = [];
      for (let number = 1; number < 2 * threads; number++) {
        long.push(server.request("/wait"));
        await folder.waitForNotes("started", round * (2 * threads - 1) + number);
      }
      // One that the busy process took would be answered behind the long ones, which end behind them all.
      const served = new Set<string>();
      for (let number = 0; number < 20; number++) {
        served.add(String((await server.request("/nap?seconds=0.001")).json.pid));
      }
      folder.write("go");
      const busy = (await Promise.all(long)).map(({ text }) =>
        /^waited True in (\d+)$/.exec(text)![1]
      );
      const free = server.applicationPids().map(String)
        .filter((pid) => busy.filter((each) => each === pid).length < threads);
      assert.deepEqual([...served], free);
      Deno.removeSync(folder.file("go"));
    }
  });
}

Deno.test("connections that stay silent keep no process from accepting", async () => {
  // Longer than an answer is waited for.
  const args = [...SIZE, "--header-timeout", "60", "--header-max-timeout", "60"];
  await using server = await startServer({ app: "process.wsgi", args });
  const silent = [];
  for (let number = 0; number < 15; number++) silent.push(await server.connect());
  for (let number = 0; number < 10; number++) {
    assert.equal((await server.request("/pid")).status, 200);
  }
  // They were open all the time.
  for (const connection of silent) {
    await connection.send(requestBytes(server.url, "/pid"));
    assert.equal((await connection.readResponse())?.status, 200);
    connection.close();
  }
});

Deno.test("no connection is refused while killed processes are replaced", async () => {
  await using server = await startServer({ app: "process.wsgi", args: SIZE });
  const before = server.applicationPids();
  let ended = false;
  let refused = 0;
  let served = 0;
  const client = async () => {
    while (!ended) {
      const connection = await server.connect().catch(() => undefined);
      if (connection === undefined) {
        refused++;
        continue;
      }
      try {
        await connection.send(requestBytes(server.url, "/pid"));
        // A connection to the process that was killed ends; that one is lost.
        if (await connection.readResponse() !== undefined) served++;
      } catch {
        // Reset: likewise.
      } finally {
        connection.close();
      }
    }
  };
  const clients = Promise.all([client(), client()]);
  for (const pid of before) {
    const mark = served;
    Deno.kill(pid, "SIGKILL");
    await until(
      () => server.applicationPids().length === 3 && !server.applicationPids().includes(pid),
      "replacement of the process",
    );
    await until(() => served > mark + 20, "answers");
  }
  ended = true;
  await clients;
  assert.equal(refused, 0);
});

const FLAGS = ["wsgi.multithread", "wsgi.multiprocess", "mod_wsgi.process_group"];

/** Arguments, the banner's capacity, processes, and what an application is told of them. */
const POOLS: [string[], string, number, unknown[]][] = [
  [[], "5 (1 process * 5 threads)", 1, [true, false, ""]],
  [["--threads", "1"], "1 (1 process * 1 thread)", 1, [false, false, ""]],
  [["--processes", "2"], "10 (2 processes * 5 threads)", 2, [true, true, ""]],
  [
    ["--server-mpm", "prefork", "--processes", "2", "--threads", "2"],
    "4 (4 processes * 1 thread)",
    4,
    [false, true, ""],
  ],
  [["--server-mpm", "event", "--threads", "3"], "3 (1 process * 3 threads)", 1, [true, false, ""]],
];

for (const [args, capacity, processes, flags] of POOLS) {
  Deno.test(`an exact pool in embedded mode: ${args.join(" ") || "the default"}`, async () => {
    await using server = await startServer({
      app: "environ.wsgi",
      args: ["--embedded-mode", ...args],
    });
    await server.log.waitFor(/^Operating Mode +: embedded$/);
    assert.equal((await server.log.waitFor(/^Request Capacity +: (.+)$/))[1], capacity);
    assert.equal(server.applicationPids().length, processes);
    const { environ } = (await server.request("/")).json;
    assert.deepEqual(FLAGS.map((name) => environ[name]), flags);
    for (const name of ["mod_wsgi.queue_start", "mod_wsgi.daemon_start"]) {
      assert.ok(!(name in environ), name);
    }
  });
}

Deno.test("--server-mpm event needs three threads in embedded mode", async () => {
  const args = ["--embedded-mode", "--server-mpm", "event", "--threads", "2"];
  await assert.rejects(startServer({ app: "hello.wsgi", args }), (error) => {
    assert.ok(error instanceof NotStartedError);
    assert.equal(error.exit.code, 3);
    assert.ok(error.log.matches(/three threads/).length > 0, error.log.tail());
    return true;
  });
});
