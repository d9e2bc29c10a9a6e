import assert from "node:assert/strict";
import fc from "npm:fast-check@^4";
import { decodeLatin1, encodeLatin1 } from "../../../core/wsgi/latin1.ts";
import {
  Framing,
  GIVEN_DATE,
  GIVEN_SERVER,
  planResponse,
  type ResponseFacts,
  type ResponseRequest,
  writeResponse,
  writeResponseHead,
} from "../../../core/wsgi/response.ts";

const GET: ResponseRequest = { method: "GET", protocol: "HTTP/1.1", keepAlive: true };
const OLD: ResponseRequest = { method: "GET", protocol: "HTTP/1.0", keepAlive: false };
const OK: ResponseFacts = {
  status: 200,
  contentLength: -1,
  complete: true,
  close: false,
  given: 0,
};
const NOW = 784111777000;
const DATE = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
const SERVER = "Server: wsgi-express\r\n";

/** A whole response as text. The frame stands in the middle of a larger buffer, as in the gateway. */
function respond(
  request: ResponseRequest,
  facts: ResponseFacts,
  head: string,
  body = "",
): string {
  const before = "before\n";
  const source = encodeLatin1(`${before}${head}${body}Date: no\r\n`);
  const bodyStart = before.length + head.length;
  const plan = planResponse(request, facts, body.length);
  const target = new Uint8Array(2000);
  const end = writeResponse(
    plan,
    source,
    before.length,
    bodyStart,
    bodyStart,
    bodyStart + body.length,
    NOW,
    target,
    3,
  );
  return decodeLatin1(target, 3, end);
}

Deno.test("a complete response gets Date, Server and Content-Length", () => {
  assert.equal(
    respond(GET, OK, "200 OK\r\nContent-Type: text/plain\r\n", "Hello"),
    `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${DATE}${SERVER}Content-Length: 5\r\n\r\nHello`,
  );
});

Deno.test("a custom reason phrase and bytes above 0x7f survive", () => {
  assert.equal(
    respond(GET, OK, "299 Caf\xe9 time\r\nX: \x80\r\n", "\xff\0"),
    `HTTP/1.1 299 Caf\xe9 time\r\nX: \x80\r\n${DATE}${SERVER}Content-Length: 2\r\n\r\n\xff\0`,
  );
});

Deno.test("Date and Server of the application stay", () => {
  const head = "200 OK\r\nDATE: then\r\n";
  assert.equal(
    respond(GET, { ...OK, given: GIVEN_DATE }, head),
    `HTTP/1.1 ${head}${SERVER}Content-Length: 0\r\n\r\n`,
  );
  assert.equal(
    respond(GET, { ...OK, given: GIVEN_SERVER }, "200 OK\r\nserver: mine\r\n"),
    `HTTP/1.1 200 OK\r\nserver: mine\r\n${DATE}Content-Length: 0\r\n\r\n`,
  );
  assert.equal(
    respond(
      GET,
      { ...OK, given: GIVEN_DATE | GIVEN_SERVER },
      "200 OK\r\nServer: mine\r\nDate: then\r\n",
    ),
    `HTTP/1.1 200 OK\r\nServer: mine\r\nDate: then\r\nContent-Length: 0\r\n\r\n`,
  );
});

Deno.test("a response without any header is complete too", () => {
  assert.equal(
    respond(GET, OK, "200 OK\r\n"),
    `HTTP/1.1 200 OK\r\n${DATE}${SERVER}Content-Length: 0\r\n\r\n`,
  );
});

Deno.test("the application's Content-Length stays as it is, and what is beyond it is cut", () => {
  const head = "200 OK\r\nContent-Length: 3\r\n";
  assert.equal(
    respond(GET, { ...OK, contentLength: 3 }, head, "abcde"),
    `HTTP/1.1 ${head}${DATE}${SERVER}\r\nabc`,
  );
  assert.equal(planResponse(GET, { ...OK, contentLength: 3 }, 5).keepAlive, true);
});

Deno.test("a body shorter than Content-Length closes the connection", () => {
  const head = "200 OK\r\nContent-Length: 9\r\n";
  assert.equal(
    respond(GET, { ...OK, contentLength: 9 }, head, "abc"),
    `HTTP/1.1 ${head}${DATE}${SERVER}Connection: close\r\n\r\nabc`,
  );
});

Deno.test("HEAD has the head of GET and no body", () => {
  const request = { ...GET, method: "HEAD" };
  assert.equal(
    respond(request, OK, "200 OK\r\n", "Hello"),
    `HTTP/1.1 200 OK\r\n${DATE}${SERVER}Content-Length: 5\r\n\r\n`,
  );
  assert.equal(
    respond(request, { ...OK, contentLength: 7 }, "200 OK\r\nContent-Length: 7\r\n"),
    `HTTP/1.1 200 OK\r\nContent-Length: 7\r\n${DATE}${SERVER}\r\n`,
  );
  assert.equal(
    respond(request, OK, "200 OK\r\n"),
    `HTTP/1.1 200 OK\r\n${DATE}${SERVER}\r\n`,
    "no length where the application gave no body",
  );
  assert.equal(planResponse(request, { ...OK, complete: false }, 0).framing, Framing.none);
});

