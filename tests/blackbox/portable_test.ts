/** The sockets of macOS and Windows (`core/net/portable.ts`), in every mode, where that can be chosen: on Linux. */
import assert from "node:assert/strict";
import { forEachMode, type Mode, requestBytes, type Server, startServer } from "./harness.ts";

function startPortable(app: string, { args }: Mode, ...more: string[]): Promise<Server> {
  const env = { WSGI_EXPRESS_TRANSPORT: "portable" };
  return startServer({ app, args: [...args, ...more], env });
}

forEachMode("over node:net: many requests on one connection, and their bodies", async (mode) => {
  await using server = await startPortable("bodies.wsgi", mode);
  using connection = await server.connect();
  for (const length of [0, 1, 65_536, 3_000_000]) {
    const body = new Uint8Array(length).fill(97);
    await connection.send(
      requestBytes(server.url, "/echo", { method: "POST", body, keepAlive: true }),
    );
    const response = await connection.readResponse("POST");
    assert.equal(response?.status, 200);
    assert.equal(response.body.length, length);
  }
});

forEachMode(
  "over node:net: processes are replaced, and every request is answered",
  async (mode) => {
    await using server = await startPortable("process.wsgi", mode, "--maximum-requests", "5");
    const pids = new Set<string>();
    for (let number = 0; number < 40 || pids.size < 3; number++) {
      const { status, text } = await server.request("/pid");
      assert.equal(status, 200);
      pids.add(text);
    }
  },
);

forEachMode("over node:net: two processes serve", async (mode) => {
  const size = ["--processes", "2", "--threads", String(mode.threads)];
  await using server = await startPortable("process.wsgi", mode, ...size);
  const pids = new Set<string>();
  for (let round = 0; round < 20 && pids.size < 2; round++) {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => server.request("/nap?seconds=0.05")),
    );
    for (const { json } of answers) pids.add(String(json.pid));
  }
  assert.equal(pids.size, 2);
});
