/** What only embedded mode promises: its exact size, and one listening socket for all processes. */

import assert from "node:assert/strict";
import { run, startServer } from "./harness.ts";
import { Load } from "./load.ts";
import { until } from "./deadline.ts";
import { hasMapped } from "./processes.ts";
import { modesUnderTest } from "./modes.ts";

const ignore = !modesUnderTest().some(({ embedded }) => embedded);

Deno.test({
  name: "embedded mode: three processes of two threads are exactly that, busy and idle",
  ignore,
  async fn() {
    await using server = await startServer({
      app: "threads.wsgi",
      args: ["--embedded-mode", "--processes", "3", "--threads", "2"],
    });
    await server.log.waitFor(/^Operating Mode {5}: embedded$/);
    await server.log.waitFor(/^Request Capacity {3}: 6 \(3 processes \* 2 threads\)$/);
    const pids = server.applicationPids();
    assert.equal(pids.length, 3);
    const begin = performance.now();
    const seen = new Map<number, number>();
    await Promise.all(Array.from({ length: 12 }, async () => {
      for (let number = 0; number < 5; number++) {
        const { pid, most } = (await server.request("/concurrency?seconds=0.2")).json;
        seen.set(pid, Math.max(most, seen.get(pid) ?? 0));
      }
    }));
    const took = performance.now() - begin;
    assert.deepEqual([...seen.keys()].sort((a, b) => a - b), pids);
    assert.deepEqual([...seen.values()], [2, 2, 2]);
    assert.ok(took > 1990 && took < 3000, `60 requests took ${took} ms`);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    assert.deepEqual(server.applicationPids(), pids);
    assert.ok(!hasMapped(server.pid, /libpython/));
  },
});

Deno.test({
  name: "embedded mode: while a process is replaced no connection is refused",
  ignore,
  async fn() {
    await using server = await startServer({
      app: "process.wsgi",
      args: ["--embedded-mode", "--processes", "2", "--threads", "1"],
    });
    await using load = new Load(server.url, "/pid", 4);
    for (let round = 0; round < 4; round++) {
      const seen = load.answered;
      await until(() => load.answered > seen + 100, "load");
      const before = server.applicationPids();
      Deno.kill(before[0]!, "SIGKILL");
      await until(() => {
        const now = server.applicationPids();
        return now.length === 2 && !now.includes(before[0]!);
      }, "replacement");
    }
    const { failures } = await load.stop();
    assert.ok(!failures.some((text) => /refused/i.test(text)), failures.join("\n"));
    // Those that the killed process had accepted are lost with it.
    assert.ok(failures.length <= 4 * 4, failures.join("\n"));
  },
});

Deno.test({
  name: "embedded mode: --server-mpm event needs three threads, prefork makes processes of one",
  ignore,
  async fn() {
    const refused = await run([
      "start-server",
      "tests/apps/hello.wsgi",
      "--embedded-mode",
      "--server-mpm",
      "event",
      "--threads",
      "2",
    ]);
    assert.ok(refused.status === 2 || refused.status === 3, `status ${refused.status}`);
    assert.match(refused.stderr, /three threads/);
    await using server = await startServer({
      app: "threads.wsgi",
      args: ["--embedded-mode", "--server-mpm", "prefork", "--processes", "2", "--threads", "2"],
    });
    assert.equal(server.applicationPids().length, 4);
    const results = await Promise.all(
      Array.from({ length: 8 }, () => server.request("/concurrency?seconds=0.2")),
    );
    assert.ok(results.every(({ json }) => json.most === 1));
  },
});
