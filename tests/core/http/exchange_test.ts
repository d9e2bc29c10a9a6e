import assert from "node:assert/strict";
import { HEAD_CLOSE } from "../../../core/gateway/frames.ts";
import { errorResponse } from "../../../core/http/error_page.ts";
import { TestService } from "./served_connection.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const GET_10 = "GET / HTTP/1.0\r\n\r\n";

function post(length: number, body = "", headers = ""): string {
  return `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n${headers}\r\n${body}`;
}

function chunked(chunks = "", headers = ""): string {
  return `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n${headers}\r\n${chunks}`;
}

function bodyOf(response: string): string {
  return response.slice(response.indexOf("\r\n\r\n") + 4);
}

// Request bodies

Deno.test("a small body is collected before the request is handed on", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(10, "01234"));
  assert.equal(test.requests.length, 0);
  client.receive("56789" + GET);
  assert.equal(test.requests.length, 1);
  assert.equal(test.last.wholeBody, "0123456789");
  test.last.answer();
  assert.equal(test.requests.length, 2, "what follows the body is the next request");
});

Deno.test("a request that is given back still has its body", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(3, "abc"));
  const { request } = test.last;
  request.onReturned();
  request.onStarted();
  assert.equal(test.last.wholeBody, "abc");
});

Deno.test("a request that was given back takes no channel with it when its client leaves", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(100_000));
  test.last.want();
  test.last.request.onReturned();
  client.close();
  assert.equal(test.last.abandoned, false);
  assert.deepEqual(test.withdrawn, [test.last.request]);
});

Deno.test("a client that does not send its small body is answered with 408", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(10, "01234"));
  test.pass(9);
  assert.equal(client.sent(), "");
  test.pass(2);
  assert.match(client.sent(), /^HTTP\/1\.1 408 .*Connection: close/s);
  assert.equal(test.requests.length, 0);
});

Deno.test("bytes of a body buy time by the rate", () => {
  using test = new TestService({ bodyRate: 100 });
  const client = test.connect();
  client.receive(post(5000, "x".repeat(500)));
  test.pass(14);
  assert.equal(client.sent(), "", "500 bytes bought 5 seconds");
  client.receive("x");
  test.pass(2);
  assert.match(client.sent(), /^HTTP\/1\.1 408 /, "a single byte buys next to nothing");
});

Deno.test("a client that ends within its small body is answered with 400", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(10, "01234"));
  client.receiveEnd();
  assert.match(client.sent(), /^HTTP\/1\.1 400 /);
  assert.equal(client.closed, true);
});

Deno.test("a client that is lost within its small body starts nothing", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(10, "01234"));
  client.close();
  assert.equal(test.requests.length, 0);
  assert.equal(test.withdrawn.length, 0);
});

Deno.test("a large body waits until the application wants it, then is passed on as it comes", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(100_000, "first"));
  assert.equal(test.requests.length, 1);
  assert.equal(test.last.wholeBody, undefined);
  test.last.want();
  assert.equal(test.last.body, "first");
  client.receive("x".repeat(99_995) + GET, 30_000);
  assert.equal(test.last.body.length, 100_000 + "<COMPLETE>".length);
  assert.equal(test.requests.length, 1);
  test.last.answer();
  assert.equal(test.requests.length, 2);
});

Deno.test("a client that sends a large body nobody wants has to wait", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(500_000));
  client.receive("x".repeat(70_000));
  assert.equal(client.paused, true);
  test.last.want();
  assert.equal(client.paused, false);
  assert.equal(test.last.body.length, 70_000);
});

Deno.test("an application that reads slowly makes the client wait", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(500_000));
  test.last.want();
  test.last.reads = false;
  client.receive("a".repeat(1000));
  assert.equal(test.last.body.length, 1000);
  assert.equal(client.paused, true);
  test.pass(1000);
  assert.equal(test.last.body.length, 1000, "the client owes nothing meanwhile");
  test.last.reads = true;
  test.last.request.onBodyDrained();
  assert.equal(client.paused, false);
  client.receive("b".repeat(70_000));
  assert.equal(test.last.body.length, 71_000);
  test.pass(9);
  assert.equal(test.last.body.length, 71_000);
  test.pass(2);
  assert.match(test.last.body, /<TIMED_OUT>$/);
});

