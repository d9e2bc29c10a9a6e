import assert from "node:assert/strict";
import fc from "npm:fast-check@^4";
import { type RequestHead, RequestParser } from "../../../core/http/request_parser.ts";
import { ConnectionEnviron } from "../../../core/wsgi/connection_environ.ts";
import { microsecondsText, pathBelow, serverContext } from "../../../core/wsgi/environ.ts";
import { ConnectionShapes, type EnvironShape, pairsOf } from "../../../core/wsgi/environ_shape.ts";
import { encodeLatin1 } from "../../../core/wsgi/latin1.ts";

const CONNECTION = {
  scheme: "http",
  serverAddress: "127.0.0.1",
  serverPort: "8104",
  remoteAddress: "127.0.0.1",
  remotePort: "58726",
  connectionId: "connection1",
} as const;
const FACTS = {
  requestId: "request0001",
  requestStart: 1795426945136315,
  queueStart: 1795426945136509,
};

function builder(mountPoint = "/", shapes?: ConnectionShapes): ConnectionEnviron {
  const context = serverContext({
    mountPoint,
    documentRoot: "/srv/htdocs",
    serverName: "localhost",
  });
  return new ConnectionEnviron(context, CONNECTION, shapes);
}

function head(lines: string): RequestHead {
  const bytes = encodeLatin1(lines.replaceAll("\n", "\r\n") + "\r\n\r\n");
  const result = new RequestParser().parse(bytes, 0, bytes.length);
  assert.equal(result?.kind, "head", JSON.stringify(result));
  return result as RequestHead;
}

/** The dictionary that the Python half makes of a text. */
function dictionary(
  text: string | undefined,
  shape: EnvironShape | undefined,
): Record<string, string> {
  assert.notEqual(text, undefined);
  const items = (shape === undefined ? text! : pairsOf(shape, text!)).split("\0");
  assert.equal(items.length % 2, 0);
  const result: Record<string, string> = {};
  for (let index = 0; index < items.length; index += 2) result[items[index]!] = items[index + 1]!;
  return result;
}

function environ(lines: string, mountPoint = "/"): Record<string, string> {
  const environ = builder(mountPoint);
  return dictionary(environ.build(head(lines), FACTS), environ.shape);
}

Deno.test("ConnectionEnviron builds what mod_wsgi gave for the same request", () => {
  const lines = "GET /app//x//y%20z?q=1&r=%20 HTTP/1.1\nHost: 127.0.0.1:8104\n" +
    "User-Agent: curl/7.88.1\nAccept: */*\nX-Test: a\nX-Dup: 1\nX-Dup: 2\nX_Y: no\nCookie: c=d";
  assert.deepEqual(environ(lines, "/app"), {
    HTTP_ACCEPT: "*/*",
    HTTP_COOKIE: "c=d",
    HTTP_HOST: "127.0.0.1:8104",
    HTTP_USER_AGENT: "curl/7.88.1",
    HTTP_X_DUP: "1, 2",
    HTTP_X_TEST: "a",
    PATH_INFO: "/x/y z",
    PATH_TRANSLATED: "/srv/htdocs/y z",
    QUERY_STRING: "q=1&r=%20",
    REMOTE_ADDR: "127.0.0.1",
    REMOTE_PORT: "58726",
    REQUEST_METHOD: "GET",
    REQUEST_SCHEME: "http",
    REQUEST_URI: "/app//x//y%20z?q=1&r=%20",
    SCRIPT_FILENAME: "/srv/htdocs/app/x",
    SCRIPT_NAME: "/app",
    SERVER_ADDR: "127.0.0.1",
    SERVER_NAME: "127.0.0.1",
    SERVER_PORT: "8104",
    SERVER_PROTOCOL: "HTTP/1.1",
    "mod_wsgi.connection_id": "connection1",
    "mod_wsgi.daemon_connects": "1",
    "mod_wsgi.daemon_restarts": "0",
    "mod_wsgi.path_info": "/y z",
    "mod_wsgi.queue_start": "1795426945136509",
    "mod_wsgi.request_id": "request0001",
    "mod_wsgi.request_start": "1795426945136315",
    "mod_wsgi.script_name": "/app/x",
  });
});

