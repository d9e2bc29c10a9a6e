import assert from "node:assert/strict";
import { encodeFrame } from "./frames.ts";
import { pythonResult } from "./python_code.ts";
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

testEach("a parked thread keeps trying to reach its gateway", async (python) => {
  await using half = await PythonHalf.start({ python, source: STREAM });
  for (let count = 0; count < 20; count += 1) {
    half.gateway.closeThreads();
    await half.gateway.threads(1);
  }
  const client = half.client();
  await client.request(pairs());
  assert.equal((await client.response()).body.toString(), "/.");
  assert.equal(await half.stop(), 0);
  assert.equal(half.log, "");
});

testEach(
  "a client that is gone is noticed at the next part, and the thread goes on",
  async (python) => {
    const source = `
import itertools

closed = []

class Endless:
    def __iter__(self):
        return itertools.repeat(b"part")
    def close(self):
        closed.append(1)

def application(environ, start_response):
    start_response("200 OK", [])
    if environ["PATH_INFO"] == "/":
        return Endless()
    return iter([str(len(closed)).encode(), b"."])
`;
    await using half = await PythonHalf.start({ python, source });
    for (const number of [1, 3, 5]) {
      const client = half.client();
      await client.request(pairs());
      await client.head();
      const abandoned = new Uint8Array([number, 0, 0, 0]);
      await half.gateway.sendToThread(1, encodeFrame("X", abandoned));
      while ((await client.frame()).type !== "A");
      const next = half.client();
      await next.request(pairs({ PATH_INFO: "/next" }));
      // What was said of the request before does not concern this one.
      await half.gateway.sendToThread(1, encodeFrame("X", abandoned));
      assert.equal((await next.response()).body.toString(), `${(number + 1) / 2}.`);
    }
    assert.equal(await half.stop(), 0);
    assert.equal(half.log, "");
  },
);

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

testEach("locks that an interrupted thread left taken are released", async (python) => {
  const result = await pythonResult(
    python,
    `
import threading
from _wsgi_express.channel import SocketChannel

channel = SocketChannel({"kind": "unix"}, "", 0, 1)
result = []

def attempt():
    result.append([lock.acquire(False) for lock in (channel.sending, channel.receiving)])
    channel.release_locks()

def attempt_elsewhere():
    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()

channel.sending.acquire()
channel.sending.acquire()
attempt_elsewhere()
channel.release_locks()
attempt_elsewhere()
`,
  );
  assert.deepEqual(result, [[false, true], [true, true]]);
});
