import assert from "node:assert/strict";
import { pairs, testEach, withApplication } from "./python_half.ts";

/** Runs the body of an application whose result is in `result`. */
function script(body: string): string {
  const indented = body.trim().split("\n").map((line) => "    " + line).join("\n");
  return `def application(environ, start_response):\n${indented}\n`;
}

const HEADS = `
import json, urllib.parse
def application(environ, start_response):
    status, headers = eval(urllib.parse.unquote(environ["QUERY_STRING"]))
    try:
        start_response(status, headers)
    except Exception as error:
        start_response("200 OK", [("X-Error", type(error).__name__)])
        return [str(error).encode("utf-8")]
    return [b"fine"]
`;

const REFUSED: readonly (readonly [head: string, error: string])[] = [
  [`("200", [])`, "ValueError"],
  [`("2", [])`, "ValueError"],
  [`("200\\t", [])`, "ValueError"],
  [`("200-", [])`, "ValueError"],
  [`("20 OK", [])`, "ValueError"],
  [`("2000 OK", [])`, "ValueError"],
  [`("OK 200", [])`, "ValueError"],
  [`("199 Early", [])`, "ValueError"],
  [`("200 O\\nK", [])`, "ValueError"],
  [`("200 O\\x7fK", [])`, "ValueError"],
  [`("200 O\\x00K", [])`, "ValueError"],
  [`("200 \\u20ac", [])`, "UnicodeEncodeError"],
  [`(b"200 OK", [])`, "TypeError"],
  [`(200, [])`, "TypeError"],
  [`(["200 OK"], [])`, "TypeError"],
  [`("200 OK", None)`, "TypeError"],
  [`("200 OK", ())`, "TypeError"],
  [`("200 OK", {"A": "b"})`, "TypeError"],
  [`("200 OK", [["A", "b"]])`, "TypeError"],
  [`("200 OK", [("A",)])`, "TypeError"],
  [`("200 OK", [("A", "b", "c")])`, "TypeError"],
  [`("200 OK", ["Ab"])`, "TypeError"],
  [`("200 OK", [None])`, "TypeError"],
  [`("200 OK", [("A", b"b")])`, "TypeError"],
  [`("200 OK", [(b"A", "b")])`, "TypeError"],
  [`("200 OK", [("A", 1)])`, "TypeError"],
  [`("200 OK", [("A", ["b"])])`, "TypeError"],
  [`("200 OK", [("", "b")])`, "ValueError"],
  [`("200 OK", [("A B", "b")])`, "ValueError"],
  [`("200 OK", [("A:", "b")])`, "ValueError"],
  [`("200 OK", [("A\\n", "b")])`, "ValueError"],
  [`("200 OK", [("\\xe9", "b")])`, "ValueError"],
  [`("200 OK", [("\\u20ac", "b")])`, "UnicodeEncodeError"],
  [`("200 OK", [("A", "b\\r\\nC: d")])`, "ValueError"],
  [`("200 OK", [("A", "b\\n")])`, "ValueError"],
  [`("200 OK", [("A", "b\\r")])`, "ValueError"],
  [`("200 OK", [("A", "b\\x00")])`, "ValueError"],
  [`("200 OK", [("A", "\\u20ac")])`, "UnicodeEncodeError"],
  [`("200 OK", [("Content-Length", "4x")])`, "ValueError"],
  [`("200 OK", [("Content-Length", "-4")])`, "ValueError"],
  [`("200 OK", [("Content-Length", "+4")])`, "ValueError"],
  [`("200 OK", [("Content-Length", "")])`, "ValueError"],
  [`("200 OK", [("Content-Length", "\\xb2")])`, "ValueError"],
  [`("200 OK", [("Content-Length", "9" * 30)])`, "ValueError"],
  [`("200 OK", [("Content-Length", "4"), ("content-length", "5")])`, "ValueError"],
];

testEach("a head that can't be sent is refused in start_response()", async (python) => {
  await withApplication({ python, source: HEADS }, async (client) => {
    for (const [head, error] of REFUSED) {
      await client.request(pairs({ QUERY_STRING: encodeURIComponent(head) }));
      const response = await client.response();
      assert.deepEqual(response.lines, ["200 OK", `X-Error: ${error}`], head);
    }
  });
});