Deno.test("ConnectionEnviron at the root gives an empty SCRIPT_NAME and the whole path", () => {
  const result = environ("GET / HTTP/1.1\nHost: a");
  assert.equal(result.SCRIPT_NAME, "");
  assert.equal(result.PATH_INFO, "/");
  assert.equal(result.QUERY_STRING, "");
  assert.equal(result.SCRIPT_FILENAME, "/srv/htdocs/");
  assert.equal(result["mod_wsgi.script_name"], "/");
  assert.equal(result["mod_wsgi.path_info"], "");
  assert.equal("PATH_TRANSLATED" in result, false);
});

Deno.test("ConnectionEnviron always gives PATH_INFO, empty at the mount point itself", () => {
  const result = environ("GET /app HTTP/1.1\nHost: a", "/app");
  assert.equal(result.SCRIPT_NAME, "/app");
  assert.equal(result.PATH_INFO, "");
  assert.equal(result.SCRIPT_FILENAME, "/srv/htdocs/app");
});

Deno.test("ConnectionEnviron gives nothing for a path outside the mount point", () => {
  for (const path of ["/", "/apple", "/ap", "/APP/x", "/b/app"]) {
    assert.equal(
      builder("/app").build(head(`GET ${path} HTTP/1.1\nHost: a`), FACTS),
      undefined,
      path,
    );
  }
  assert.equal(builder("/app").build(head("GET /app/../x HTTP/1.1\nHost: a"), FACTS), undefined);
  assert.equal(builder().build(head("OPTIONS * HTTP/1.1\nHost: a"), FACTS), undefined);
});

Deno.test("ConnectionEnviron takes SERVER_NAME and SERVER_PORT from Host, else from server and connection", () => {
  const of = (lines: string) => {
    const { SERVER_NAME, SERVER_PORT } = environ(lines);
    return `${SERVER_NAME} ${SERVER_PORT}`;
  };
  assert.equal(of("GET / HTTP/1.1\nHost: WWW.example.com:99"), "www.example.com 99");
  assert.equal(of("GET / HTTP/1.1\nHost: example.com"), "example.com 8104");
  assert.equal(of("GET / HTTP/1.1\nHost: [::1]:8104"), "[::1] 8104");
  assert.equal(of("GET / HTTP/1.0"), "localhost 8104");
});

Deno.test("ConnectionEnviron follows the Host header from request to request", () => {
  const one = builder();
  for (const host of ["a", "b", "a", "", "b"]) {
    const lines = host === "" ? "GET / HTTP/1.0" : `GET / HTTP/1.1\nHost: ${host}`;
    const result = dictionary(one.build(head(lines), FACTS), one.shape);
    assert.equal(result.SERVER_NAME, host || "localhost");
  }
});

Deno.test("ConnectionEnviron passes content headers without HTTP_ and drops the dangerous ones", () => {
  const result = environ(
    "POST / HTTP/1.1\nHost: a\nContent-Type: text/plain\nContent-Length: 5\nContent_Length: 6\n" +
      "Proxy: http://evil\nAuthorization: Basic eDp5\nProxy-Authorization: x\nExpect: 100-continue",
  );
  assert.equal(result.CONTENT_TYPE, "text/plain");
  assert.equal(result.CONTENT_LENGTH, "5");
  assert.equal(result.HTTP_AUTHORIZATION, "Basic eDp5");
  const http = Object.keys(result).filter((key) => key.startsWith("HTTP_")).sort();
  assert.deepEqual(http, ["HTTP_AUTHORIZATION", "HTTP_EXPECT", "HTTP_HOST"]);
});

Deno.test("ConnectionEnviron gives no content headers to a request without body", () => {
  const result = environ("GET / HTTP/1.1\nHost: a");
  assert.equal("CONTENT_TYPE" in result || "CONTENT_LENGTH" in result, false);
});

Deno.test("ConnectionEnviron joins repeated headers with a comma and cookies with a semicolon", () => {
  const result = environ(
    "GET / HTTP/1.1\nHost: a\nAccept: x\nCookie: a=1\naccept: y\nCookie: b=2\nX_Y: 1\nX_Y: 2\nX-Z:",
  );
  assert.equal(result.HTTP_ACCEPT, "x, y");
  assert.equal(result.HTTP_COOKIE, "a=1; b=2");
  assert.equal(result.HTTP_X_Z, "");
  assert.equal("HTTP_X_Y" in result, false);
});

