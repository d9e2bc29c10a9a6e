import assert from "node:assert/strict";
import type { Listener } from "../../../core/net/transport.ts";
import { withShiftedClock } from "../shifted_clock.ts";
import { FakeStream } from "./fake_stream.ts";
import { TestService } from "./served_connection.ts";

function fakeListener(): Listener & { paused: boolean } {
  return {
    address: { hostname: "", port: 0 },
    fd: undefined,
    paused: false,
    pause() {
      this.paused = true;
    },
    resume() {
      this.paused = false;
    },
    close() {},
  };
}

Deno.test("accepting stops while there are more connections than --max-clients allows", () => {
  using test = new TestService({ maxClients: 2 });
  const listener = fakeListener();
  test.service.limit(listener);
  const first = test.connect();
  test.connect();
  assert.equal(listener.paused, false);
  test.connect();
  assert.equal(listener.paused, true);
  first.close();
  assert.equal(listener.paused, false);
  test.connect();
  assert.equal(listener.paused, true);
});

Deno.test("beyond --max-clients, kept connections without a request give way, the oldest first", () => {
  using test = new TestService({ maxClients: 2 });
  const listener = fakeListener();
  test.service.limit(listener);
  const [first, second] = [test.connect(), test.connect()];
  for (const client of [second, first]) {
    client.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    test.last.answer();
    assert.doesNotMatch(client.sent(), /Connection: close/);
  }
  assert.deepEqual([first.closed, second.closed], [false, false], "nobody else wants to be served");
  const third = test.connect();
  assert.deepEqual([first.closed, second.closed], [true, false]);
  assert.equal(listener.paused, false);
  test.connect();
  assert.deepEqual([second.closed, third.closed], [true, false]);
  test.connect();
  assert.equal(listener.paused, true, "a new connection is not a kept one");
  third.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  test.last.answer();
  assert.match(third.sent(), /Connection: close/);
});

Deno.test("a connection that closed before it could be served is not counted", () => {
  using test = new TestService();
  const stream = new FakeStream();
  stream.close();
  test.service.accept(stream);
  assert.equal(test.service.connections, 0);
});

Deno.test("close ends every connection and writes the rest of the access log", () => {
  const test = new TestService();
  const [busy, idle] = [test.connect(), test.connect()];
  busy.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  test.service.close();
  assert.deepEqual([busy.closed, idle.closed], [true, true]);
  assert.equal(test.service.connections, 0);
  assert.match(test.accessLog, /GET \/ HTTP/);
});

Deno.test("the sweep writes the access log", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  test.last.answer();
  assert.equal(test.accessLog, "");
  test.pass(0);
  assert.match(test.accessLog, /" 200 5\n$/);
});

Deno.test("each request and each connection has a number of its own", () => {
  using test = new TestService();
  for (let count = 0; count < 2; count++) {
    const client = test.connect();
    for (let request = 0; request < 2; request++) {
      client.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      test.last.answer();
    }
  }
  const ids = (name: string) => new Set(test.requests.map((each) => each.environ(name))).size;
  assert.equal(ids("mod_wsgi.request_id"), 4);
  assert.equal(ids("mod_wsgi.connection_id"), 2);
});

Deno.test("log lines tell the client's address", () => {
  using test = new TestService();
  test.connect().receive("NONSENSE\r\n\r\n");
  assert.match(test.errorLog, /\[remote 192\.0\.2\.7:4711\] refused a request with 400/);
});

Deno.test("times of requests go with a system clock that is set while the server runs", () => {
  using test = new TestService();
  const before = test.service.epochMilliseconds();
  withShiftedClock(3_600_000, () => test.service.sweep());
  const moved = test.service.epochMilliseconds() - before;
  assert.ok(Math.abs(moved - 3_600_000) < 1_800_000, String(moved));
});