Deno.test("a body whose last bytes the application takes slowly ends when it has taken them", () => {
  for (const rest of ["", GET]) {
    for (
      const [head, body] of [[post(70_000), "x".repeat(70_000)], [chunked(), "1\r\nx\r\n0\r\n\r\n"]]
    ) {
      using test = new TestService();
      const client = test.connect();
      client.receive(head!);
      test.last.want();
      test.last.reads = false;
      client.receive(body! + rest);
      assert.doesNotMatch(test.last.body, /</);
      test.last.reads = true;
      test.last.request.onBodyDrained();
      assert.match(test.last.body, /x<COMPLETE>$/);
      test.last.answer();
      assert.equal(test.requests.length, rest === "" ? 1 : 2);
    }
  }
});

Deno.test("the end of the client's body reaches an application that read slowly until then", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(100_000));
  test.last.want();
  test.last.reads = false;
  client.receive("a".repeat(80_000));
  client.receiveEnd();
  assert.doesNotMatch(test.last.body, /</, "there is more to read");
  test.last.reads = true;
  test.last.request.onBodyDrained();
  assert.equal(test.last.body.length, 80_000 + "<CLIENT_GONE>".length);
  test.last.answer("incomplete");
  assert.match(client.sent(), /incomplete/);
  assert.equal(client.closed, true);
});

Deno.test("a client that ended before the application wanted the body is told of then", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(100_000, "part"));
  client.receiveEnd();
  test.last.want();
  assert.equal(test.last.body, "part<CLIENT_GONE>");
});

Deno.test("chunks are taken apart in place, however they are cut", () => {
  const stream = chunked("5;ext=1\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nTrailer: x\r\n\r\n") +
    GET;
  for (let size = 1; size < stream.length; size++) {
    using test = new TestService();
    const client = test.connect();
    client.receive(stream.slice(0, 60));
    client.receive(stream.slice(60), size);
    test.requests[0]!.want();
    assert.equal(test.requests[0]!.body, "hello world<COMPLETE>");
    test.requests[0]!.answer();
    assert.equal(test.requests.length, 2);
  }
});

Deno.test("a malformed chunk is told to the application, and the connection closes", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(chunked("5\r\nhello\r\nX\r\n" + GET));
  test.last.want();
  assert.equal(test.last.body, "hello<MALFORMED>");
  test.last.answer();
  assert.match(client.sent(), /Connection: close/);
  assert.equal(client.ended, true);
  assert.equal(test.requests.length, 1);
});

Deno.test("a chunked body beyond the limit is told to the application", () => {
  using test = new TestService({ requestBody: 8 });
  const client = test.connect();
  client.receive(chunked("5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n"));
  test.last.want();
  assert.equal(test.last.body, "hello<TOO_LARGE>");
  assert.match(test.errorLog, /:info\].* body in chunks is larger .*-body allows \(8 bytes\)\n$/);
});

Deno.test("a body announced beyond the limit is refused, and its bytes are no request", () => {
  using test = new TestService({ requestBody: 8 });
  const client = test.connect();
  client.receive(post(GET.length, GET));
  assert.match(client.sent(), /^HTTP\/1\.1 413 .*Connection: close/s);
  assert.equal(test.requests.length, 0, "the body was taken for a request");
  assert.equal(client.ended, true);
  assert.match(
    test.errorLog,
    /:info\].* \[remote 192\.0\.2\.7:4711\] .*413: its body of 27 bytes .*--limit-request-body allows \(8 bytes\)\n$/,
  );
});

Deno.test("chunked requests are refused with 411 where they are switched off", () => {
  using test = new TestService({ chunkedRequest: false });
  const client = test.connect();
  client.receive(chunked("5\r\nhello\r\n0\r\n\r\n" + GET));
  assert.match(client.sent(), /^HTTP\/1\.1 411 .*Connection: close/s);
  assert.match(test.errorLog, /:info\].* 411: .*--chunked-request\n$/);
  assert.equal(test.requests.length, 0);
});

Deno.test("100 Continue is sent when the application wants the body, once", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(5, "", "Expect: 100-continue\r\n"));
  assert.equal(test.requests.length, 1, "not collected");
  assert.equal(client.sent(), "");
  test.last.want();
  assert.equal(client.sent(), "HTTP/1.1 100 Continue\r\n\r\n");
  test.last.want();
  assert.equal(client.sent(), "");
  client.receive("hello");
  assert.equal(test.last.body, "hello<COMPLETE>");
  test.last.answer();
  assert.match(client.sent(), /^HTTP\/1\.1 200 OK/);
  assert.equal(client.ended, false);
});

