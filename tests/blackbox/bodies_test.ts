/** Request bodies: every form of read, every framing, 100 Continue, limits and aborts. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Folder, forEachMode, latin1, type Mode, requestBytes, startServer } from "./harness.ts";

const BODY = "first\nsecond\n\nlast";
const FORMS: Record<string, string[]> = {
  "read": [BODY],
  "read(-1)": [BODY],
  "read(None)": [BODY],
  "read(4)": ["firs", "t\nse", "cond\n\nlast"],
  "read(0)": ["", "", BODY],
  "past the end": [BODY, "", "", ""],
  "readline": ["first\n", "second\n", "\n", "last"],
  "readline(2)": ["fi", "rst\n", "second\n"],
  "readlines": ["first\n", "second\n", "\n", "last"],
  "readlines(1)": ["first\n"],
  "iteration": ["first\n", "second\n", "\n", "last"],
  "next": ["first\n", "second\n"],
  "mixed": ["first\n", "s", "econd\n", "\n", "last"],
};

forEachMode("wsgi.input reads in every form, from every framing", async (mode) => {
  await using server = await startServer({
    app: "bodies.wsgi",
    args: [...mode.args, "--chunked-request"],
  });
  for (const [form, expected] of Object.entries(FORMS)) {
    const path = `/forms?form=${encodeURIComponent(form)}`;
    for (const chunkSize of [undefined, 1, 7]) {
      const response = await server.request(path, {
        method: "POST",
        body: BODY,
        ...chunkSize === undefined ? {} : { chunkSize },
      });
      assert.deepEqual(response.json, expected, `${form} ${chunkSize}`);
    }
  }
  const empty = await server.request("/forms?form=past%20the%20end", { method: "POST", body: "" });
  assert.deepEqual(empty.json, ["", "", "", ""]);
  const none = await server.request("/forms?form=readlines");
  assert.deepEqual(none.json, []);
});

forEachMode("a body that trickles in is read as it comes", async (mode) => {
  await using server = await startServer({ app: "bodies.wsgi", args: mode.args });
  using connection = await server.connect();
  const head = "POST /forms?form=readlines HTTP/1.1\r\nHost: a\r\nContent-Length: 18\r\n" +
    "Connection: close\r\n\r\n";
  for (const byte of latin1(head + BODY)) await connection.send(Uint8Array.of(byte));
  assert.deepEqual((await connection.readResponse())?.json, FORMS.readlines);
});

forEachMode("bodies of many sizes arrive unchanged", async (mode) => {
  await using server = await startServer({
    app: "bodies.wsgi",
    args: [...mode.args, "--chunked-request"],
  });
  using connection = await server.connect();
  for (const size of [1, 1000, 8191, 16_384, 65_535, 65_536, 65_537, 1_000_000, 5_000_000]) {
    const body = new Uint8Array(size);
    for (let index = 0; index < size; index++) body[index] = (index * 31 + (index >> 8)) & 255;
    const sha256 = createHash("sha256").update(body).digest("hex");
    for (const chunkSize of [undefined, 40_000]) {
      const request = requestBytes(server.url, "/digest", {
        method: "POST",
        body,
        keepAlive: true,
        ...chunkSize === undefined ? {} : { chunkSize },
      });
      await connection.send(request);
      const { length, sha256: received } = (await connection.readResponse())!.json;
      assert.equal(length, size);
      assert.equal(received, sha256);
    }
    if (size > 1_000_000) continue;
    await connection.send(
      requestBytes(server.url, "/echo", { method: "POST", body, keepAlive: true }),
    );
    assert.deepEqual((await connection.readResponse())!.body, body);
  }
});

forEachMode("100 Continue is sent at the first read, not before", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({ app: "bodies.wsgi", args: mode.args, env: folder.env });
  const head = (path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`;
  using connection = await server.connect();
  await connection.send(head("/read-on-order"));
  await folder.waitForNotes("started");
  folder.write("read");
  assert.equal((await connection.readHead())?.status, 100);
  await connection.send("hello");
  assert.equal((await connection.readResponse())?.text, "hello");

  // Sent before the first read, it would stand before the response of an application that reads late or never.
  using late = await server.connect();
  await late.send(head("/respond-then-read"));
  assert.equal((await late.readHead())?.status, 200);
  await late.send("hello");
  let text = "";
  for (let part; (part = await late.readBodyPart()) !== null;) {
    text += new TextDecoder().decode(part);
  }
  assert.equal(text, "begun hello");
  using ignoring = await server.connect();
  await ignoring.send(head("/ignore"));
  const response = await ignoring.readResponse();
  assert.deepEqual(response?.interim, []);
  assert.equal(response?.text, "ignored");
});

const READS_LATE = `
import os
def note(data):
    with open(os.path.join(os.environ["TEST_FOLDER"], "read"), "a") as file:
        file.write("%d\\n" % len(data))
class Response:
    def __init__(self, environ):
        self.environ = environ
    def __iter__(self):
        yield b"whole"
        if self.environ["PATH_INFO"] == "/behind":
            note(self.environ["wsgi.input"].read())
    def close(self):
        if self.environ["PATH_INFO"] == "/close":
            note(self.environ["wsgi.input"].read())
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return Response(environ)
`;

forEachMode("a body can be read behind the last byte of the response", async (mode) => {
  using folder = new Folder();
  const app = folder.write("late.wsgi", READS_LATE);
  await using server = await startServer({ app, args: mode.args, env: folder.env });
  for (const [index, path] of ["/behind", "/close"].entries()) {
    for (const size of [100_000, 10]) {
      using connection = await server.connect();
      const expect = size === 10 ? "Expect: 100-continue\r\n" : "";
      await connection.send(
        `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n${expect}\r\n`,
      );
      assert.equal((await connection.readResponse())?.text, "whole");
      await connection.send("x".repeat(size));
      const count = 2 * index + (size === 10 ? 2 : 1);
      assert.equal((await folder.waitForNotes("read", count)).at(-1), String(size));
    }
  }
  assert.equal((await server.request("/")).text, "whole");
});

forEachMode("read(0) asks for 100 Continue and reads nothing", async (mode) => {
  await using server = await startServer({ app: "bodies.wsgi", args: mode.args });
  using connection = await server.connect();
  await connection.send(
    "POST /forms?form=read(0) HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n" +
      "Expect: 100-continue\r\nConnection: close\r\n\r\n",
  );
  assert.equal((await connection.readHead())?.status, 100);
  await connection.send("abc");
  assert.deepEqual((await connection.readResponse())?.json, ["", "", "abc"]);
});

forEachMode(
  "a body the application leaves unread does not disturb the next request",
  async (mode) => {
    await using server = await startServer({ app: "bodies.wsgi", args: mode.args });
    for (const path of ["/ignore", "/partial?size=3"]) {
      for (const size of [10, 20_000, 300_000]) {
        using connection = await server.connect();
        const body = new Uint8Array(size).fill(120);
        const request = requestBytes(server.url, path, { method: "POST", body, keepAlive: true });
        await connection.send(request).catch(() => {});
        const first = await connection.readResponse();
        assert.equal(first?.text, path === "/ignore" ? "ignored" : "xxx");
        try {
          await connection.send(
            requestBytes(server.url, "/echo", { method: "POST", body: "next", keepAlive: true }),
          );
        } catch {
          continue; // Closing instead of reading the rest is allowed.
        }
        const second = await connection.readResponse();
        if (second !== undefined) assert.equal(second.text, "next");
      }
    }
  },
);

forEachMode("a client that goes away while its body is read is an OSError", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({ app: "bodies.wsgi", args: mode.args, env: folder.env });
  {
    using connection = await server.connect();
    await connection.send(
      "POST /tolerant HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc",
    );
  }
  const [error] = await folder.waitForNotes("errors");
  assert.match(error!, /^\w+ True \w+/);
  assert.equal((await server.request("/echo", { method: "POST", body: "x" })).text, "x");
});

forEachMode("lines are sent back while the body still comes", async (mode) => {
  await using server = await startServer({
    app: "bodies.wsgi",
    args: [...mode.args, "--chunked-request"],
  });
  using connection = await server.connect();
  await connection.send(
    "POST /full-duplex HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  for (let number = 0; number < 5; number++) {
    await connection.send(`7\r\nline ${number}\n\r\n`);
    if (number === 0) assert.equal((await connection.readHead())?.status, 200);
    let received = "";
    while (received.length < 7) {
      received += new TextDecoder().decode((await connection.readBodyPart())!);
    }
    assert.equal(received, `line ${number}\n`);
  }
  await connection.send("0\r\n\r\n");
  assert.equal(await connection.readBodyPart(), null);
});

const THREADS = `
import os, threading, time
def note(text):
    with open(os.path.join(os.environ["TEST_FOLDER"], "notes"), "a") as file:
        file.write(text + "\\n")
def attempt(function):
    results = []
    def run():
        try:
            results.append(function())
        except Exception as error:
            results.append("%s: %s" % (type(error).__name__, error))
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results[0]
def size_of(stream):
    size = 0
    for line in stream:
        size += len(line)
    return size
def meanwhile(stream):
    sizes = []
    thread = threading.Thread(target=lambda: sizes.append(size_of(stream)))
    thread.start()
    yield b"begun"
    while thread.is_alive():
        yield b"."
        time.sleep(0.0005)
    yield b"%d" % sizes[0]
def leave(stream, asked):
    try:
        stream.read(1)
        asked.set()
        stream.read()
        note("read")
    except Exception as error:
        asked.set()
        note(type(error).__name__)
def application(environ, start_response):
    stream = environ["wsgi.input"]
    path = environ["PATH_INFO"]
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    if path == "/meanwhile":
        return meanwhile(stream)
    if path == "/leave":
        asked = threading.Event()
        threading.Thread(target=leave, args=(stream, asked)).start()
        asked.wait()
        if environ["QUERY_STRING"]:
            note("asked")
            while not os.path.exists(os.path.join(os.environ["TEST_FOLDER"], "return")):
                time.sleep(0.01)
        return [b"left"]
    if path == "/write":
        return [repr(attempt(lambda: write(b"written "))).encode("ascii")]
    if path == "/size":
        return [b"%d" % size_of(stream)]
    reads = {"/read": stream.read, "/lines": stream.readlines, "/part": lambda: stream.read(90000)}
    result = attempt(reads[path])
    rest = size_of(stream)
    if isinstance(result, str):
        return [("%s %d" % (result, rest)).encode("ascii")]
    return [b"%d" % (sum(map(len, result if path == "/lines" else [result])) + rest)]
`;
/** Whether the thread that speaks HTTP is the one that calls the application; only Linux has that. */
const callsDirectly = (mode: Mode) => mode.name === "direct" && Deno.build.os === "linux";
const LINES = `${"x".repeat(999)}\n`.repeat(200);

