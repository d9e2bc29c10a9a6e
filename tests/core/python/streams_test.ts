import assert from "node:assert/strict";
import { pairs, PythonHalf, testEach, withApplication } from "./python_half.ts";

const LINES = `
import sys, warnings
def show(message, category, filename, lineno, file=None, line=None):
    print("shown:", message, file=sys.stderr)
def application(environ, start_response):
    streams = [("out", sys.stdout), ("err", sys.stderr), ("wsgi", environ["wsgi.errors"])]
    for number in range(1000):
        for name, stream in streams:
            print(name, number, "\\0 \\u20ac", "x" * (number % 7), file=stream)
    for name, stream in streams:
        stream.write("%s long %s end\\n" % (name, "y" * 300000))
        stream.writelines(["%s one\\n" % name, "%s two\\n%s three\\n" % (name, name)])
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = show
        warnings.warn("careful", DeprecationWarning)
    try:
        warnings.warn("as error", DeprecationWarning)
    except DeprecationWarning as warning:
        print("raised:", warning)
    start_response("200 OK", [])
    return [b"well"]
`;

testEach("every printed line is one record, once and in order", async (python) => {
  const variables = { PYTHONWARNINGS: "error" };
  await withApplication({ python, source: LINES, variables }, async (client, half) => {
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "well");
    await half.logged(/raised: as error\n/);
    const { records } = half;
    for (const name of ["out", "err", "wsgi"]) {
      const own = records.filter((record) => record.startsWith(name + " "));
      const expected = Array.from(
        { length: 1000 },
        (_, number) => `${name} ${number} \0 \u20ac ${"x".repeat(number % 7)}`,
      );
      expected.push(`${name} long ${"y".repeat(300_000)} end`);
      expected.push(`${name} one`, `${name} two`, `${name} three`);
      assert.deepEqual(own, expected);
    }
    assert.equal(records.filter((record) => record === "shown: careful").length, 1);
    assert.equal(records.length, 3 * 1004 + 2);
  });
});

testEach("a record has time, level, process, thread and, in a request, client", async (python) => {
  const source = `
print("at start")
def application(environ, start_response):
    environ["REMOTE_ADDR"] = "changed"
    print("in request")
    start_response("200 OK", [])
    return []
`;
  await withApplication({ python, source }, async (client, half) => {
    await client.request(pairs({ REMOTE_ADDR: "::1" }));
    await client.response();
    const log = await half.logged(/in request\n/);
    const time = String
      .raw`\[\w{3} \w{3} \d\d \d\d:\d\d:\d\d\.\d{6} \d{4}\] \[wsgi:error\] \[pid ${half.pid}:tid \d+\]`;
    assert.match(
      log,
      new RegExp(`^${time} at start\n${time} \\[remote ::1:46866\\] in request\n$`),
    );
    const [, month, day, clock, , year] = /^\[\w+ (\w+) (\d+) ([\d:]+)(\.\d+) (\d+)/.exec(log) ??
      [];
    const logged = new Date(`${day} ${month} ${year} ${clock}`).getTime();
    assert.ok(Math.abs(Date.now() - logged) < 60_000);
  });
});

testEach(
  "a part of a line waits for its end, flush() or the end of the request",
  async (python) => {
    const source = `
import sys, threading, _thread
def application(environ, start_response):
    path = environ["PATH_INFO"]
    errors = environ["wsgi.errors"]
    if path == "/parts":
        for stream in (sys.stdout, errors):
            stream.write("a")
            stream.write("b\\nc")
            stream.write("")
            stream.write("d\\n")
            stream.write("e")
            stream.flush()
            stream.write("f")
    elif path == "/threads":
        sys.stdout.write("this ")
        thread = threading.Thread(target=lambda: sys.stdout.write("other"))
        thread.start()
        thread.join()
        done = _thread.allocate_lock()
        done.acquire()
        def low():
            sys.stdout.write("raw")
            sys.stdout.write(" thread\\n")
            done.release()
        _thread.start_new_thread(low, ())
        done.acquire()
        sys.stdout.write("thread\\n")
        errors.write("request's, from ")
        thread = threading.Thread(target=lambda: errors.write("a thread\\n"))
        thread.start()
        thread.join()
    start_response("200 OK", [])
    return []
`;
    await withApplication({ python, source }, async (client, half) => {
      await client.request(pairs({ PATH_INFO: "/parts" }));
      await client.response();
      await half.logged(/f\n(.|\n)*f\n/);
      assert.deepEqual(half.records.sort(), ["ab", "ab", "cd", "cd", "e", "e", "f", "f"]);
      await client.request(pairs({ PATH_INFO: "/threads" }));
      await client.response();
      await half.logged(/a thread\n/);
      assert.deepEqual(half.records.slice(8), [
        "other",
        "raw thread",
        "this thread",
        "request's, from a thread",
      ]);
      assert.match(half.log, /\d\] raw thread\n/);
      assert.match(half.log, /46866\] request's, from a thread\n/);
    });
  },
);