const ACCEPTED: readonly (readonly [head: string, lines: readonly string[], closes?: boolean])[] = [
  [`("200 OK", [])`, ["200 OK"]],
  [`("299 Custom  Reason \\xe9", [])`, ["299 Custom  Reason \xe9"]],
  [`("999 x", [])`, ["999 x"]],
  [`("200 ", [])`, ["200 "]],
  [`("200 OK", [("a", ""), ("A", "b")])`, ["200 OK", "a: ", "A: b"]],
  [`("200 OK", [("X_Under", "a\\tb \\xe9")])`, ["200 OK", "X_Under: a\tb \xe9"]],
  [`("200 OK", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])`, [
    "200 OK",
    "Set-Cookie: a=1",
    "Set-Cookie: b=2",
  ]],
  [`("200 OK", [("content-LENGTH", "4"), ("Content-Length", "04")])`, [
    "200 OK",
    "Content-Length: 4",
  ]],
  [`("200 OK", [("Connection", "close"), ("A", "b")])`, ["200 OK", "A: b"], true],
  [`("200 OK", [("connection", "x, Close")])`, ["200 OK"], true],
  [`("200 OK", [("Connection", "keep-alive"), ("Keep-Alive", "timeout=5")])`, ["200 OK"]],
  [
    `("200 OK", [(n, "x") for n in ("Proxy-Connection", "TE", "Trailer", "Trailers", "Upgrade")])`,
    ["200 OK"],
  ],
  [`("200 OK", [("Transfer-Encoding", "chunked")])`, ["200 OK"]],
  [`("200 OK", type("L", (list,), {})([("A", "b")]))`, ["200 OK", "A: b"]],
];

testEach("a head is sent as given, without hop-by-hop headers", async (python) => {
  await withApplication({ python, source: HEADS }, async (client) => {
    // The third time a head is found as a whole.
    for (const [head, lines, closes] of Array(4).fill(ACCEPTED).flat()) {
      await client.request(pairs({ QUERY_STRING: encodeURIComponent(head) }));
      const response = await client.response();
      assert.deepEqual(response.lines, lines, head);
      assert.equal(response.closes, closes ?? false, head);
      assert.equal(response.status, Number(lines[0]?.slice(0, 3)));
      assert.equal(response.body.toString(), "fine");
    }
  });
});

testEach("nothing is taken for a head that was sent before", async (python) => {
  const sent = `("200 OK", [("A", "1"), ("Content-Length", "4")])`;
  const others: readonly (readonly [head: string, first: string])[] = [
    [`("200 OK", [("A", 1), ("Content-Length", "4")])`, "X-Error: TypeError"],
    [`("200 OK", [("A", "1"), ("Content-Length", 4)])`, "X-Error: TypeError"],
    [`("200 OK", (("A", "1"), ("Content-Length", "4")))`, "X-Error: TypeError"],
    [`("200 OK", [["A", "1"], ("Content-Length", "4")])`, "X-Error: TypeError"],
    [`(b"200 OK", [("A", "1"), ("Content-Length", "4")])`, "X-Error: TypeError"],
    [`("200 OK", [("A", "12"), ("Content-Length", "4")])`, "A: 12"],
    [`("200 OK", [("a", "1"), ("Content-Length", "4")])`, "a: 1"],
    [`("200 OK", [("Content-Length", "4"), ("A", "1")])`, "Content-Length: 4"],
  ];
  await withApplication({ python, source: HEADS }, async (client) => {
    const answer = async (head: string) => {
      await client.request(pairs({ QUERY_STRING: encodeURIComponent(head) }));
      return (await client.response()).lines;
    };
    for (let time = 0; time < 4; time++) {
      assert.deepEqual(await answer(sent), ["200 OK", "A: 1", "Content-Length: 4"]);
      for (const [head, first] of others) assert.equal((await answer(head))[1], first, head);
    }
  });
});

testEach("the gateway is told which of Date and Server the application gave", async (python) => {
  const given: readonly (readonly [headers: string, flags: number])[] = [
    [`[("DATE", "then")]`, 4],
    [`[("server", "mine"), ("A", "b")]`, 8],
    [`[("Server", "mine"), ("Date", "then")]`, 12],
    [`[("Date-Of", "x"), ("Server-Timing", "y"), ("A", "date: z")]`, 0],
  ];
  await withApplication({ python, source: HEADS }, async (client) => {
    for (const [headers, flags] of [...given, ...given]) {
      const head = `("200 OK", ${headers})`;
      await client.request(pairs({ QUERY_STRING: encodeURIComponent(head) }));
      const response = await client.response();
      assert.equal(response.given, flags, headers);
      assert.equal(response.lines.some((line) => line.includes("\0")), false);
    }
  });
});

testEach("more different headers than are remembered", async (python) => {
  const source = script(`
count = int(environ["QUERY_STRING"])
headers = [("X-%d" % (count * 700 + index), str(index)) for index in range(700)]
start_response("200 OK", headers)
return [b"fine"]
`);
  await withApplication({ python, source }, async (client) => {
    for (const count of [0, 1, 2, 0]) {
      await client.request(pairs({ QUERY_STRING: String(count) }));
      const { lines } = await client.response();
      assert.equal(lines.length, 701);
      assert.equal(lines[700], `X-${count * 700 + 699}: 699`);
    }
  });
});

