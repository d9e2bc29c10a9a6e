import assert from "node:assert/strict";
import { encodeFrame } from "./frames.ts";
import { pairs, PythonHalf, testEach, withApplication } from "./python_half.ts";

const STREAM = `
def application(environ, start_response):
    start_response("200 OK", [])
    return iter([environ["PATH_INFO"].encode(), b"."])
`;

testEach("a response in parts goes over the thread's own connection", async (python) => {
  await withApplication({ python, source: STREAM }, async (client, half) => {
    const before = half.gateway.trunkReads;
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "/.");
    assert.equal(client.isBound, true);
    assert.equal(half.gateway.trunkReads, before);
  });
});

testEach(
  "a frame that does not belong there is reported; the thread comes back",
  async (python) => {
    await withApplication({ python, source: STREAM }, async (client, half) => {
      await half.gateway.sendToThread(1, encodeFrame("B", new Uint8Array(20)));
      await half.logged(/ProtocolError: unexpected frame of type 66/);
      await half.gateway.threads(1);
      await client.request(pairs());
      assert.equal((await client.response()).body.toString(), "/.");
    });
  },
);

testEach("a thread keeps trying to reach its gateway", async (python) => {
  await using half = await PythonHalf.start({ python, source: STREAM });
  for (let count = 0; count < 20; count += 1) {
    if (count % 2 === 0) {
      const client = half.client();
      await client.request(pairs());
      await client.response();
    }
    half.gateway.closeThreads();
    await half.gateway.threads(1);
  }
  assert.equal(await half.stop(), 0);
  assert.equal(half.log, "");
});

testEach("connections over loopback TCP", async (python) => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const plan = { gateway: { kind: "tcp", host: "127.0.0.1", port } };
  const settings = { python, source: STREAM, plan, gateway: listener };
  await withApplication(settings, async (client, half) => {
    for (const path of ["/one", "/two"]) {
      await client.request(pairs({ PATH_INFO: path }));
      assert.equal((await client.response()).body.toString(), path + ".");
    }
    assert.equal(await half.stop(), 0);
  });
});
