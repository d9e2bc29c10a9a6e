import assert from "node:assert/strict";
import { TestService } from "./served_connection.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

function get(path: string, headers = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
}

Deno.test("a request is handed on and its answer written with one write", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET);
  assert.equal(test.last.environ("REQUEST_METHOD"), "GET");
  assert.equal(test.last.environ("REMOTE_ADDR"), "192.0.2.7");
  test.last.answer("hello");
  assert.equal(client.writes, 1);
  assert.match(client.sent(), /^HTTP\/1\.1 200 OK\r\n.*Content-Length: 5\r\n\r\nhello$/s);
  assert.deepEqual(test.access(), ['"GET / HTTP/1.1" 200 5']);
});

Deno.test("the connection stays open for further requests", () => {
  using test = new TestService();
  const client = test.connect();
  for (let count = 1; count <= 3; count++) {
    client.receive(get(`/${count}`));
    assert.equal(test.requests.length, count);
    assert.equal(test.last.environ("PATH_INFO"), `/${count}`);
    test.last.answer(String(count));
  }
  assert.equal(client.closed, false);
  assert.equal(client.ended, false);
});

Deno.test("a head may come byte by byte", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(get("/slow", "X-A: 1\r\n"), 1);
  assert.equal(test.requests.length, 1);
  assert.equal(test.last.environ("HTTP_X_A"), "1");
});

Deno.test("pipelined requests are served one after the other, in order", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(get("/1") + get("/2") + get("/3"));
  const bodies: string[] = [];
  for (let count = 1; count <= 3; count++) {
    assert.equal(test.requests.length, count, "one at a time");
    assert.equal(test.last.environ("PATH_INFO"), `/${count}`);
    test.last.answer(`answer ${count}`);
    bodies.push(client.sent().split("\r\n\r\n")[1]!);
  }
  assert.deepEqual(bodies, ["answer 1", "answer 2", "answer 3"]);
});

Deno.test("pipelined requests are the same however they are cut into reads", () => {
  const stream = get("/1") + "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" +
    "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n" +
    get("/4");
  for (let size = 1; size <= stream.length; size++) {
    using test = new TestService();
    const client = test.connect();
    client.receive(stream, size);
    const seen: string[] = [];
    for (let count = 0; count < test.requests.length; count++) {
      const served = test.requests[count]!;
      if (served.environ("PATH_INFO") === "/3") served.want();
      seen.push(`${served.environ("PATH_INFO")} ${served.wholeBody ?? ""}${served.body}`);
      served.answer();
    }
    assert.deepEqual(seen, ["/1 ", "/2 abc", "/3 xyz<COMPLETE>", "/4 "], `reads of ${size}`);
  }
});

Deno.test("pipelined requests that are refused at once do not grow the stack", () => {
  using test = new TestService({ mountPoint: "/app" });
  const client = test.connect();
  client.receive(GET.repeat(3000));
  assert.equal(client.sent().match(/^HTTP\/1\.1 404/gm)?.length, 3000);
});

Deno.test("a client that sends far ahead has to wait", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET);
  client.receive(get("/x", `X-Long: ${"x".repeat(7000)}\r\n`).repeat(12));
  assert.equal(client.paused, true);
  for (let count = 0; count < 13; count++) test.requests[count]!.answer();
  assert.equal(client.paused, false);
  assert.equal(test.requests.length, 13);
});

Deno.test("a client that reads no answers gets no more of them", () => {
  using test = new TestService({ responseBuffer: 1000 });
  const client = test.connect();
  client.room = 0;
  client.receive(GET.repeat(20));
  for (let count = 0; count < test.requests.length; count++) {
    test.requests[count]!.answer("x".repeat(400));
  }
  assert.ok(client.queued > 1000 && client.queued < 2000, String(client.queued));
  const before = test.requests.length;
  client.take();
  assert.equal(test.requests.length, before + 1);
});