testEach("several small parts of a list are one frame", async (python) => {
  const source = script(`
start_response("200 OK", [])
return ([b"a", b"", b"bc"] if environ["PATH_INFO"] == "/" else (b"a", b"bc"))
`);
  await withApplication({ python, source }, async (client) => {
    for (const path of ["/", "/tuple"]) {
      await client.request(pairs({ PATH_INFO: path }));
      const head = await client.head();
      assert.equal(head.isWhole, true);
      assert.equal(head.contentLength, -1);
      assert.equal(head.body.toString(), "abc");
    }
  });
});

testEach("an empty body, however it comes, is one frame", async (python) => {
  const source = script(`
start_response("200 OK", [])
return {"/": [], "/tuple": (), "/one": [b""], "/iterator": iter([]), "/parts": iter([b"", b""])}[
    environ["PATH_INFO"]
]
`);
  await withApplication({ python, source }, async (client) => {
    for (const path of ["/", "/tuple", "/one", "/iterator", "/parts"]) {
      await client.request(pairs({ PATH_INFO: path }));
      const head = await client.head();
      assert.equal(head.isWhole, true);
      assert.equal(head.body.length, 0);
    }
  });
});

testEach("a large body in a list comes with its length, in parts", async (python) => {
  const source = script(`
start_response("200 OK", [])
return [b"x" * 1000000] if environ["PATH_INFO"] == "/" else [b"y" * 100000] * 10
`);
  await withApplication({ python, source }, async (client) => {
    for (const path of ["/", "/many"]) {
      await client.request(pairs({ PATH_INFO: path }));
      const response = await client.response();
      assert.equal(response.isWhole, false);
      assert.equal(response.contentLength, 1000000);
      assert.deepEqual(response.lines, ["200 OK", "Content-Length: 1000000"]);
      assert.equal(response.body.length, 1000000);
    }
  });
});

testEach("an item is sent before the next is asked for", async (python) => {
  const source = `
import threading
go_on = threading.Event()
def application(environ, start_response):
    if environ["PATH_INFO"] == "/go":
        go_on.set()
        start_response("200 OK", [])
        return [b""]
    return parts(start_response)
def parts(start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b""
    yield b"first"
    assert go_on.wait(10)
    yield b""
    yield b"second"
`;
  await withApplication({ python, source, plan: { threads: 2 } }, async (client, half) => {
    const other = half.client();
    await client.request(pairs());
    const head = await client.head();
    assert.equal(head.isWhole, false);
    assert.equal(head.contentLength, -1);
    assert.equal(head.body.toString(), "first");
    await other.request(pairs({ PATH_INFO: "/go" }));
    await other.response();
    const data = await client.frame();
    assert.deepEqual([data.type, data.payload.toString()], ["D", "second"]);
    assert.equal((await client.frame()).type, "F");
  });
});

testEach("large items go out whole and in order", async (python) => {
  const source = script(`
start_response("200 OK", [])
return (bytes([index]) * (1 << index) for index in range(22))
`);
  await withApplication({ python, source }, async (client) => {
    await client.request(pairs());
    const { body } = await client.response();
    assert.equal(body.length, (1 << 22) - 1);
    for (let index = 0; index < 22; index += 1) {
      assert.equal(body[(1 << index) - 1], index);
      assert.equal(body[(1 << (index + 1)) - 2], index);
    }
  });
});

testEach("write() sends at once, the iterable follows", async (python) => {
  const source = `
late = []
def application(environ, start_response):
    if environ["PATH_INFO"] == "/late":
        start_response("200 OK", [])
        try:
            late[0](b"x")
        except RuntimeError as error:
            return [str(error).encode()]
    write = start_response("200 OK", [("X-A", "b")])
    late.append(write)
    try:
        write("text")
    except TypeError:
        write(b"first ")
    write(b"")
    write(b"second ")
    return [b"third"] if environ["PATH_INFO"] == "/" else iter([b"", b"third"])
`;
  await withApplication({ python, source }, async (client) => {
    for (const path of ["/", "/iterator"]) {
      await client.request(pairs({ PATH_INFO: path }));
      const head = await client.head();
      assert.equal(head.isWhole, false);
      assert.equal(head.body.toString(), "first ");
      assert.deepEqual(head.lines, ["200 OK", "X-A: b"]);
      assert.equal((await client.frame()).payload.toString(), "second ");
      assert.equal((await client.frame()).payload.toString(), "third");
      assert.equal((await client.frame()).type, "F");
    }
    await client.request(pairs({ PATH_INFO: "/late" }));
    assert.match((await client.response()).body.toString(), /after the end of the request/);
  });
});

