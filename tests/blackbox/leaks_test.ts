/** Clients that leave at every stage of a request leave nothing behind. */

import assert from "node:assert/strict";
import { Folder, forEachMode, requestBytes, startServer } from "./harness.ts";
import { ABORTS } from "./aborts.ts";
import { resourcesAtRest, returnsTo } from "./resources.ts";

forEachMode(
  "clients that leave at any stage leak no descriptor, thread or process",
  async (mode) => {
    using folder = new Folder();
    await using server = await startServer({ app: "mixed.wsgi", args: mode.args, env: folder.env });
    const everyStage = async () => {
      for (const stage of Object.values(ABORTS)) {
        await Promise.all(
          Array.from({ length: 4 }, async () => {
            using connection = await server.connect();
            await stage(connection, server);
          }),
        );
      }
      // All threads are free again.
      const answers = await Promise.all(
        Array.from({ length: mode.threads * 2 }, () => server.request("/pid")),
      );
      assert.ok(answers.every(({ status }) => status === 200));
    };
    for (let round = 0; round < 3; round++) await everyStage();
    const pids = server.processes().map(({ pid }) => pid);
    const before = await resourcesAtRest(server);
    for (let round = 0; round < 10; round++) await everyStage();
    await returnsTo(server, before);
    assert.deepEqual(server.processes().map(({ pid }) => pid), pids);
  },
);

forEachMode("ten thousand requests leak no memory", async (mode) => {
  await using server = await startServer({ app: "mixed.wsgi", args: mode.args });
  const resident = () =>
    server.processes().reduce((sum, { pid }) => {
      const match = /^RssAnon:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
      return sum + Number(match![1]) * 1024;
    }, 0);
  const requests = async (count: number) => {
    await Promise.all(Array.from({ length: 8 }, async () => {
      using connection = await server.connect();
      for (let number = 0; number < count / 8; number++) {
        await connection.send(
          requestBytes(server.url, "/echo", {
            method: "POST",
            body: "x".repeat(2000),
            keepAlive: true,
          }),
        );
        assert.equal((await connection.readResponse())?.body.length, 2000);
      }
    }));
  };
  await requests(8000);
  const before = resident();
  await requests(10_000);
  const grown = resident() - before;
  assert.ok(grown < 16 * 1024 * 1024, `grew by ${(grown / 1048576).toFixed(1)} MiB`);
});