Deno.test("ConnectionEnviron leaves queue and daemon facts out in embedded mode", () => {
  const one = builder();
  const text = one.build(head("GET / HTTP/1.1\nHost: a"), { ...FACTS, queueStart: 0 });
  const result = dictionary(text, one.shape);
  for (const key of ["queue_start", "daemon_connects", "daemon_restarts"]) {
    assert.equal(`mod_wsgi.${key}` in result, false, key);
  }
  assert.equal(result["mod_wsgi.request_start"], "1795426945136315");
});

Deno.test("serverContext takes mount point and paths in any spelling", () => {
  const settings = { documentRoot: "/srv/", serverName: "x" };
  const mount = (mountPoint: string) => serverContext({ ...settings, mountPoint }).mountPoint;
  assert.equal(mount("/"), "");
  assert.equal(mount(""), "");
  assert.equal(mount("//"), "");
  assert.equal(mount("/a/"), "/a");
  assert.equal(mount("a//b"), "/a/b");
  assert.equal(mount("/\u00e9"), "/\xc3\xa9");
  assert.equal(serverContext({ ...settings, mountPoint: "/" }).documentRoot, "/srv");
});

Deno.test("pathBelow cuts whole segments only", () => {
  assert.equal(pathBelow("/a", "/a"), "");
  assert.equal(pathBelow("/a", "/a/"), "/");
  assert.equal(pathBelow("/a", "/a/b"), "/b");
  assert.equal(pathBelow("/a", "/ab"), undefined);
  assert.equal(pathBelow("", "/ab"), "/ab");
  for (const mountPoint of ["", "/a"]) {
    assert.equal(pathBelow(mountPoint, "*"), undefined);
    assert.equal(pathBelow(mountPoint, ""), undefined);
  }
});

Deno.test("microsecondsText writes all digits", () => {
  for (const value of [0, 1, 999_999, 1_000_000, 1_000_001, 1795426945000000, 1795426945000042]) {
    assert.equal(Number(microsecondsText(value)), value);
  }
  assert.equal(microsecondsText(1795426945000042), "1795426945000042");
  assert.equal(microsecondsText(1795426945000042.75), "1795426945000042");
});

Deno.test("ConnectionEnviron gives every header of unambiguous name, whatever its value", () => {
  const name = fc.stringMatching(/^X-[A-Za-z0-9-]{1,10}$/);
  const value = fc.stringMatching(/^[\x21-\x7e\xa0-\xff]{0,20}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 10 }), (list) => {
      const result = environ(
        "GET / HTTP/1.1\nHost: a" + list.map(([n, v]) => `\n${n}: ${v}`).join(""),
      );
      const expected: Record<string, string> = {};
      for (const [n, v] of list) {
        const key = "HTTP_" + n.toUpperCase().replaceAll("-", "_");
        expected[key] = key in expected ? `${expected[key]}, ${v}` : v;
      }
      for (const [key, text] of Object.entries(expected)) assert.equal(result[key], text);
    }),
    { numRuns: 200 },
  );
});

/** Builds the environs of one connection, whose parser is one too. */
class TestConnection {
  readonly environ: ConnectionEnviron;
  #parser = new RequestParser();
  #sent = 0;

  constructor(shapes: ConnectionShapes | undefined, mountPoint = "/") {
    this.environ = builder(mountPoint, shapes);
  }