testEach("start_response() of an earlier request does not answer this one", async (python) => {
  const source = `
kept = []
def application(environ, start_response):
    kept.append(start_response)
    start_response("200 OK", [("X-Number", str(len(kept)))])
    for earlier in kept[:-1]:
        try:
            earlier("500 Wrong", [])("written")
        except (RuntimeError, TypeError):
            pass
    return [b"body"]
`;
  await withApplication({ python, source }, async (client) => {
    for (let number = 1; number < 5; number++) {
      await client.request(pairs());
      const { lines, body } = await client.response();
      assert.deepEqual([...lines, body.toString()], ["200 OK", `X-Number: ${number}`, "body"]);
    }
  });
});

testEach("start_response() again: before and after the response has begun", async (python) => {
  const source = `
import sys
def application(environ, start_response):
    path = environ["PATH_INFO"]
    write = start_response("200 OK", [("X-First", "1")])
    if path == "/replace":
        start_response("201 Created", [("X-Second", "2")])
        return [b"body"]
    if path == "/exc_info":
        try:
            raise ValueError("hidden")
        except ValueError:
            start_response("503 Sorry", [("X-Second", "2")], sys.exc_info())
        return [b"sorry"]
    write(b"begun")
    if path == "/again":
        start_response("201 Created", [])
    try:
        raise ValueError("raised again")
    except ValueError:
        start_response("503 Sorry", [], sys.exc_info())
    return [b"unreachable"]
`;
  await withApplication({ python, source }, async (client, half) => {
    await client.request(pairs({ PATH_INFO: "/replace" }));
    assert.deepEqual((await client.response()).lines, ["201 Created", "X-Second: 2"]);
    await client.request(pairs({ PATH_INFO: "/exc_info" }));
    const sorry = await client.response();
    assert.deepEqual(sorry.lines, ["503 Sorry", "X-Second: 2"]);
    assert.equal(sorry.body.toString(), "sorry");
    for (const [path, logged] of [["/again", /RuntimeError/], ["/late", /Error: raised again/]]) {
      await client.request(pairs({ PATH_INFO: path as string }));
      assert.equal((await client.head()).body.toString(), "begun");
      assert.equal(await client.abort(), 500);
      await half.logged(logged as RegExp);
    }
  });
});

testEach("a body is cut at its Content-Length; a shorter one is an abort", async (python) => {
  const source = script(`
path = environ["PATH_INFO"]
write = start_response("200 OK", [("Content-Length", "5")])
if path == "/write":
    write(b"123")
    write(b"456")
    write(b"789")
    return []
if path.startswith("/short"):
    return [b"123"] if path == "/short" else iter([b"123"]) if path == "/short-iterator" else []
return [b"123456789"] if path == "/" else iter([b"1234", b"56", b"789"])
`);
  await withApplication({ python, source }, async (client) => {
    for (const path of ["/", "/iterator", "/write"]) {
      await client.request(pairs({ PATH_INFO: path }));
      const response = await client.response();
      assert.equal(response.contentLength, 5);
      assert.equal(response.body.toString(), "12345", path);
    }
    for (const path of ["/short", "/short-iterator", "/short-empty"]) {
      await client.request(pairs({ PATH_INFO: path }));
      const head = await client.head();
      assert.equal(head.isWhole, false);
      assert.equal(head.contentLength, 5);
      assert.equal(await client.abort(), 500);
    }
  });
});

testEach("HEAD, 204 and 304 send no more than a head", async (python) => {
  const source = script(`
status = environ["QUERY_STRING"].replace("+", " ")
headers = [("Content-Length", "5000000")] if environ["PATH_INFO"] == "/length" else []
start_response(status, headers)
if environ["PATH_INFO"] == "/list":
    return [b"x" * 100000]
return (b"x" * 100000 for _ in range(50))
`);
  await withApplication({ python, source }, async (client) => {
    for (
      const [method, status] of [["HEAD", "200+OK"], ["GET", "204+None"], ["GET", "304+Same"]]
    ) {
      for (const path of ["/", "/length", "/list"]) {
        const changes = { REQUEST_METHOD: method as string, QUERY_STRING: status as string };
        await client.request(pairs({ PATH_INFO: path, ...changes }));
        const response = await client.response();
        assert.equal(response.body.length, 0, `${method} ${status} ${path}`);
        const length = path === "/length" ? 5000000 : path === "/list" ? 100000 : -1;
        const known = method === "HEAD" || path === "/length";
        assert.equal(response.contentLength, known ? length : -1, `${method} ${status} ${path}`);
      }
    }
  });
});