Deno.test("Connection: close ends the connection behind the answer, and waits for the client", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(get("/", "Connection: close\r\n") + GET);
  test.last.answer();
  assert.match(client.sent(), /Connection: close/);
  assert.equal(client.ended, true);
  assert.equal(client.closed, false);
  client.receive(GET);
  assert.equal(test.requests.length, 1, "what comes behind is dropped");
  client.receiveEnd();
  assert.equal(client.closed, true);
});

Deno.test("a lingering connection is closed after two seconds", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(get("/", "Connection: close\r\n"));
  test.last.answer();
  test.pass(1.9);
  assert.equal(client.closed, false);
  test.pass(0.2);
  assert.equal(client.closed, true);
});

Deno.test("a client that reads slowly gets all of the last answer before the connection closes", () => {
  using test = new TestService();
  const client = test.connect();
  client.room = 100;
  client.receive(get("/", "Connection: close\r\n"));
  test.last.answer("x".repeat(5000));
  test.pass(10);
  assert.equal(client.closed, false);
  client.take();
  client.receiveEnd();
  assert.equal(client.closed, true);
  assert.equal(client.wasReset, false);
});

Deno.test("a keep-alive client that reads slowly is not idle", () => {
  using test = new TestService({ keepAlive: 2 });
  const client = test.connect();
  client.room = 100;
  client.receive(GET);
  test.last.answer("x".repeat(5000));
  test.pass(10);
  assert.equal(client.closed, false, "the answer would be cut");
  client.take();
  test.pass(1.9);
  assert.equal(client.closed, false);
  test.pass(0.2);
  assert.equal(client.closed, true);
});

Deno.test("a client that takes nothing of its answer within the time limit is reset", () => {
  using test = new TestService();
  const client = test.connect();
  client.room = 100;
  client.receive(GET);
  test.last.answer("x".repeat(5000));
  test.pass(29);
  client.take(100);
  test.pass(2);
  assert.equal(client.closed, false, "it took something");
  test.pass(28);
  assert.equal(client.closed, false);
  test.pass(3);
  assert.equal(client.wasReset, true);
  assert.match(test.errorLog, /did not read its response/);
});

Deno.test("an idle connection is closed when keep-alive is over", () => {
  using test = new TestService({ keepAlive: 5 });
  const client = test.connect();
  client.receive(GET);
  test.last.answer();
  client.sent();
  test.pass(5.1);
  assert.equal(client.closed, true);
  assert.equal(client.sent(), "");
});

Deno.test("a running request has no time limit here", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET);
  test.pass(10_000);
  assert.equal(client.closed, false);
});

Deno.test("without keep-alive every answer ends the connection", () => {
  using test = new TestService({ keepAlive: 0 });
  const client = test.connect();
  client.receive(GET);
  test.last.answer();
  assert.match(client.sent(), /Connection: close/);
  assert.equal(client.ended, true);
});

Deno.test("a connection on which nothing comes is closed silently", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive("\r\n");
  test.pass(16);
  assert.equal(client.closed, true);
  assert.equal(client.sent(), "");
});

Deno.test("a head that takes too long is answered with 408", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive("GET / HTTP/1.1\r\nHo");
  test.pass(14);
  assert.equal(client.sent(), "");
  test.pass(2);
  assert.match(client.sent(), /^HTTP\/1\.1 408 /);
  assert.deepEqual(test.access(), ['"GET / HTTP/1.1" 408 ' + errorBodyLength(test)]);
});

Deno.test("bytes of a head buy time, up to a limit", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(`GET / HTTP/1.1\r\nX-A: ${"a".repeat(5000)}`);
  test.pass(20);
  assert.equal(client.sent(), "", "5,000 bytes bought 10 seconds");
  client.receive(`\r\nX-B: ${"b".repeat(8000)}\r\nX-C: ${"c".repeat(8000)}`);
  test.pass(19);
  assert.equal(client.sent(), "");
  test.pass(2);
  assert.match(client.sent(), /^HTTP\/1\.1 408 /, "40 seconds are the most");
});