forEachMode("another thread reads a body and writes", async (mode) => {
  using folder = new Folder();
  const app = folder.write("threads.wsgi", THREADS);
  await using server = await startServer({ app, args: mode.args, env: folder.env });
  for (const path of ["/read", "/lines", "/part"]) {
    const { text } = await server.request(path, { method: "POST", body: LINES });
    // With one thread that is the one which would have to fetch the body: it is refused, and loses nothing.
    if (!callsDirectly(mode)) assert.equal(text, "200000", path);
    else assert.match(text, /^RuntimeError: .*--threads 2 200000$/, path);
    assert.equal((await server.request(path, { method: "POST", body: "a\nb" })).text, "3", path);
  }
  const { text } = await server.request("/write");
  if (!callsDirectly(mode)) assert.equal(text, "written None");
  else assert.match(text, /^'RuntimeError: .*--threads 2'$/);
});

forEachMode("a thread reads the body while the application yields", async (mode) => {
  using folder = new Folder();
  const app = folder.write("threads.wsgi", THREADS);
  await using server = await startServer({ app, args: mode.args, env: folder.env });
  for (let round = 0; round < 40; round++) {
    const { text } = await server.request("/meanwhile", { method: "POST", body: LINES });
    assert.match(text, /^begun\.*200000$/, `round ${round}`);
  }
}, { threads: 2 });

