import assert from "node:assert/strict";
import { pairs, PythonHalf, testEach, withApplication } from "./python_half.ts";

const HELLO = `
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "12")])
    return [b"Hello World!"]
`;

testEach("a small response is one frame, sent by one call", async (python) => {
  await withApplication({ python, source: HELLO }, async (client, half) => {
    for (let count = 0; count < 3; count += 1) {
      const before = half.gateway.trunkReads;
      await client.request(pairs());
      const head = await client.head();
      assert.equal(half.gateway.trunkReads, before + 1);
      assert.equal(client.isBound, false);
      assert.deepEqual(head.lines, ["200 OK", "Content-Type: text/plain", "Content-Length: 12"]);
      assert.equal(head.status, 200);
      assert.equal(head.contentLength, 12);
      assert.equal(head.isWhole, true);
      assert.equal(head.closes, false);
      assert.equal(head.body.toString(), "Hello World!");
    }
  });
});

testEach("a thread says which one of the system's it is", async (python) => {
  const source = `
import _thread, sys
def application(environ, start_response):
    start_response("200 OK", [])
    has_gil = getattr(sys, "_is_gil_enabled", bool)
    number = _thread.get_native_id() if has_gil is bool or has_gil() else 0
    return [b"%d %d" % (environ["mod_wsgi.thread_id"], number)]
`;
  await withApplication({ python, source }, async (client, half) => {
    await client.request(pairs());
    const [thread, number] = (await client.response()).body.toString().split(" ").map(Number);
    assert.equal(half.gateway.nativeIds.get(thread!), number);
  });
});

for (const [order, does, wakes] of [["P", "stays", 0], ["V", "makes way", 1]] as const) {
  testEach(
    `a second thread that is sent ${order} ${does} while the first serves`,
    async (python) => {
      const source = `
import threading
from _wsgi_express import worker
worker.LONG_REQUEST = 1000
done = threading.Event()
def application(environ, start_response):
    start_response("200 OK", [])
    if environ["PATH_INFO"] == "/wait":
        done.wait()
    elif environ["PATH_INFO"] == "/done":
        done.set()
    return [b"%d" % environ["mod_wsgi.thread_id"]]
`;
      await withApplication({ python, source, plan: { threads: 2 } }, async (client, half) => {
        half.gateway.order = order;
        await client.request(pairs({ PATH_INFO: "/wait" }));
        const [second, third, last] = [half.client(), half.client(), half.client()];
        await second.request(pairs());
        await second.response();
        const before = half.gateway.wakes;
        await third.request(pairs());
        await third.response();
        assert.equal(half.gateway.wakes, before + wakes);
        await last.request(pairs({ PATH_INFO: "/done" }));
        await last.response();
        await client.response();
      });
    },
  );
}

const ENVIRON = `
import json, sys, threading
def application(environ, start_response):
    def show(value):
        if isinstance(value, (str, int, tuple)):
            return value
        return "type:%s.%s" % (type(value).__module__, type(value).__name__)
    body = json.dumps({
        "environ": {name: show(value) for name, value in environ.items()},
        "is_dict": type(environ) is dict,
        "names": [type(name).__name__ for name in environ if type(name) is not str],
        "argv": sys.argv, "path": sys.path[0], "name": __name__, "file": __file__,
        "thread": threading.current_thread().name,
        "is_main": threading.current_thread() is threading.main_thread(),
    }).encode("ascii")
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body]
`;