testEach("the streams are like those of mod_wsgi", async (python) => {
  const source = `
import io, sys, logging
def application(environ, start_response):
    for name, stream in (
        ("<stdout>", sys.stdout), ("<stderr>", sys.stderr), ("<wsgi.errors>", environ["wsgi.errors"])
    ):
        assert isinstance(stream, io.TextIOWrapper)
        assert (type(stream).__module__, type(stream).__name__) == ("_io", "TextIOWrapper")
        assert type(stream.buffer).__module__ == "mod_wsgi"
        assert stream.name == name, stream.name
        assert stream.encoding == "utf-8" and stream.errors == "replace"
        assert not stream.isatty() and not stream.closed and stream.writable()
        for method in (stream.fileno, stream.buffer.fileno, stream.read, stream.tell):
            try:
                method()
            except (OSError, io.UnsupportedOperation):
                pass
            else:
                raise AssertionError(method)
        for data in (b"bytes\\n", bytearray(b"bytearray\\n"), memoryview(b"memoryview\\n")):
            assert stream.buffer.write(data) == len(data)
        stream.write("\\udc80 surrogate\\n")
        stream.close()
        stream.write("still open\\n")
    logging.getLogger("x").warning("last resort")
    try:
        raise ValueError("logged")
    except ValueError:
        logging.getLogger("x").exception("an exception")
    start_response("200 OK", [])
    return [b"well"]
`;
  await withApplication({ python, source }, async (client, half) => {
    await client.request(pairs());
    const response = await client.frame();
    await half.logged(
      /still open\n(.|\n)*still open\n(.|\n)*still open\n(.|\n)*ValueError: logged/,
    );
    assert.equal(response.type, "H", half.log);
    assert.deepEqual(half.records.slice(0, 5), [
      "bytes",
      "bytearray",
      "memoryview",
      "? surrogate",
      "still open",
    ]);
    assert.ok(half.records.includes("last resort"));
  });
});

testEach("wsgi.errors refuses to be written to after its request", async (python) => {
  const source = `
kept = []
def application(environ, start_response):
    start_response("200 OK", [])
    if not kept:
        kept.append(environ["wsgi.errors"])
        kept[0].write("in time")
        return []
    assert kept[0] is not environ["wsgi.errors"]
    environ["wsgi.errors"].write("second\\n")
    try:
        kept[0].write("late\\n")
    except RuntimeError as error:
        del kept[0]
        return [str(error).encode()]
`;
  await withApplication({ python, source }, async (client, half) => {
    await client.request(pairs());
    await client.response();
    await client.request(pairs());
    assert.match((await client.response()).body.toString(), /after the end of the request/);
    await half.logged(/second\n/);
    assert.deepEqual(half.records, ["in time", "second"]);
  });
});