forEachMode("a thread that goes on reading harms no later request", async (mode) => {
  using folder = new Folder();
  const app = folder.write("threads.wsgi", THREADS);
  await using server = await startServer({ app, args: mode.args, env: folder.env });
  const request = (query: string) =>
    `POST /leave?${query} HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n` +
    "x".repeat(100_000);
  const later = async () => {
    for (let count = 0; count < 5; count++) {
      const { text } = await server.request("/size", { method: "POST", body: LINES });
      assert.equal(text, "200000");
    }
  };
  for (let round = 0; round < 3; round++) {
    using connection = await server.connect();
    await connection.send(request(""));
    assert.equal((await connection.readResponse())?.text, "left");
    await later();
  }
  {
    using connection = await server.connect();
    await connection.send(request("wait"));
    await folder.waitForNotes("notes", callsDirectly(mode) ? 5 : 4);
  }
  // The reader learns that the client has gone while the application is still in the request.
  const notes = await folder.waitForNotes("notes", 5);
  folder.write("return");
  await later();
  const expected = Array(callsDirectly(mode) ? 4 : 3).fill("RuntimeError");
  assert.deepEqual(notes.filter((note) => note !== "asked" && note !== "InputError"), expected);
});

forEachMode("a chunked body needs --chunked-request", async (mode) => {
  await using server = await startServer({ app: "bodies.wsgi", args: mode.args });
  const response = await server.request("/echo", { method: "POST", body: "x", chunkSize: 1 });
  assert.equal(response.status, 411);
});

forEachMode("a body over --limit-request-body is refused with 413", async (mode) => {
  await using server = await startServer({
    app: "bodies.wsgi",
    args: [...mode.args, "--limit-request-body", "1000"],
  });
  const fits = await server.request("/digest", { method: "POST", body: "x".repeat(1000) });
  assert.equal(fits.json.length, 1000);
  const over = await server.request("/digest", { method: "POST", body: "x".repeat(1001) });
  assert.equal(over.status, 413);
});