Deno.test("a client that was not told to continue may send its body or not: the connection closes", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(5, "", "Expect: 100-continue\r\n"));
  test.last.answer("no");
  assert.match(client.sent(), /Connection: close/);
  assert.equal(client.ended, true);
});

Deno.test("no 100 Continue behind the head of the response", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(5, "", "Expect: 100-continue\r\n"));
  test.last.begin("200 OK\r\nContent-Length: 2\r\n");
  test.last.want();
  assert.doesNotMatch(client.sent(), /100 Continue/);
});

Deno.test("want of a request without a body ends at once", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET);
  test.last.want();
  assert.equal(test.last.body, "<COMPLETE>");
});

Deno.test("a body that nobody read is dropped, and the next request behind it served", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(100_000, "x".repeat(50_000)));
  test.last.answer();
  assert.doesNotMatch(client.sent(), /Connection: close/);
  client.receive("x".repeat(50_000) + GET, 20_000);
  assert.equal(test.requests.length, 2);
});

Deno.test("a body that was there already is dropped at once, and the next request behind it served", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(chunked("5\r\nhello\r\n0\r\n\r\n") + GET);
  test.last.answer();
  assert.equal(test.requests.length, 2);
});

Deno.test("a body of which the application read a part is dropped from there on", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(chunked("5\r\nhello\r\n"));
  test.last.want();
  test.last.answer();
  client.receive("5\r\nworld\r\n0\r\n\r\n" + GET);
  assert.equal(test.requests[0]!.body, "hello");
  assert.equal(test.requests.length, 2);
});

Deno.test("more than a megabyte is not dropped: the connection closes", () => {
  using test = new TestService();
  const announced = test.connect();
  announced.receive(post(2_000_000));
  test.last.answer();
  assert.match(announced.sent(), /Connection: close/);

  const unannounced = test.connect();
  unannounced.receive(chunked());
  test.last.answer();
  assert.doesNotMatch(unannounced.sent(), /Connection: close/);
  const chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
  for (let count = 0; count < 15; count++) unannounced.receive(chunk);
  assert.equal(unannounced.ended, false);
  unannounced.receive(chunk);
  unannounced.receive(chunk);
  assert.equal(unannounced.ended, true);
  assert.equal(test.requests.length, 2);
});

Deno.test("a client that does not send the rest of an unread body is not waited for", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(100_000));
  test.last.answer();
  test.pass(11);
  assert.equal(client.ended, true);
  test.pass(3);
  assert.equal(client.closed, true);
});

// Responses

Deno.test("a response in parts is chunked, and what stands behind a part stays as it was", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET);
  test.last.begin("200 OK\r\n", "first ");
  assert.equal(test.last.part("second"), "next frame");
  test.last.request.onFinish();
  const response = client.sent();
  assert.match(response, /Transfer-Encoding: chunked/);
  assert.equal(bodyOf(response), "6\r\nfirst \r\n6\r\nsecond\r\n0\r\n\r\n");
  assert.equal(client.ended, false);
  assert.deepEqual(test.access(), ['"GET / HTTP/1.1" 200 12']);
});

Deno.test("a response in parts to HTTP/1.0 ends with the connection", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET_10);
  test.last.begin("200 OK\r\n", "first ");
  test.last.part("second");
  test.last.request.onFinish();
  assert.equal(bodyOf(client.sent()), "first second");
  assert.equal(client.ended, true);
});

Deno.test("a response with Content-Length is sent as it is", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET);
  test.last.begin("200 OK\r\nContent-Length: 11\r\n", "hello");
  test.last.part(" world");
  test.last.request.onFinish();
  assert.equal(bodyOf(client.sent()), "hello world");
  assert.equal(client.ended, false);
});

Deno.test("more than Content-Length is cut off", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET);
  test.last.begin("200 OK\r\nContent-Length: 7\r\n", "hello");
  test.last.part(" world");
  test.last.part("!");
  test.last.request.onFinish();
  assert.equal(bodyOf(client.sent()), "hello w");
  assert.equal(client.ended, false);
  assert.deepEqual(test.access(), ['"GET / HTTP/1.1" 200 7']);
});

Deno.test("less than Content-Length ends the connection", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET);
  test.last.begin("200 OK\r\nContent-Length: 7\r\n", "hello");
  test.last.request.onFinish();
  assert.equal(client.ended, true);
});