Deno.test("204 loses body and Content-Length, 304 keeps Content-Length", () => {
  const lines = "X: y\r\ncontent-length: 5\r\nZ: content-length: 5\r\n";
  assert.equal(
    respond(GET, { ...OK, status: 204, contentLength: 5 }, `204 No Content\r\n${lines}`, "Hello"),
    `HTTP/1.1 204 No Content\r\nX: y\r\nZ: content-length: 5\r\n${DATE}${SERVER}\r\n`,
  );
  assert.equal(
    respond(GET, { ...OK, status: 304, contentLength: 5 }, `304 Not Modified\r\n${lines}`, "Hello"),
    `HTTP/1.1 304 Not Modified\r\n${lines}${DATE}${SERVER}\r\n`,
  );
  assert.equal(
    respond(GET, { ...OK, status: 304 }, "304 Not Modified\r\n"),
    `HTTP/1.1 304 Not Modified\r\n${DATE}${SERVER}\r\n`,
  );
});

Deno.test("a streamed response is chunked for HTTP/1.1 and ends with the connection for HTTP/1.0", () => {
  const facts = { ...OK, complete: false };
  const write = (request: ResponseRequest) => {
    const target = new Uint8Array(1000);
    const head = encodeLatin1("200 OK\r\n");
    const plan = planResponse(request, facts, 0);
    return decodeLatin1(target, 0, writeResponseHead(plan, head, 0, head.length, NOW, target, 0));
  };
  assert.equal(
    write(GET),
    `HTTP/1.1 200 OK\r\n${DATE}${SERVER}Transfer-Encoding: chunked\r\n\r\n`,
  );
  for (const keepAlive of [true, false]) {
    assert.equal(
      write({ ...OLD, keepAlive }),
      `HTTP/1.1 200 OK\r\n${DATE}${SERVER}Connection: close\r\n\r\n`,
    );
  }
});

Deno.test("a streamed response with Content-Length is neither chunked nor closed", () => {
  const plan = planResponse(GET, { ...OK, complete: false, contentLength: 10 }, 0);
  assert.equal(plan.framing, Framing.length);
  assert.equal(plan.length, 10);
  assert.equal(plan.keepAlive, true);
});

Deno.test("Connection says what becomes of the connection where the version alone does not", () => {
  assert.match(
    respond({ ...GET, keepAlive: false }, OK, "200 OK\r\n"),
    /\r\nConnection: close\r\n\r\n$/,
  );
  assert.match(
    respond(GET, { ...OK, close: true }, "200 OK\r\n"),
    /\r\nConnection: close\r\n\r\n$/,
  );
  assert.match(
    respond({ ...OLD, keepAlive: true }, OK, "200 OK\r\n"),
    /\r\nConnection: keep-alive\r\n\r\n$/,
  );
  assert.match(respond(OLD, OK, "200 OK\r\n"), /\r\nConnection: close\r\n\r\n$/);
  assert.doesNotMatch(respond(GET, OK, "200 OK\r\n"), /Connection/);
});

Deno.test("writeResponse and writeResponseHead say where the target is too small", () => {
  const source = encodeLatin1("200 OK\r\n" + "x".repeat(500));
  const plan = planResponse(GET, OK, 500);
  assert.equal(writeResponse(plan, source, 0, 8, 8, 508, NOW, new Uint8Array(600), 0), -1);
  assert.equal(writeResponseHead(plan, source, 0, 8, NOW, new Uint8Array(100), 0), -1);
  assert.ok(writeResponse(plan, source, 0, 8, 8, 508, NOW, new Uint8Array(800), 0) > 500);
});

Deno.test("every response has exactly the framing that its plan says", () => {
  fc.assert(
    fc.property(
      fc.record({
        method: fc.constantFrom("GET", "HEAD", "POST"),
        protocol: fc.constantFrom("HTTP/1.1", "HTTP/1.0"),
        keepAlive: fc.boolean(),
      }),
      fc.record({
        status: fc.constantFrom(200, 204, 206, 304, 404, 500),
        contentLength: fc.constantFrom(-1, 0, 3, 8),
        complete: fc.constant(true),
        close: fc.boolean(),
        given: fc.constantFrom(0, GIVEN_DATE, GIVEN_SERVER, GIVEN_DATE | GIVEN_SERVER),
      }),
      fc.constantFrom("", "abc", "abcdefgh"),
      (request, facts, body) => {
        const length = facts.contentLength < 0 ? "" : `Content-Length: ${facts.contentLength}\r\n`;
        const text = respond(request, facts, `${facts.status} Text\r\n${length}`, body);
        const [head, sent] = [
          text.slice(0, text.indexOf("\r\n\r\n")),
          text.slice(text.indexOf("\r\n\r\n") + 4),
        ];
        const lengths = [...head.matchAll(/^content-length: (\d+)/gim)].map((match) =>
          Number(match[1])
        );
        const noBody = request.method === "HEAD" || facts.status === 204 || facts.status === 304;
        assert.ok(lengths.length <= 1);
        if (noBody) {
          assert.equal(sent, "");
          if (facts.status === 204) assert.equal(lengths.length, 0);
        } else {
          assert.equal(lengths.length, 1);
          const short = sent.length < lengths[0]!;
          assert.ok(sent.length <= lengths[0]!);
          if (short) assert.match(head, /Connection: close/);
        }
      },
    ),
    { numRuns: 300 },
  );
});
