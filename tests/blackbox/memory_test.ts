/** Bodies of any size pass through without being kept. */

import assert from "node:assert/strict";
import { Folder, forEachMode, type Server, startServer, until } from "./harness.ts";
import { peakMemory, resetPeakMemory } from "./processes.ts";

const GIBIBYTE = 1024 * 1024 * 1024;
const ALLOWED = 32 * 1024 * 1024;
/** `WSGI_EXPRESS_TEST_BODY` (bytes) makes a quick run possible. */
const SIZE = Number(Deno.env.get("WSGI_EXPRESS_TEST_BODY") ?? GIBIBYTE);
const DEADLINE = 120_000;

/** Largest resident sets since the last reset, in bytes, by process. */
function peaks(server: Server): Map<number, number> {
  return new Map(server.processes().map(({ pid }) => [pid, peakMemory(pid)]));
}

/** Begins to watch; the function it gives checks that all processes together have grown little. */
function watchMemory(server: Server): () => void {
  for (const { pid } of server.processes()) resetPeakMemory(pid);
  const before = peaks(server);
  return () => {
    const grown = [...peaks(server)].map(([pid, peak]) => peak - before.get(pid)!);
    const sum = grown.reduce((total, growth) => total + growth, 0);
    const each = grown.map((growth) => (growth / 1048576).toFixed(1)).join(" + ");
    assert.ok(sum < ALLOWED, `server and application processes grew by ${each} MiB`);
  };
}

async function upload(server: Server, size: number): Promise<number> {
  using connection = await server.connect();
  connection.deadline = DEADLINE;
  await connection.send(
    `POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`,
  );
  const block = new Uint8Array(1 << 20).fill(97);
  for (let left = size; left > 0; left -= block.length) {
    await connection.send(left < block.length ? block.subarray(0, left) : block);
  }
  return (await connection.readResponse())!.json.length;
}

async function download(server: Server, path: string): Promise<number> {
  using connection = await server.connect();
  connection.deadline = DEADLINE;
  await connection.send(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  assert.equal((await connection.readHead())?.status, 200);
  let received = 0;
  for (let part; (part = await connection.readBodyPart()) !== null;) received += part.length;
  return received;
}

forEachMode("an upload of 1 GiB costs less than 32 MiB in all processes together", async (mode) => {
  await using server = await startServer({
    app: "bodies.wsgi",
    args: [...mode.args, "--limit-request-body", "0"],
  });
  for (let round = 0; round < 5; round++) assert.equal(await upload(server, 4_000_000), 4_000_000);
  const check = watchMemory(server);
  assert.equal(await upload(server, SIZE), SIZE);
  check();
});

forEachMode(
  "a download of 1 GiB costs less than 32 MiB in all processes together",
  async (mode) => {
    using folder = new Folder();
    await using server = await startServer({
      app: "streaming.wsgi",
      args: mode.args,
      env: folder.env,
    });
    const path = `/sized-unchecked?size=`;
    for (let round = 0; round < 5; round++) await download(server, `${path}4000000`);
    const check = watchMemory(server);
    assert.equal(await download(server, `${path}${SIZE}`), SIZE);
    check();
  },
);

forEachMode("a reader that stops for a while costs no memory", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "streaming.wsgi",
    args: mode.args,
    env: folder.env,
  });
  await download(server, "/sized-unchecked?size=4000000");
  const check = watchMemory(server);
  using connection = await server.connect();
  await connection.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
  await connection.readHead();
  let last = -1, same = 0;
  await until(() => {
    const now = Number(folder.read("produced"));
    same = now === last && now > 0 ? same + 1 : 0;
    last = now;
    return same > 20;
  }, "rest of the generator");
  check();
});