Deno.test("a head that stands still is answered with 408, whatever time the whole may take", () => {
  using test = new TestService({ headerTimeout: 0, socketTimeout: 3 });
  const client = test.connect();
  client.receive("GET / HTTP/1.1\r\n");
  test.pass(2);
  client.receive("X-A: 1\r\n");
  test.pass(2);
  assert.equal(client.sent(), "", "each read has the time anew");
  test.pass(2);
  assert.match(client.sent(), /^HTTP\/1\.1 408 /);
});

Deno.test("a new connection has no longer than a socket for its first byte", () => {
  using test = new TestService({ headerTimeout: 0, socketTimeout: 3 });
  const client = test.connect();
  test.pass(2);
  assert.equal(client.closed, false);
  test.pass(2);
  assert.equal(client.closed, true);
  assert.equal(client.sent(), "");
});

Deno.test("what is no request is refused, and nothing behind it is looked at", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive("NONSENSE\r\n\r\n" + GET);
  assert.match(client.sent(), /^HTTP\/1\.1 400 .*Connection: close/s);
  assert.equal(client.ended, true);
  assert.equal(test.requests.length, 0);
  assert.match(test.errorLog, /refused a request with 400/);
});

Deno.test("the access log has the first line of what is refused, as it came", () => {
  const long = `GET /${"a".repeat(9000)} HTTP/1.1`;
  const cases: [string, string, number][] = [
    ["GET /a?b=c HTTP/1.1\r\nHost: a b\r\n\r\n", "GET /a?b=c HTTP/1.1", 400],
    ["GET /a HTTP/1.1\r\n\r\n", "GET /a HTTP/1.1", 400],
    ["\r\n\r\nGET /a HTTP/1.1\r\n\r\n", "GET /a HTTP/1.1", 400],
    [`GET /a HTTP/1.1\r\n${"A: b\r\n".repeat(120)}\r\n`, "GET /a HTTP/1.1", 431],
    [`GET /a HTTP/1.1\r\nA: ${"b".repeat(9000)}`, "GET /a HTTP/1.1", 431],
    [`${long}\r\nHost: a\r\n\r\n`, long.slice(0, 8190), 414],
    ["GET /a HTTP/1.1\nHost: a\n\n", "GET /a HTTP/1.1", 400],
    ['\x16\x03"\xff\\', '\\x16\\x03\\"\\xff\\\\', 400],
    ["NONSENSE\r\n\r\n", "NONSENSE", 400],
    ["\r\n".repeat(6), "-", 400],
    ["\n", "-", 400],
  ];
  for (const [sent, line, status] of cases) {
    for (const size of [Infinity, 1]) {
      using test = new TestService();
      test.connect().receive(sent, size);
      // Byte by byte, what comes behind the refused one is not looked at.
      const expected = size === 1 && status === 400 && line.startsWith("\\x16") ? "\\x16" : line;
      assert.equal(test.access()[0]?.replace(/ \d+$/, ""), `"${expected}" ${status}`);
    }
  }
});

Deno.test("a request line that never came whole is a dash in the access log", () => {
  using test = new TestService();
  test.connect().receive("GET /secret");
  test.pass(16);
  assert.match(test.access().join(), /^"-" 408 /);
});

Deno.test("a HEAD that is refused gets no body, however far it came", () => {
  const host = "Host: a\r\n\r\n";
  const refused: [number, string][] = [
    [400, `HEAD /%zz HTTP/1.1\r\n${host}`],
    [400, `\r\n\r\nHEAD /%zz HTTP/1.1\r\n${host}`],
    [400, "HEAD / HTTP/1.1\n"],
    [414, `HEAD /${"x".repeat(9000)}`],
    [408, "HEAD / HTTP/1.1\r\nHost: a"],
  ];
  for (const [status, text] of refused) {
    using test = new TestService();
    const client = test.connect();
    client.receive(text);
    if (status === 408) test.pass(60);
    const pattern = `^HTTP/1\\.1 ${status} .*Content-Length: [1-9]\\d*\r\n.*\r\n\r\n$`;
    const sent = client.sent();
    assert.match(sent, new RegExp(pattern, "s"));
    assert.equal(sent.indexOf("\r\n\r\n") + 4, sent.length);
    assert.match(test.access().join(), / -$/);
  }
});