testEach("the environ has the keys, types and values of mod_wsgi 4.8.0", async (python) => {
  await withApplication({ python, source: ENVIRON }, async (client, half) => {
    const sent = pairs({ HTTP_X_TEST: "a\xe9", CONTENT_TYPE: "", HTTP_COOKIE: "c=d" });
    const begin = Date.now() * 1000;
    await client.request(sent);
    const first = JSON.parse((await client.response()).body.toString());
    const { environ } = first;
    for (const [name, value] of Object.entries(sent)) assert.equal(environ[name], value, name);
    const start = environ["mod_wsgi.script_start"];
    assert.match(start, /^\d{16}$/);
    assert.match(environ["mod_wsgi.daemon_start"], /^\d{16}$/);
    assert.ok(Number(start) >= begin && Number(start) <= (Date.now() + 1) * 1000);
    for (const name of [...Object.keys(sent), "mod_wsgi.script_start", "mod_wsgi.daemon_start"]) {
      delete environ[name];
    }
    assert.deepEqual(environ, {
      CONTEXT_DOCUMENT_ROOT: "/htdocs",
      CONTEXT_PREFIX: "",
      DOCUMENT_ROOT: "/htdocs",
      GATEWAY_INTERFACE: "CGI/1.1",
      SERVER_ADMIN: "[no address given]",
      SERVER_SIGNATURE: "",
      SERVER_SOFTWARE: "Apache",
      "apache.version": [2, 4, 71],
      "mod_wsgi.application_group": "",
      "mod_wsgi.callable_object": "application",
      "mod_wsgi.enable_sendfile": "0",
      "mod_wsgi.handler_script": "/handler.wsgi",
      "mod_wsgi.ignore_activity": "0",
      "mod_wsgi.listener_host": "",
      "mod_wsgi.listener_port": "8000",
      "mod_wsgi.process_group": "localhost:8000",
      "mod_wsgi.request_handler": "wsgi-handler",
      "mod_wsgi.script_reloading": "1",
      "mod_wsgi.thread_id": 1,
      "mod_wsgi.thread_requests": 0,
      "mod_wsgi.total_requests": 0,
      "mod_wsgi.version": [4, 8, 0],
      "wsgi.errors": "type:_io.TextIOWrapper",
      "wsgi.file_wrapper": "type:builtins.type",
      "wsgi.input": "type:mod_wsgi.Input",
      "wsgi.input_terminated": true,
      "wsgi.multiprocess": false,
      "wsgi.multithread": true,
      "wsgi.run_once": false,
      "wsgi.url_scheme": "http",
      "wsgi.version": [1, 0],
    });
    assert.equal(first.is_dict, true);
    assert.deepEqual(first.names, []);
    assert.deepEqual(first.argv, ["mod_wsgi"]);
    assert.equal(first.path, half.folder);
    assert.equal(first.name, "__wsgi__");
    assert.equal(first.file, half.path("app.py"));
    assert.equal(first.is_main, false);
    assert.match(first.thread, /^Dummy-/);

    await client.request(pairs({ REQUEST_SCHEME: "https" }));
    const second = JSON.parse((await client.response()).body.toString()).environ;
    assert.equal(second["wsgi.url_scheme"], "https");
    assert.equal(second["mod_wsgi.thread_requests"], 1);
    assert.equal(second["mod_wsgi.total_requests"], 1);
    assert.equal("HTTP_COOKIE" in second, false);
  });
});

testEach("a request larger than the receive buffer arrives whole", async (python) => {
  const source = `
def application(environ, start_response):
    start_response("200 OK", [])
    return [str(len(environ["HTTP_X_LONG"])).encode(), b" ", environ["wsgi.input"].read()]
`;
  await withApplication({ python, source }, async (client) => {
    await client.request(pairs({ HTTP_X_LONG: "x".repeat(70_000) }), 1, new Uint8Array(300_000));
    const { body } = await client.response();
    assert.equal(body.length, 6 + 300_000);
    assert.equal(body.toString("latin1", 0, 6), "70000 ");
  });
});

testEach("requests of several threads are served at the same time", async (python) => {
  const source = `
import threading
barrier = threading.Barrier(3, timeout=10)
def application(environ, start_response):
    barrier.wait()
    start_response("200 OK", [])
    return [str(environ["mod_wsgi.thread_id"]).encode()]
`;
  await using half = await PythonHalf.start({ python, source, plan: { threads: 3 } });
  const clients = [half.client(), half.client(), half.client()];
  for (const client of clients) await client.request(pairs());
  const bodies = [];
  for (const client of clients) bodies.push((await client.response()).body.toString());
  assert.deepEqual(bodies.sort(), ["1", "2", "3"]);
});