Deno.test("HEAD, 204 and 304 have no body", () => {
  const cases = [
    ["HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "200 OK\r\nContent-Length: 5\r\n"],
    [GET, "204 No Content\r\n"],
    [GET, "304 Not Modified\r\n"],
  ] as const;
  for (const [request, head] of cases) {
    using test = new TestService();
    const client = test.connect();
    client.receive(request);
    test.last.answer("hello", head);
    assert.equal(bodyOf(client.sent()), "");
    client.receive(request);
    test.last.begin(head, "hello");
    test.last.part("world");
    test.last.request.onFinish();
    assert.equal(bodyOf(client.sent()), "");
    assert.equal(client.ended, false);
    assert.match(test.access().join(), / \d{3} -,.* \d{3} -$/);
  }
});

Deno.test("an application that asks for Connection: close gets it", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET);
  test.last.answer("bye", "200 OK\r\n", HEAD_CLOSE);
  assert.match(client.sent(), /Connection: close/);
  assert.equal(client.ended, true);
});

Deno.test("an abort before the head gives an error page, and the connection goes on", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET + GET);
  test.last.request.onAbort(500);
  assert.match(client.sent(), /^HTTP\/1\.1 500 Internal Server Error/);
  assert.equal(test.requests.length, 2);
  assert.deepEqual(test.access().length, 1);
});

Deno.test("an abort after a collected body leaves the connection usable too", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(post(3, "abc") + GET);
  test.last.request.onAbort(504);
  assert.match(client.sent(), /^HTTP\/1\.1 504 /);
  assert.equal(test.requests.length, 2);
});

Deno.test("the reason of an abort is in the error log with the client, unless that has left", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive(GET);
  test.last.request.onAbort(504, "Queue timeout expired");
  assert.match(
    test.errorLog,
    /\[wsgi:error\] \[pid \d+:tid \d+\] \[remote 192\.0\.2\.7:4711\] Queue timeout expired\n$/,
  );
  client.receive(GET);
  client.close();
  test.last.request.onAbort(504, "too late");
  assert.doesNotMatch(test.errorLog, /too late/);
});

Deno.test("an abort after the head cuts the connection where the client can see it", () => {
  const cases = [
    [GET, "200 OK\r\n", false],
    [GET, "200 OK\r\nContent-Length: 100\r\n", false],
    [GET_10, "200 OK\r\n", true],
  ] as const;
  for (const [request, head, reset] of cases) {
    using test = new TestService();
    const client = test.connect();
    client.receive(request);
    test.last.begin(head, "part");
    test.last.request.onAbort(500);
    assert.equal(client.closed, true);
    assert.equal(client.wasReset, reset, head);
    assert.doesNotMatch(client.sent(), /0\r\n\r\n$/);
    assert.equal(test.access().length, 1);
    assert.equal(test.last.abandoned, false);
  }
});

