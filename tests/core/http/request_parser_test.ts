import assert from "node:assert/strict";
import fc from "npm:fast-check@^4";
import { encodeLatin1 } from "../../../core/wsgi/latin1.ts";
import {
  headerValue,
  type RequestFailure,
  type RequestHead,
  RequestParser,
} from "../../../core/http/request_parser.ts";

function parse(text: string): RequestHead | RequestFailure | undefined {
  const bytes = encodeLatin1(text);
  return new RequestParser().parse(bytes, 0, bytes.length);
}

function head(text: string): RequestHead {
  const result = parse(text);
  assert.equal(result?.kind, "head", JSON.stringify(result));
  return result as RequestHead;
}

function status(text: string): number | undefined {
  const result = parse(text);
  return result?.kind === "failure" ? result.status : undefined;
}

function headers({ names, values }: RequestHead): [string, string][] {
  return names.map((name, index) => [name.name, values[index]!]);
}

Deno.test("RequestParser reads a simple request", () => {
  const text = "GET /a/b?x=1&y=2 HTTP/1.1\r\nHost: Example.COM:8000\r\nX-One:  two \t\r\n\r\n";
  const result = head(text);
  assert.equal(result.method, "GET");
  assert.equal(result.target, "/a/b?x=1&y=2");
  assert.equal(result.protocol, "HTTP/1.1");
  assert.equal(result.path, "/a/b");
  assert.equal(result.query, "x=1&y=2");
  assert.deepEqual(result.authority, { name: "example.com", port: "8000" });
  assert.deepEqual(headers(result), [["host", "Example.COM:8000"], ["x-one", "two"]]);
  assert.equal(result.repeated, false);
  assert.equal(result.contentLength, -1);
  assert.equal(result.chunked, false);
  assert.equal(result.keepAlive, true);
  assert.equal(result.length, text.length);
});

Deno.test("RequestParser stops at the end of the head and can go on behind it", () => {
  const bytes = encodeLatin1(
    "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n\0\x01\rGET /2 HTTP/1.1\r\nHost: b\r\n\r\n",
  );
  const parser = new RequestParser();
  const first = parser.parse(bytes, 0, bytes.length) as RequestHead;
  assert.equal(first.contentLength, 3);
  const second = parser.parse(bytes, first.length + 3, bytes.length) as RequestHead;
  assert.equal(second.target, "/2");
  assert.equal(second.authority?.name, "b");
  assert.equal(first.length + 3 + second.length, bytes.length);
});

Deno.test("RequestParser keeps bytes above 0x7f of target and values as they are", () => {
  const result = head("GET /\xe9\x85?\xff HTTP/1.1\r\nHost: a\r\nX-Name: \x80\x9f\xfc\r\n\r\n");
  assert.equal(result.target, "/\xe9\x85?\xff");
  assert.equal(result.path, "/\xe9\x85");
  assert.equal(headerValue(result, "x-name"), "\x80\x9f\xfc");
});