const ERRORS = `
class Body:
    def __init__(self, parts, error=None):
        self.parts = parts
        self.error = error
    def __iter__(self):
        yield from self.parts
        if self.error is not None:
            raise self.error
    def close(self):
        print("closed")

class BadClose(Body):
    def close(self):
        raise LookupError("bad close")

def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/raise":
        raise ZeroDivisionError("at once")
    if path == "/exit":
        raise SystemExit(3)
    if path == "/interrupt":
        raise KeyboardInterrupt
    if path == "/hopeless":
        class Hopeless(Exception):
            def __str__(self):
                raise ValueError
        raise Hopeless
    if path == "/no-start":
        return [b"x"]
    if path == "/no-start-stream":
        return iter([b"x"])
    start_response("200 OK", [("Content-Type", "text/plain")])
    if path == "/none":
        return None
    if path == "/str":
        return ["text"]
    if path == "/str-later":
        return iter([b"first", "text"])
    if path == "/before-first":
        return Body([], IndexError("before the first item"))
    if path == "/after-first":
        return Body([b"first"], IndexError("after the first item"))
    if path == "/close":
        return BadClose([b"fine"])
    return [b"well"]
`;

testEach("an exception ends the request with an error and a traceback, no more", async (python) => {
  await withApplication({ python, source: ERRORS }, async (client, half) => {
    const expectError = async (path: string, logged: RegExp) => {
      await client.request(pairs({ PATH_INFO: path }));
      assert.equal(await client.abort(), 500, path);
      await half.logged(logged);
    };
    await expectError("/raise", /\n.* ZeroDivisionError: at once\n/);
    assert.deepEqual(half.records.slice(0, 2), [
      `mod_wsgi (pid=${half.pid}): Exception occurred processing WSGI script '${
        half.path("app.py")
      }'.`,
      "Traceback (most recent call last):",
    ]);
    assert.match(half.records[2] ?? "", /^ {2}File ".*app\.py", line \d+, in application$/);
    assert.match(half.log, /\[wsgi:error\] \[pid \d+:tid \d+\] \[remote 127.0.0.1:46866\] Zero/);
    await expectError("/exit", /SystemExit exception raised by WSGI script '.*' ignored\.\n/);
    await expectError("/interrupt", /\] KeyboardInterrupt\n/);
    await expectError("/hopeless", /Hopeless/);
    await expectError("/no-start", /RuntimeError: the application did not call start_response/);
    await expectError("/no-start-stream", /did not call start_response(.|\n)*did not call start_r/);
    await expectError("/none", /TypeError: 'NoneType' object is not iterable/);
    await expectError("/str", /TypeError: the body must be made of bytes, not str/);
    await expectError("/before-first", /IndexError: before the first item\n.*closed\n/);
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "well");
  });
});

testEach("what goes wrong outside the application is answered too", async (python) => {
  const source = `
import sys
def application(environ, start_response):
    handler = sys.modules["_wsgi_express.request_handler"]
    clock = handler.time_ns
    def broken():
        handler.time_ns = clock
        raise ValueError("wrong inside")
    if environ["PATH_INFO"] == "/break":
        handler.time_ns = broken
    start_response("200 OK", [])
    return [b"fine"]
`;
  await withApplication({ python, source }, async (client, half) => {
    await client.request(pairs({ PATH_INFO: "/break" }));
    await client.response();
    await client.request(pairs());
    assert.equal(await client.abort(), 500);
    await half.logged(/Worker thread failed/);
    await half.logged(/ValueError: wrong inside/);
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "fine");
  });
});

testEach("an exception after the head aborts, so that the client can see it", async (python) => {
  await withApplication({ python, source: ERRORS }, async (client, half) => {
    for (const path of ["/after-first", "/str-later"]) {
      await client.request(pairs({ PATH_INFO: path }));
      const head = await client.head();
      assert.equal(head.isWhole, false);
      assert.equal(head.body.toString(), "first");
      assert.equal(await client.abort(), 500);
    }
    await half.logged(/IndexError: after the first item\n.*closed\n/);
    await half.logged(/TypeError: the body must be made of bytes, not str/);
  });
});

testEach("an exception in close() is logged, the response is complete", async (python) => {
  await withApplication({ python, source: ERRORS }, async (client, half) => {
    await client.request(pairs({ PATH_INFO: "/close" }));
    assert.equal((await client.response()).body.toString(), "fine");
    await half.logged(/LookupError: bad close/);
  });
});

