/** `mod_wsgi.server_metrics()`. */

import assert from "node:assert/strict";
import { newestPython } from "../pythons.ts";
import { Folder, forEachMode, forEachPython, startServer, until } from "./harness.ts";

// deno-lint-ignore no-explicit-any -- JSON of the application
type Metrics = Record<string, any>;

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

/** Two processes, one request that waits and one that asks. */
async function checkServerMetrics(
  python: string,
  args: readonly string[],
  threads: number,
): Promise<void> {
  using folder = new Folder();
  await using server = await startServer({
    app: "metrics.wsgi",
    python,
    env: folder.env,
    args: ["--server-metrics", ...args, "--processes", "2", "--threads", String(threads)],
  });
  const waiting = server.request("/waiting?x=1");
  await folder.waitForNotes("started");
  const { text, json: metrics }: { text: string; json: Metrics } = await server.request("/server");
  folder.write("go");
  await waiting;
  // Times are floats, and the running time is in whole seconds.
  assert.match(text, /"stop_time": 0\.0,/);
  assert.doesNotMatch(
    text,
    /"(start_time|stop_time|last_used|current_time|restart_time)": \d+[,}]/,
  );
  assert.match(text, /"running_time": \d+,/);
  assert.deepEqual(Object.keys(metrics).sort(), [
    "current_time",
    "processes",
    "restart_time",
    "running_generation",
    "running_time",
    "server_limit",
    "thread_limit",
  ]);
  assert.equal(metrics.server_limit, 2);
  assert.equal(metrics.thread_limit, threads);
  assert.equal(metrics.running_generation, 0);
  assert.ok(Math.abs(metrics.current_time - Date.now() / 1000) < 30);
  assert.ok(metrics.restart_time <= metrics.current_time);
  assert.ok(Number.isInteger(metrics.running_time));
  assert.deepEqual(metrics.processes.map((each: Metrics) => each.process_num), [0, 1]);
  const pids = metrics.processes.map((each: Metrics) => each.pid);
  assert.deepEqual(pids.toSorted(), server.applicationPids().toSorted());
  const workers: Metrics[] = metrics.processes.flatMap((each: Metrics) => {
    assert.deepEqual(Object.keys(each).sort(), [
      "generation",
      "pid",
      "process_num",
      "quiescing",
      "workers",
    ]);
    assert.equal(each.quiescing, false);
    assert.equal(each.workers.length, threads);
    return each.workers;
  });
  const busy = workers.filter((each) => each.status === "W");
  assert.deepEqual(busy.map((each) => each.request).sort(), [
    "GET /server HTTP/1.1",
    "GET /waiting?x=1 HTTP/1.1",
  ]);
  for (const each of busy) {
    assert.deepEqual(Object.keys(each).sort(), [
      "access_count",
      "bytes_served",
      "client",
      "generation",
      "last_used",
      "request",
      "start_time",
      "status",
      "stop_time",
      "thread_num",
      "vhost",
    ]);
    assert.equal(each.client, "127.0.0.1");
    assert.equal(each.vhost, `127.0.0.1:${new URL(server.url).port}`);
    assert.ok(Math.abs(each.start_time - metrics.current_time) < 30);
  }
  assert.equal(workers.filter((each) => each.status === "_").length, 2 * threads - 2);
  // Where processes serve clients themselves, an answer can be there before it is counted.
  let answered = 2;
  const all = await until(async () => {
    const { processes }: Metrics = (await server.request("/server")).json;
    const workers: Metrics[] = processes.flatMap((each: Metrics) => each.workers);
    return sum(workers.map((each) => each.access_count)) === answered++ && workers;
  }, "count of all requests");
  assert.ok(sum(all.map((each) => each.bytes_served)) > "waited".length);
}

forEachPython("server_metrics() tells who serves what, where it was asked for", async (python) => {
  await checkServerMetrics(python.executable, [], 3);
});

forEachMode("server_metrics() tells it in embedded mode too", async ({ args, threads }) => {
  await checkServerMetrics(newestPython().executable, args, Math.min(threads, 3));
}, { embedded: true });

forEachMode(
  "server_metrics() shows a process that is replaced, in a generation of its own",
  async (mode) => {
    using folder = new Folder();
    await using server = await startServer({
      app: "metrics.wsgi",
      env: folder.env,
      args: [...mode.args, "--server-metrics"],
    });
    assert.equal((await server.request("/sleep?seconds=0.001")).text, "slept");
    const [before] = server.applicationPids();
    const waiting = server.request("/waiting");
    await folder.waitForNotes("started");
    server.signal("SIGUSR1");
    // The question may come to the old process, or to the new one before the old one knows of it.
    const { processes, running_generation }: Metrics = await until(async () => {
      if (server.applicationPids().length < 2) return false;
      const metrics: Metrics = (await server.request("/server")).json;
      const serves = (each: Metrics) =>
        each.workers.some(({ status }: Metrics) => status === "W") && each.pid !== before;
      const leaves = (each: Metrics) => each.quiescing && each.pid === before;
      return metrics.processes.some(serves) && metrics.processes.some(leaves) && metrics;
    }, "successor that serves");
    folder.write("go");
    await waiting;
    assert.equal(running_generation, 1);
    const [old, young] = processes.toSorted((a: Metrics, b: Metrics) =>
      a.generation - b.generation
    );
    assert.deepEqual([old.pid, old.generation, old.quiescing], [before, 0, true]);
    assert.deepEqual([young.generation, young.quiescing], [1, false]);
    assert.deepEqual(
      old.workers.filter(({ request }: Metrics) => request === "GET /waiting HTTP/1.1")
        .map(({ status }: Metrics) => status),
      ["G"],
    );
  },
);