Deno.test("RequestParser tolerates a few empty lines before the request line", () => {
  const result = head("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal(result.path, "/");
  assert.equal(result.length, 31);
  assert.deepEqual(headers(result), [["host", "a"]]);
  assert.equal(status("\r\n".repeat(5) + "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
});

Deno.test("RequestParser says whether the client is in the middle of a head", () => {
  const parser = new RequestParser();
  const bytes = encodeLatin1("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal(parser.started, false);
  parser.parse(bytes, 0, 2);
  assert.equal(parser.started, false);
  parser.parse(bytes, 0, 10);
  assert.equal(parser.started, true);
  parser.parse(bytes, 0, bytes.length);
  assert.equal(parser.started, false);
});

Deno.test("RequestParser keeps the connection as version and Connection header say", () => {
  const keepAlive = (version: string, ...lines: string[]) =>
    head(`GET / HTTP/${version}\r\nHost: a\r\n${lines.map((line) => line + "\r\n").join("")}\r\n`)
      .keepAlive;
  assert.equal(keepAlive("1.1"), true);
  assert.equal(keepAlive("1.1", "Connection: close"), false);
  assert.equal(keepAlive("1.1", "Connection: Keep-Alive , CLOSE"), false);
  assert.equal(keepAlive("1.1", "Connection: keep-alive", "Connection: close"), false);
  assert.equal(keepAlive("1.1", "Connection: closed"), true);
  assert.equal(keepAlive("1.0"), false);
  assert.equal(keepAlive("1.0", "Connection: keep-alive"), true);
  assert.equal(keepAlive("1.0", "Connection: Keep-Alive, TE"), true);
  assert.equal(keepAlive("1.0", "Connection: keep-alive, close"), false);
});

Deno.test("RequestParser gives the Upgrade header only where Connection names it", () => {
  assert.equal(
    head("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n").upgrade,
    "websocket",
  );
  assert.equal(head("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n").upgrade, "");
});

Deno.test("RequestParser takes the host of an absolute-form target before the Host header's", () => {
  const result = head("GET http://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.deepEqual(result.authority, { name: "b", port: "81" });
  assert.equal(headerValue(result, "host"), "b:81");
  assert.equal(result.path, "/x");
  assert.equal(result.target, "http://b:81/x?y");
  const old = head("GET http://b HTTP/1.0\r\n\r\n");
  assert.equal(headerValue(old, "host"), "b");
  assert.equal(old.path, "/");
});

Deno.test("RequestParser lets HTTP/1.0 come without a host", () => {
  assert.equal(head("GET / HTTP/1.0\r\n\r\n").authority, undefined);
});

Deno.test("RequestParser reads Expect: 100-continue from HTTP/1.1 only", () => {
  const lines = "Host: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n";
  assert.equal(head(`POST / HTTP/1.1\r\n${lines}`).expectContinue, true);
  assert.equal(head(`POST / HTTP/1.0\r\n${lines}`).expectContinue, false);
});

Deno.test("RequestParser marks repeated headers, in any case, and headerValue joins them", () => {
  const result = head(
    "GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-a: 2\r\nCookie: c=1\r\ncookie: d=2\r\n\r\n",
  );
  assert.equal(result.repeated, true);
  assert.equal(headerValue(result, "x-a"), "1, 2");
  assert.equal(headerValue(result, "cookie"), "c=1; d=2");
  assert.equal(headerValue(result, "absent"), undefined);
});

Deno.test("RequestParser treats a higher minor version as HTTP/1.1", () => {
  const result = head(
    "POST / HTTP/1.2\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
  );
  assert.equal(result.protocol, "HTTP/1.2");
  assert.equal(result.keepAlive, true);
  assert.equal(result.chunked, true);
  assert.equal(result.expectContinue, true);
});

const REFUSED: [string, number, string][] = [
  ["a lone line feed after the request line", 400, "GET / HTTP/1.1\nHost: a\r\n\r\n"],
  ["a lone line feed after a header", 400, "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"],
  ["a bare carriage return in a value", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n"],
  ["a NUL in a value", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n"],
  ["a DEL in the target", 400, "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a tab in the request line", 400, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["two spaces in the request line", 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a space in the target", 400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a space behind the version", 400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"],
  ["a space before the method", 400, " GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a request line without version", 400, "GET /\r\nHost: a\r\n\r\n"],
  ["a method that is no token", 400, "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a version in lower case", 400, "GET / http/1.1\r\nHost: a\r\n\r\n"],
  ["HTTP/2.0", 505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"],
  ["HTTP/0.9 with a version", 505, "GET / HTTP/0.9\r\nHost: a\r\n\r\n"],
  ["a minor version of two digits", 400, "GET / HTTP/1.10\r\nHost: a\r\n\r\n"],
  ["the preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a target that is no path", 400, "GET a/b HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["another scheme", 400, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["an absolute target without host", 400, "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["user information in the target", 400, "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a fragment", 400, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["CONNECT", 501, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["CONNECT to a path", 400, "CONNECT /x HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["GET *", 400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["no host in HTTP/1.2", 400, "GET / HTTP/1.2\r\nX: a\r\n\r\n"],
  ["no host in HTTP/1.1", 400, "GET / HTTP/1.1\r\nX: a\r\n\r\n"],
  ["two hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"],
  ["two hosts in HTTP/1.0", 400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"],
  ["an empty host", 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n"],
  ["an invalid host", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"],
  ["an invalid host beside an absolute target", 400, "GET http://a/ HTTP/1.1\r\nHost: @\r\n\r\n"],
  ["a space before the colon", 400, "GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n"],
  ["a folded line", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"],
  ["a folded line with a colon", 400, "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc: d\r\n\r\n"],
  ["a first header line that is folded", 400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"],
  ["an empty header name", 400, "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"],
  ["a header line without colon", 400, "GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n"],
  ["a last header line without colon", 400, "GET / HTTP/1.1\r\nHost: a\r\nno\r\nX: b\r\n\r\n"],
  ["a header name that is no token", 400, "GET / HTTP/1.1\r\nHost: a\r\nX@Y: b\r\n\r\n"],
  ["a header name above ASCII", 400, "GET / HTTP/1.1\r\nHost: a\r\nX\xe9: b\r\n\r\n"],
  [
    "two equal lengths",
    400,
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
  ],
  ["a list of lengths", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n"],
  ["a signed length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n"],
  ["a negative length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n"],
  ["an empty length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"],
  [
    "a length of 30 digits",
    413,
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1${"0".repeat(29)}\r\n\r\n`,
  ],
  [
    "a length beside chunked",
    400,
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],
  ["an unknown coding", 501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"],
  ["gzip, chunked", 501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
  [
    "chunked twice",
    400,
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],
  ["an empty coding", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n"],
  ["chunked in HTTP/1.0", 400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["an unknown expectation", 417, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n"],
  ["an invalid escape", 400, "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a path above the root", 400, "GET /../a HTTP/1.1\r\nHost: a\r\n\r\n"],
];

for (const [what, expected, text] of REFUSED) {
  Deno.test(`RequestParser refuses ${what} with ${expected}`, () => {
    assert.equal(status(text), expected);
  });
}

Deno.test("RequestParser refuses a bad byte without waiting for the rest", () => {
  assert.equal(status("GET / HTTP/1.1\n"), 400);
  assert.equal(status("\x16\x03\x01\x02"), 400);
  assert.equal(status("GET / HTTP/1.1\rX"), 400);
  assert.equal(parse("GET / HTTP/1.1\r"), undefined);
});

Deno.test("RequestParser holds request line, header lines, their number and the head to the limits", () => {
  const limits = { requestLine: 20, fields: 3, fieldSize: 12, headSize: 60 };
  const run = (text: string) => {
    const bytes = encodeLatin1(text);
    const result = new RequestParser(limits).parse(bytes, 0, bytes.length);
    return result?.kind === "failure" ? result.status : result?.kind;
  };
  assert.equal(run("GET /234567 HTTP/1.1\r\nHost: a\r\n\r\n"), "head");
  assert.equal(run("GET /2345678 HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  assert.equal(run("GET /2345678 HTTP/1.1"), 414, "before the line has ended");
  assert.equal(run("GET / HTTP/1.1\r\nHost: a\r\nX: 456789012\r\n\r\n"), "head");
  assert.equal(run("GET / HTTP/1.1\r\nHost: a\r\nX: 4567890123\r\n\r\n"), 431);
  assert.equal(run("GET / HTTP/1.1\r\nHost: a\r\nX: 4567890123"), 431, "before the line has ended");
  assert.equal(run("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n\r\n"), "head");
  assert.equal(run("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\nE: f\r\n\r\n"), 431);
  const long = "GET /2345678 HTTP/1.0\r\n" + "A: 456789012\r\n".repeat(2);
  const size = (headSize: number) => {
    const bytes = encodeLatin1(long + "\r\n");
    return new RequestParser({ requestLine: 100, fields: 9, fieldSize: 99, headSize })
      .parse(bytes, 0, bytes.length)?.kind;
  };
  assert.equal(size(long.length + 2), "head");
  assert.equal(size(long.length + 1), "failure");
});

Deno.test("RequestParser can be used again after a failure", () => {
  const parser = new RequestParser();
  const bad = encodeLatin1("GET / HTTP/1.1\r\nHost: a\n");
  assert.equal(parser.parse(bad, 0, bad.length)?.kind, "failure");
  const good = encodeLatin1("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal(parser.parse(good, 0, good.length)?.kind, "head");
});

/** What must be the same however the bytes arrive: everything but the shared header name entries. */
function comparable(result: RequestHead | RequestFailure | undefined): unknown {
  if (result?.kind !== "head") return result;
  const names = result.names.map(({ name }) => name);
  return { ...result, names, fields: { ...result.fields, names: names.length } };
}

const pieces = fc.constantFrom(
  "GET / HTTP/1.1\r\n",
  "POST /a%20b?c HTTP/1.0\r\n",
  "Host: example.com\r\n",
  "X-Name: value\r\n",
  "X-Name:\t\xe9 \r\n",
  "Content-Length: 7\r\n",
  "Connection: close\r\n",
  "\r\n",
  "\n",
  "\r",
  " ",
  ":",
  "%2e/../",
  "a",
);
const requestText = fc.oneof(
  fc.array(pieces, { maxLength: 12 }).map((list) => list.join("")),
  fc.array(pieces, { maxLength: 6 }).map((list) =>
    "GET /x HTTP/1.1\r\nHost: a\r\n" + list.join("") + "\r\n\r\n"
  ),
);

Deno.test("RequestParser gives the same result wherever the bytes are split", () => {
  fc.assert(
    fc.property(
      requestText,
      fc.array(fc.nat(200), { maxLength: 6 }),
      fc.nat(5),
      (text, cuts, offset) => {
        const whole = encodeLatin1(text);
        const expected = new RequestParser().parse(whole, 0, whole.length);
        // The region moves in its buffer between the calls, as a compacted receive buffer does.
        const parser = new RequestParser();
        const ends = [...cuts.filter((cut) => cut < whole.length), whole.length].sort((a, b) =>
          a - b
        );
        let result: RequestHead | RequestFailure | undefined;
        for (const [step, end] of ends.entries()) {
          const start = (offset + step) % 5;
          const buffer = new Uint8Array(start + end + 3).fill(1);
          buffer.set(whole.subarray(0, end), start);
          result = parser.parse(buffer, start, start + end);
          if (result !== undefined) break;
        }
        assert.deepEqual(comparable(result), comparable(expected));
      },
    ),
    { numRuns: 400 },
  );
});

Deno.test("RequestParser reads each head of a connection as if it were the first", () => {
  const line = fc.constantFrom(
    "GET / HTTP/1.1",
    "GET /a HTTP/1.1",
    "GET / HTTP/1.0",
    "GET http://b.example/ HTTP/1.1",
    "\r\nGET / HTTP/1.1",
    "GET  / HTTP/1.1",
  );
  const lines = fc.constantFrom(
    "Host: a",
    "Host: b",
    "Host: a\r\nExpect: 100-continue",
    "Host: a\r\nTransfer-Encoding: chunked",
    "Host: a\r\nX-Name: 1\r\nx-name: 2",
    "X-Name: 1",
    `Host: a\r\nX-Name: ${"x".repeat(5000)}`,
    "Host: \xe9",
  );
  const heads = fc.array(fc.tuple(line, lines, fc.integer({ min: 1, max: 4 })), { maxLength: 12 });
  fc.assert(
    fc.property(heads, fc.boolean(), (list, inPieces) => {
      const parser = new RequestParser();
      for (const [line, lines, times] of list) {
        const bytes = encodeLatin1(`${line}\r\n${lines}\r\n\r\nbody`);
        for (let time = 0; time < times; time++) {
          if (inPieces && parser.parse(bytes, 0, 20 + time)?.kind === "failure") continue;
          const result = parser.parse(bytes, 0, bytes.length);
          assert.deepEqual(
            comparable(result),
            comparable(new RequestParser().parse(bytes, 0, bytes.length)),
          );
        }
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("RequestParser gives the same objects for what has not changed", () => {
  const parser = new RequestParser();
  const parse = (text: string) => {
    const bytes = encodeLatin1(text);
    return parser.parse(bytes, 0, bytes.length) as RequestHead;
  };
  const first = parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal(parse("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET"), first);
  assert.equal(parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), first);
  const other = parse("GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.notEqual(other, first);
  assert.equal(other.fields, first.fields);
  assert.notEqual(parse("GET /b HTTP/1.1\r\nHost: b\r\n\r\n").fields, first.fields);
});

Deno.test("RequestParser never throws and reports no more bytes than there are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const prefix = encodeLatin1("GET / HTTP/1.1\r\nHost: a\r\n");
      for (const input of [bytes, new Uint8Array([...prefix, ...bytes, 13, 10, 13, 10])]) {
        const result = new RequestParser().parse(input, 0, input.length);
        if (result?.kind === "head") assert.ok(result.length > 0 && result.length <= input.length);
      }
    }),
    { numRuns: 300 },
  );
});