testEach(
  "each request has its own wsgi.errors where environs are left to the collector",
  async (python) => {
    const source = `
import gc
kept = []
def application(environ, start_response):
    start_response("200 OK", [])
    errors = environ["wsgi.errors"]
    if environ["PATH_INFO"] == "/keep":
        kept.append(errors)
    environ["cycle"] = environ
    errors.write("by %s\\n" % environ["PATH_INFO"])
    if environ["PATH_INFO"] == "/collect":
        gc.collect()
    refused = 0
    for stream in kept[:-1] if environ["PATH_INFO"] == "/keep" else kept:
        try:
            stream.write("late\\n")
        except RuntimeError:
            refused += 1
    return [str(refused).encode()]
`;
    await withApplication({ python, source }, async (client, half) => {
      const paths = ["/keep", "/a", "/keep", "/collect", "/b", "/c", "/collect", "/d"];
      const refused: string[] = [];
      for (const path of paths) {
        await client.request(pairs({ PATH_INFO: path }));
        refused.push((await client.response()).body.toString());
      }
      assert.deepEqual(refused, ["0", "1", "1", "2", "2", "2", "2", "2"]);
      await half.logged(/by \/d\n/);
      assert.deepEqual(half.records, paths.map((path) => `by ${path}`));
    });
  },
);

testEach("wsgi.errors can be used in any way first, and by several threads", async (python) => {
  const source = `
import threading
def application(environ, start_response):
    errors = environ["wsgi.errors"]
    way = environ["PATH_INFO"]
    if way == "/print":
        print("printed", file=errors)
    elif way == "/repr":
        assert "TextIOWrapper name='<wsgi.errors>' encoding='utf-8'>" in repr(errors), repr(errors)
    elif way == "/with":
        with errors:
            errors.write("with\\n")
    elif way == "/bound":
        write = errors.write
        del environ["wsgi.errors"], errors
        write("bound\\n")
    elif way == "/closed":
        assert not errors.closed
    elif way == "/threads":
        started = threading.Barrier(8)
        def run():
            started.wait()
            errors.write("from a thread\\n")
        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    environ["cycle"] = environ
    start_response("200 OK", [])
    return [way.encode()]
`;
  await withApplication({ python, source }, async (client, half) => {
    for (const way of ["/print", "/repr", "/with", "/bound", "/closed", "/none", "/threads"]) {
      await client.request(pairs({ PATH_INFO: way }));
      const { body } = await client.response().catch(() => assert.fail(half.log));
      assert.equal(body.toString(), way);
    }
    await half.logged(/(from a thread\n(.|\n)*){8}/);
    assert.deepEqual(half.records, ["printed", "with", "bound", ...Array(8).fill("from a thread")]);
  });
});

testEach("print() from destructors and warning hooks does not break a request", async (python) => {
  const source = `
import gc, sys, warnings
class Noisy:
    def __del__(self):
        print("deleted")
        print("deleted too", file=sys.stderr)
def hook(message, *arguments):
    print("hook", message)
    sys.stderr.write("partial")
warnings.showwarning = hook
def application(environ, start_response):
    warnings.simplefilter("always")
    for _ in range(50):
        noisy = Noisy()
        noisy.me = noisy
        del noisy
        print("line %d" % _)
        warnings.warn("w")
    gc.collect()
    start_response("200 OK", [])
    return [b"well"]
`;
  await withApplication({ python, source }, async (client, half) => {
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "well");
    await half.logged(/partial/);
    const count = (text: string) => half.records.filter((record) => record === text).length;
    assert.equal(count("deleted"), 50);
    assert.equal(count("hook w"), 50);
  });
});

testEach(
  "a log file is appended to; records less severe than the level are left out",
  async (python) => {
    const source = `
import sys
print("printed")
def application(environ, start_response):
    raise ValueError("raised")
`;
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/error_log`;
      await Deno.writeTextFile(path, "before\n");
      for (const logLevel of ["error", "crit"]) {
        const plan = { log: { path }, logLevel };
        await using half = await PythonHalf.start({ python, source, plan });
        const client = half.client();
        await client.request(pairs());
        await client.abort();
        assert.equal(await half.stop(), 0);
        assert.equal(half.log, "");
      }
      const text = await Deno.readTextFile(path);
      assert.match(text, /^before\n.* printed\n.*Exception occurred processing WSGI script/);
      assert.equal(text.match(/ValueError: raised\n/g)?.length, 1);
      assert.equal(text.match(/printed/g)?.length, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