Deno.test("an abort behind all that was promised ends the response in order", () => {
  for (
    const [request, head, body] of [
      ["HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "200 OK\r\n", ""],
      [GET, "200 OK\r\nContent-Length: 5\r\n", "hello"],
    ] as const
  ) {
    using test = new TestService();
    const client = test.connect();
    client.receive(request);
    test.last.begin(head, body);
    test.last.request.onAbort(500);
    assert.equal(client.closed, false);
    assert.equal(client.ended, true);
  }
});

Deno.test("a client that reads slowly pauses the response, and resumes it when it has read", () => {
  using test = new TestService({ responseBuffer: 1000 });
  const client = test.connect();
  client.room = 500;
  client.receive(GET);
  test.last.begin("200 OK\r\n", "x".repeat(900));
  assert.equal(test.last.paused, false, "less than the response buffer waits");
  test.last.part("x".repeat(1000));
  assert.equal(test.last.paused, true);
  client.take();
  assert.equal(test.last.paused, false);
});

Deno.test("a client that is lost abandons the response, at each stage", () => {
  using test = new TestService();
  const streaming = test.connect();
  streaming.receive(chunked("5\r\nhello\r\n"));
  test.last.want();
  streaming.close();
  assert.equal(test.last.abandoned, true);

  const responding = test.connect();
  responding.receive(GET);
  test.last.begin("200 OK\r\n", "part");
  responding.close();
  assert.equal(test.last.abandoned, true);
  test.last.part("late");
  test.last.request.onFinish();
  assert.doesNotMatch(responding.sent(), /late/);

  const dropping = test.connect();
  dropping.receive(post(100_000));
  test.last.answer();
  dropping.close();
  assert.equal(test.last.abandoned, false, "the thread is done with it");
  assert.equal(test.access().length, 3);
  assert.equal(test.service.connections, 0);
});

Deno.test("a request that is refused as it is handed on is answered", () => {
  using test = new TestService();
  test.refusal = 503;
  for (const request of [GET, post(3, "abc"), post(100_000), chunked()]) {
    const client = test.connect();
    client.receive(request);
    assert.match(client.sent(), /^HTTP\/1\.1 503 /);
  }
});

Deno.test("a request outside the mount point is answered with 404", () => {
  using test = new TestService({ mountPoint: "/app" });
  const client = test.connect();
  client.receive(GET + GET.replace("/ ", "/app/x "));
  assert.match(client.sent(), /^HTTP\/1\.1 404 /);
  assert.equal(test.last.environ("SCRIPT_NAME"), "/app");
});

Deno.test("an encoded slash or NUL in the path is answered with 404, and the connection goes on", () => {
  using test = new TestService();
  const client = test.connect();
  const withBody = "POST /a%2Fb HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
  client.receive(GET.replace("/ ", "/%00?q ") + withBody + GET);
  assert.equal(client.sent().match(/^HTTP\/1\.1 404 /gm)?.length, 2);
  assert.equal(test.requests.length, 1);
  const size = errorResponse(404).body.length;
  assert.deepEqual(test.access(), [
    `"GET /%00?q HTTP/1.1" 404 ${size}`,
    `"POST /a%2Fb HTTP/1.1" 404 ${size}`,
  ]);
});

Deno.test("OPTIONS * asks about the server, and is answered by it", () => {
  using test = new TestService();
  const client = test.connect();
  client.receive("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" + GET);
  assert.match(client.sent(), /^HTTP\/1\.1 200 OK\r\n.*Content-Length: 0\r\n/s);
  assert.equal(test.requests.length, 1);
});

Deno.test("the access log counts all bytes of each request of a connection", () => {
  using test = new TestService({ accessLogFormat: "%k %I %O %X" });
  const client = test.connect();
  const sent: number[] = [];
  const received = [
    GET,
    post(5, "hello"),
    chunked("5\r\nhello\r\n0\r\n\r\n"),
    post(5, "hello", "Expect: 100-continue\r\n"),
    GET_10,
  ];
  for (const [index, request] of received.entries()) {
    client.receive(request);
    if (index === 2 || index === 3) test.last.want();
    if (index === 2) test.last.begin("200 OK\r\n", "in parts");
    if (index === 2) test.last.request.onFinish();
    else test.last.answer("hello");
    sent.push(client.sent().length);
  }
  assert.deepEqual(
    test.access(),
    sent.map((bytes, index) => `${index} ${received[index]!.length} ${bytes} ${"++++-"[index]}`),
  );
  const other = test.connect();
  other.receive("NONSENSE\r\n\r\n");
  assert.equal(test.access().at(-1), `0 12 ${other.sent().length} -`);
  const late = test.connect();
  late.receive("GET /");
  test.pass(16);
  assert.equal(test.access().at(-1), `0 5 ${late.sent().length} -`);
  const lost = test.connect();
  lost.receive(GET);
  lost.close();
  assert.equal(test.access().at(-1), `0 ${GET.length} 0 X`);
});

Deno.test("the access log tells names, file and headers of the response as sent", () => {
  using test = new TestService({
    mountPoint: "/app",
    accessLogFormat: "%v %V %p %A %f %U|%{Set-Cookie}o|%{content-length}o|%{X-None}o",
  });
  const client = test.connect();
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: example.com:99\r\n\r\n`;
  client.receive(get("/app/a%20b/c?d"));
  test.last.answer("hello\r\n\r\nSet-Cookie: c", "200 OK\r\nSet-Cookie: a\r\nset-cookie:  b\r\n");
  client.receive(get("/app"));
  test.last.begin("200 OK\r\n", "part");
  test.last.request.onFinish();
  client.receive(get("/other"));
  const names = "localhost example.com 8000 192.0.2.1";
  assert.deepEqual(test.access(), [
    `${names} /srv/htdocs/app/a b /app/a b/c|a, b|22|-`,
    `${names} /srv/htdocs/app /app|-|-|-`,
    `${names} - /other|-|${/Length: (\d+)/.exec(client.sent().split("404")[1]!)![1]}|-`,
  ]);
});

Deno.test("the access log has the request id of the environ", () => {
  using test = new TestService({ accessLogFormat: "%L" });
  test.connect().receive(GET);
  const id = test.last.environ("mod_wsgi.request_id")!;
  test.last.answer();
  assert.deepEqual(test.access(), [id]);
});