Deno.test("nonsense behind a good request is refused behind its answer", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET + "NONSENSE\r\n\r\n");
  assert.equal(client.sent(), "");
  test.last.answer("fine");
  assert.match(client.sent(), /^HTTP\/1\.1 200 .*fineHTTP\/1\.1 400 /s);
});

Deno.test("a client may close its sending side and still gets its answers", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(get("/1") + get("/2"));
  client.receiveEnd();
  test.last.answer("one");
  assert.equal(client.closed, false);
  client.room = 10;
  test.last.answer("two");
  assert.match(client.sent(), /one.*two/s);
  assert.equal(client.closed, false, "a part of the answer is queued");
  client.take();
  assert.equal(client.closed, true);
  assert.equal(client.wasReset, false);
});

Deno.test("an idle client's end closes the connection, and so does one within a head", () => {
  for (const sent of ["", "GET / HT", "\r\n"]) {
    using test = new TestService();
    const client = test.connect();
    if (sent !== "") client.receive(sent);
    client.receiveEnd();
    assert.equal(client.closed, true, JSON.stringify(sent));
    assert.equal(client.sent(), "");
  }
});

Deno.test("an end that follows an answer still being written does not cut it", () => {
  using test = new TestService();
  const client = test.connect();
  client.room = 10;
  client.receive(GET);
  test.last.answer("x".repeat(1000));
  client.receiveEnd();
  assert.equal(client.closed, false);
  client.take();
  assert.equal(client.closed, true);
});

Deno.test("drain closes idle connections, lets requests end, and resolves when all are closed", async () => {
  using test = new TestService();
  const idle = test.connect();
  const keptAlive = test.connect();
  keptAlive.receive(GET);
  test.last.answer();
  const empty = test.connect();
  empty.receive("\r\n");
  const busy = test.connect();
  busy.receive(GET + GET);
  const inHead = test.connect();
  inHead.receive("GET / HTTP/1.1\r\n");
  const slow = test.connect();
  slow.room = 10;
  slow.receive(GET);
  test.last.answer("a slow reader's answer");
  let drained = false;
  const draining = test.service.drain().then(() => drained = true);
  assert.deepEqual([idle.closed, keptAlive.closed, empty.closed], [true, true, true]);
  assert.deepEqual([busy.closed, inHead.closed, slow.closed], [false, false, false]);
  assert.equal(test.service.writing, true);
  test.requests[1]!.answer();
  assert.match(busy.sent(), /Connection: close/);
  assert.equal(busy.ended, true);
  busy.receiveEnd();
  inHead.receive("Host: a\r\n\r\n");
  test.last.answer();
  assert.match(inHead.sent(), /Connection: close/);
  inHead.receiveEnd();
  slow.take();
  await Promise.resolve();
  assert.equal(drained, false);
  slow.receiveEnd();
  await draining;
  assert.equal(test.service.connections, 0);
});

Deno.test("drain may be called again, and both calls resolve", async () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET);
  const drains = [test.service.drain(), test.service.drain()];
  client.close();
  await Promise.all(drains);
});

Deno.test("a request of a connection that is lost is taken back", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET);
  client.close();
  assert.deepEqual(test.withdrawn, [test.last.request]);
  assert.deepEqual(test.access(), ['"GET / HTTP/1.1" - -']);
  test.last.answer();
  assert.equal(client.sent(), "");
});

function errorBodyLength(test: TestService): string {
  return /\d+$/.exec(test.access()[0]!)![0];
}
