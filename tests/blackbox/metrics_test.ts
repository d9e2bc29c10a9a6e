/** `mod_wsgi.process_metrics()` and `mod_wsgi.request_metrics()`. */

import assert from "node:assert/strict";
import {
  Folder,
  forEachPython,
  forEachPythonAndMode,
  type Mode,
  MODES,
  type Server,
  startServer,
} from "./harness.ts";

// deno-lint-ignore no-explicit-any -- JSON of the application
type Metrics = Record<string, any>;

/** Takes request_metrics() outside of any request. */
class Taker {
  #count = 0;
  constructor(readonly folder: Folder) {}

  async take(): Promise<Metrics> {
    this.folder.write(`take ${this.#count}`);
    const lines = await this.folder.waitForNotes("metrics", ++this.#count);
    return JSON.parse(lines.at(-1)!);
  }
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

/** One request after the other. */
async function sleeps(server: Server, times: number, seconds: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    assert.equal((await server.request(`/sleep?seconds=${seconds}`)).text, "slept");
  }
}

const FLOATS = [
  "application_time",
  "capacity_utilization",
  "cpu_system_time",
  "cpu_user_time",
  "daemon_time",
  "queue_time",
  "request_throughput",
  "sample_period",
  "server_time",
  "start_time",
  "stop_time",
];
const INTEGERS = [
  "memory_max_rss",
  "memory_rss",
  "pid",
  "request_count",
  "request_threads_active",
  "request_threads_maximum",
  "request_threads_started",
];
const LISTS = [
  "application_time_buckets",
  "daemon_time_buckets",
  "queue_time_buckets",
  "request_threads_buckets",
  "server_time_buckets",
];

function checkShape(metrics: Metrics, { threads, embedded }: Mode): void {
  assert.deepEqual(Object.keys(metrics).sort(), [...FLOATS, ...INTEGERS, ...LISTS].sort());
  // Embedded mode has no queue and no daemon.
  const isMissing = (name: string) => embedded && /^(queue|daemon)_/.test(name);
  for (const name of FLOATS) {
    assert.equal(typeof metrics[name], isMissing(name) ? "object" : "number", name);
  }
  for (const name of INTEGERS) assert.ok(Number.isInteger(metrics[name]), name);
  for (const name of LISTS) {
    assert.equal(metrics[name].length, name.startsWith("request_threads") ? threads : 16, name);
    // Each request is in one bucket of each series.
    assert.equal(sum(metrics[name]), isMissing(name) ? 0 : metrics.request_count, name);
  }
  const elapsed = metrics.stop_time - metrics.start_time;
  // Two clocks, read one after the other.
  assert.ok(Math.abs(elapsed - metrics.sample_period) < 0.5, "sample_period");
  const perSecond = metrics.request_count / metrics.sample_period;
  assert.ok(Math.abs(perSecond - metrics.request_throughput) < 1e-6, "request_throughput");
  assert.ok(metrics.capacity_utilization >= 0 && metrics.capacity_utilization <= 1);
}

forEachPythonAndMode(
  "requests of 3, 30 and 700 ms are counted in buckets 0, 3 and 8",
  async (python, mode) => {
    using folder = new Folder();
    await using server = await startServer({
      app: "metrics.wsgi",
      python: python.executable,
      args: mode.args,
      env: folder.env,
    });
    const taker = new Taker(folder);
    assert.deepEqual(await taker.take(), {}, "the first call");
    for (const [seconds, bucket] of [[0.003, 0], [0.03, 3], [0.7, 8]] as const) {
      // On a busy machine it takes longer than it asks for, never shorter: then another period shows it.
      const found: number[] = [];
      do {
        await sleeps(server, 1, seconds);
        found.push((await taker.take()).application_time_buckets.indexOf(1));
        assert.ok(found.at(-1)! >= bucket, `${seconds} s in ${found}`);
      } while (found.at(-1) !== bucket && found.length < 20);
      assert.equal(found.at(-1), bucket, `${seconds} s in ${found}`);
    }
    await sleeps(server, 10, 0.003);
    await sleeps(server, 10, 0.03);
    await sleeps(server, 1, 0.7);
    const metrics = await taker.take();
    checkShape(metrics, mode);
    assert.equal(metrics.request_count, 21);
    const buckets: number[] = metrics.application_time_buckets;
    assert.ok(sum(buckets.slice(3)) >= 11 && sum(buckets.slice(8)) >= 1, String(buckets));
    // One after the other.
    const total = metrics.application_time * 21;
    assert.ok(total > 1.03 && total < metrics.sample_period, `${total} s`);
    const busy = metrics.capacity_utilization * metrics.sample_period * mode.threads;
    // A little longer than the application takes.
    const beside = busy - total;
    assert.ok(beside > -0.001 && beside < 1, `busy ${busy} s, ${beside} s beside the application`);
    assert.ok(metrics.request_threads_active >= 1);
    const empty = await taker.take();
    checkShape(empty, mode);
    assert.equal(empty.request_count, 0);
    assert.equal(empty.request_threads_active, 0);
  },
);

Deno.test("start_recording_metrics() makes the first request_metrics() a period", async () => {
  using folder = new Folder();
  await using server = await startServer({ app: "metrics.wsgi", env: folder.env });
  assert.equal((await server.request("/start")).json, null);
  await sleeps(server, 3, 0.001);
  const metrics = await new Taker(folder).take();
  checkShape(metrics, MODES[0]!);
  assert.equal(metrics.request_count, 3);
});

forEachPython("process_metrics() counts requests, busy time and threads", async (python) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "metrics.wsgi",
    python: python.executable,
    env: folder.env,
  });
  await sleeps(server, 3, 0.1);
  const waiting = server.request("/waiting");
  await folder.waitForNotes("started");
  const metrics: Metrics = (await server.request("/process")).json;
  folder.write("go");
  await waiting;
  assert.deepEqual(Object.keys(metrics).sort(), [
    "active_requests",
    "cpu_system_time",
    "cpu_user_time",
    "current_time",
    "memory_max_rss",
    "memory_rss",
    "pid",
    "request_busy_time",
    "request_count",
    "request_threads",
    "restart_time",
    "running_time",
    "threads",
  ]);
  assert.equal(metrics.pid, server.applicationPids()[0]);
  assert.equal(metrics.request_count, 3);
  assert.equal(metrics.active_requests, 2);
  // Seconds, and none of a smaller unit.
  assert.ok(metrics.request_busy_time >= 0.3 && metrics.request_busy_time < 30);
  assert.ok(metrics.request_threads >= 2 && metrics.request_threads <= 5);
  assert.equal(metrics.threads.length, metrics.request_threads);
  // The running ones are counted for their threads.
  assert.equal(sum(metrics.threads.map((each: Metrics) => each.request_count)), 5);
  for (const each of metrics.threads) assert.ok(each.thread_id >= 1 && each.thread_id <= 5);
  assert.ok(Math.abs(metrics.current_time - Date.now() / 1000) < 30);
  assert.ok(metrics.restart_time <= metrics.current_time);
  assert.ok(Number.isInteger(metrics.running_time));
  assert.ok(metrics.memory_rss > 1e6 && metrics.memory_max_rss >= 1e6);
});
