import assert from "node:assert/strict";
import { pairs, PythonHalf, testEach, withApplication } from "./python_half.ts";

const ECHO = `
import threading, time
go_on = threading.Event()
def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/slow":
        print("slow begins")
        go_on.wait(10)
    elif path == "/go":
        go_on.set()
    start_response("200 OK", [])
    return [path.encode(), b" ", environ["wsgi.input"].read()]
`;

testEach("a request is understood however its bytes arrive", async (python) => {
  await withApplication({ python, source: ECHO }, async (client) => {
    for (const cut of [1, 4, 5, 9, 13, 14, 15, 100, 700]) {
      const body = new TextEncoder().encode("body".repeat(cut));
      await client.request(pairs({ PATH_INFO: "/in-pieces" }), 1, body, cut);
      const response = await client.response();
      assert.equal(response.body.toString(), "/in-pieces " + "body".repeat(cut));
    }
  });
});

testEach("many requests at once are all answered, each with its own answer", async (python) => {
  await using half = await PythonHalf.start({ python, source: ECHO, plan: { threads: 3 } });
  const clients = Array.from({ length: 200 }, () => half.client());
  await Promise.all(
    clients.map((client, index) => client.request(pairs({ PATH_INFO: `/${index}` }))),
  );
  for (const [index, client] of clients.entries()) {
    assert.equal((await client.response()).body.toString(), `/${index} `);
  }
  assert.equal(await half.stop(), 0);
  assert.equal(half.log, "");
});

testEach("a request that takes long keeps no answer back", async (python) => {
  await using half = await PythonHalf.start({ python, source: ECHO, plan: { threads: 2 } });
  const quick = half.client();
  const slow = half.client();
  const go = half.client();
  await Promise.all([
    quick.request(pairs({ PATH_INFO: "/quick" })),
    slow.request(pairs({ PATH_INFO: "/slow" })),
  ]);
  assert.equal((await quick.response()).body.toString(), "/quick ");
  await half.logged(/slow begins\n/);
  await go.request(pairs({ PATH_INFO: "/go" }));
  assert.equal((await go.response()).body.toString(), "/go ");
  assert.equal((await slow.response()).body.toString(), "/slow ");
});