testEach("tracebacks show source lines and none of the server's frames", async (python) => {
  await withApplication({ python, source: ERRORS }, async (client, half) => {
    await client.request(pairs({ PATH_INFO: "/raise" }));
    await client.abort();
    await half.logged(/ZeroDivisionError: at once\n/);
    assert.match(half.log, /raise ZeroDivisionError\("at once"\)/);
    assert.doesNotMatch(half.log, /<wsgi-express>/);
    await client.request(pairs({ PATH_INFO: "/str" }));
    await client.abort();
    await half.logged(/TypeError: the body/);
  });
});

testEach("closing the connection aborts the request; the thread comes back", async (python) => {
  const source = `
import sys
class Body:
    def __iter__(self):
        while True:
            yield b"x" * 4096
    def close(self):
        print("closed")
def application(environ, start_response):
    if environ["PATH_INFO"] == "/write":
        write = start_response("200 OK", [])
        try:
            while True:
                write(b"x" * 4096)
        except IOError as error:
            print("write:", error)
            return []
    start_response("200 OK", [])
    return Body() if environ["PATH_INFO"] == "/endless" else [b"well"]
`;
  await withApplication({ python, source }, async (first, half) => {
    await first.request(pairs({ PATH_INFO: "/endless" }));
    await first.head();
    first.close();
    await half.logged(/closed\n/);
    await half.gateway.threads(1);
    const second = half.client();
    await second.request(pairs({ PATH_INFO: "/write" }));
    await second.head();
    second.close();
    await half.logged(/write: the client connection was closed\n/);
    await half.gateway.threads(1);
    const third = half.client();
    await third.request(pairs());
    assert.equal((await third.response()).body.toString(), "well");
    assert.doesNotMatch(half.log, /Traceback/);
  });
});

testEach(
  "a thread that can't connect to the server says so and asks for a new process",
  async (python) => {
    const source = HELLO + `
from _wsgi_express import worker
worker._RECONNECT_DELAYS = (0.0,)
`;
    await using half = await PythonHalf.start({ python, source, plan: { threads: 2 } });
    await Deno.remove(half.path("gateway"));
    half.gateway.closeThreads();
    assert.deepEqual(await half.message(), {
      type: "restart",
      reason: "thread_failure",
      handover: true,
    });
    await half.logged(/Worker thread 1 can't connect to the server and takes no requests: .*\n/);
    await half.logged(/Worker thread 2 can't connect to the server and takes no requests: .*\n/);
    // Asked once, and stopped though threads are still trying.
    assert.equal(await half.stop(), 0);
  },
);

testEach("wsgiref.validate finds nothing to complain about", async (python) => {
  const source = `
from wsgiref.validate import validator
def plain(environ, start_response):
    environ["wsgi.errors"].write("seen\\n")
    environ["wsgi.errors"].flush()
    data = environ["wsgi.input"].read(5) + environ["wsgi.input"].readline()
    data += b"".join(environ["wsgi.input"].readlines(3)) + b"".join(environ["wsgi.input"])
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield data
    yield b"."
application = validator(plain)
`;
  await withApplication({ python, source }, async (client, half) => {
    await client.request(pairs({ REQUEST_METHOD: "POST", CONTENT_LENGTH: "-1" }), 2);
    assert.equal((await client.frame()).type, "A");
    await half.logged(/AssertionError/);
    for (const kind of [1, 2] as const) {
      const body = new TextEncoder().encode("one\ntwo\nthree\nfour\n");
      await client.request(
        pairs({ REQUEST_METHOD: "POST", CONTENT_LENGTH: String(body.length) }),
        kind,
        kind === 1 ? body : body.subarray(0, 3),
      );
      if (kind === 2) {
        assert.equal((await client.frame()).type, "W");
        await client.body(body.subarray(3));
        await client.endOfBody();
      }
      assert.equal((await client.response()).body.toString(), "one\ntwo\nthree\nfour\n.");
    }
    assert.equal(half.log.match(/Error/g)?.length, half.log.match(/AssertionError/g)?.length);
  });
});