  /** The environ text; its shape is `environ.shape`. */
  text(lines: string, queueStart = 0): string | undefined {
    const bytes = encodeLatin1(lines.replaceAll("\n", "\r\n") + "\r\n\r\n");
    const request = this.#parser.parse(bytes, 0, bytes.length) as RequestHead;
    const requestId = `request${++this.#sent}`;
    return this.environ.build(request, { requestId, requestStart: this.#sent, queueStart });
  }
}

Deno.test("ConnectionEnviron leaves out nothing but what its shape has", () => {
  const request = fc.tuple(
    fc.constantFrom("GET /", "GET /app/a", "GET /app/a/b?c=d", "POST /app/a", "GET http://x/app/y"),
    fc.constantFrom("HTTP/1.1", "HTTP/1.0"),
    fc.constantFrom(
      "Host: a",
      "Host: b:81",
      "Host: a\nCookie: 1",
      "Host: a\nCookie: 2",
      "Host: a\nX-One: 1\nX-One: 2",
      `Host: a\nCookie: ${"c".repeat(4200)}`,
    ),
    fc.integer({ min: 1, max: 9 }),
  );
  const shapes = new ConnectionShapes();
  let made = 0;
  fc.assert(
    fc.property(
      fc.array(request, { maxLength: 8 }),
      fc.constantFrom("/", "/app"),
      fc.constantFrom(0, 5),
      (requests, mountPoint, queueStart) => {
        const own = new TestConnection(shapes, mountPoint);
        const plain = new TestConnection(undefined, mountPoint);
        for (const [line, version, headers, times] of requests) {
          for (let time = 0; time < times; time++) {
            const lines = `${line} ${version}\n${headers}`;
            const expected = plain.text(lines, queueStart);
            const text = own.text(lines, queueStart);
            if (expected === undefined) {
              assert.equal(text, undefined);
              continue;
            }
            if (own.environ.shape?.common) made++;
            assert.deepEqual(
              dictionary(text, own.environ.shape),
              dictionary(expected, plain.environ.shape),
            );
          }
        }
        own.environ.close();
        plain.environ.close();
      },
    ),
    { numRuns: 200 },
  );
  assert.ok(made > 100, String(made));
});

Deno.test("a connection gets a shape of its own for requests that are alike", () => {
  const shapes = new ConnectionShapes();
  const connection = new TestConnection(shapes);
  const ask = (path: string, cookie = "a") =>
    connection.text(`GET ${path} HTTP/1.1\nHost: a\nCookie: ${cookie}`)!.split("\0").length;
  const whole = ask("/");
  ask("/");
  ask("/");
  assert.deepEqual(shapes.takeUnused(), []);
  // Id, start and marker.
  assert.equal(ask("/"), 3);
  const { shape } = connection.environ;
  assert.equal(ask("/"), 3);
  assert.equal(connection.environ.shape, shape);
  // What is in the request line too.
  ask("/b");
  assert.deepEqual(shapes.takeUnused(), [shape]);
  const line = ask("/c");
  assert.ok(line > 3 && line < whole, `${line}`);
  const lineShape = connection.environ.shape!;
  assert.equal(ask("/b"), line);
  assert.equal(connection.environ.shape, lineShape);
  // A path with more segments has one more name; both shapes stay.
  for (let number = 0; number < 9; number++) ask(`/b/${number}`);
  assert.equal(ask("/b/c"), line + 1);
  const deepShape = connection.environ.shape!;
  assert.equal(ask("/c"), line);
  assert.equal(connection.environ.shape, lineShape);
  assert.equal(ask("/d/e"), line + 1);
  assert.equal(connection.environ.shape, deepShape);
  // And all again, with other headers.
  assert.equal(ask("/b", "b"), whole);
  assert.deepEqual(shapes.takeUnused(), [lineShape, deepShape]);
  for (let time = 0; time < 30; time++) ask("/b", "b");
  assert.equal(ask("/b", "b"), 3);
  const last = connection.environ.shape;
  // A request that a process has may outlive its connection.
  last!.retain();
  connection.environ.close();
  assert.deepEqual(shapes.takeUnused(), []);
  last!.release();
  assert.deepEqual(shapes.takeUnused(), [last]);
});

Deno.test("connections have a bounded number of shapes of their own", () => {
  const shapes = new ConnectionShapes();
  const made: EnvironShape[] = [];
  for (;;) {
    const shape = shapes.make(["a"], "b\0c");
    if (shape === undefined) break;
    made.push(shape);
  }
  assert.equal(made.length, 256);
  assert.equal(new Set(made.map(({ marker }) => marker)).size, made.length);
  made[5]!.release();
  assert.notEqual(shapes.make(["a"], "b\0c"), undefined);
  assert.equal(shapes.make(["a"], "b\0c"), undefined);
  made[6]!.release();
  assert.equal(shapes.make(["a"], `b\0${"c".repeat(5000)}`), undefined);
});
