/** Clients that leave at every stage of a request leave nothing behind. */

import assert from "node:assert/strict";
import {
  type Connection,
  Folder,
  forEachMode,
  requestBytes,
  type Server,
  startServer,
  until,
} from "./harness.ts";
import { descriptors, threadCount } from "./processes.ts";

/** What a client does before it leaves. */
const STAGES: Record<string, (connection: Connection, server: Server) => Promise<void>> = {
  "after connecting": async () => {},
  "inside the request line": (connection) => connection.send("GET /pi"),
  "inside the headers": (connection) => connection.send("GET /pid HTTP/1.1\r\nHost: a\r\nX-"),
  "after the request": (connection, server) =>
    connection.send(requestBytes(server.url, "/sized?size=3000000")),
  "inside a body that is read": (connection) =>
    connection.send("POST /tolerant HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc"),
  "inside a body that nobody reads": (connection) =>
    connection.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc"),
  "while 100 Continue is awaited": (connection) =>
    connection.send(
      "POST /tolerant HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
    ),
  "inside a streamed response": async (connection, server) => {
    await connection.send(requestBytes(server.url, "/endless"));
    await connection.readHead();
  },
  "inside pipelined requests": async (connection, server) => {
    const one = requestBytes(server.url, "/sized?size=100000", { keepAlive: true });
    for (let number = 0; number < 10; number++) await connection.send(one);
    await connection.readResponse();
  },
  "after a kept response": async (connection, server) => {
    await connection.send(requestBytes(server.url, "/pid", { keepAlive: true }));
    await connection.readResponse();
  },
};

/** Descriptors and threads of every process, by pid. */
function resources(server: Server): string {
  return server.processes().map(({ pid }) =>
    `${pid}: ${descriptors(pid).size} descriptors, ${threadCount(pid)} threads`
  ).join("; ");
}

forEachMode(
  "clients that leave at any stage leak no descriptor, thread or process",
  async (mode) => {
    using folder = new Folder();
    await using server = await startServer({ app: "mixed.wsgi", args: mode.args, env: folder.env });
    const everyStage = async () => {
      for (const stage of Object.values(STAGES)) {
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
    const quiet = await until(() => resources(server), "resources");
    for (let round = 0; round < 10; round++) await everyStage();
    let now = "";
    await until(() => {
      now = resources(server);
      return now === quiet;
    }, "return to the resources of before").catch((error) => {
      error.message += `\nbefore: ${quiet}\nafter:  ${now}`;
      throw error;
    });
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
