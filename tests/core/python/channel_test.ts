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

testEach("whenever connections are closed, every request is answered", async (python) => {
  for (const threads of [1, 3]) {
    await using half = await PythonHalf.start({ python, source: STREAM, plan: { threads } });
    for (let count = 0; count < 30; count += 1) {
      const clients = Array.from({ length: threads }, () => half.client());
      await Promise.all(clients.map((client) => client.request(pairs())));
      for (const client of clients) {
        // What was sent over a connection that is being closed may be lost: then an abort follows.
        const answer = await client.response().catch((error) => {
          assert.match(error.message, /a frame A|connection of the answer ended/);
        });
        if (answer !== undefined) assert.equal(answer.body.toString(), "/.");
      }
      half.gateway.closeThreads();
    }
    assert.equal(await half.stop(), 0);
    assert.equal(half.log, "");
  }
});

testEach("a promotion that comes too late does no harm", async (python) => {
  const source = `
def application(environ, start_response):
    data = environ["wsgi.input"].read()
    start_response("200 OK", [])
    return iter([b"got ", data])
`;
  await withApplication({ python, source }, async (client, half) => {
    for (const body of ["one", "two", "three"]) {
      await client.request(pairs(), 2);
      assert.equal((await client.frame()).type, "W");
      await half.gateway.sendToThread(1, encodeFrame("P"));
      await client.body(body);
      await client.endOfBody();
      assert.equal((await client.response()).body.toString(), "got " + body);
      await half.gateway.sendToThread(1, encodeFrame("P"));
    }
    assert.equal(half.log, "");
  });
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
