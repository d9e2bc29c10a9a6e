import assert from "node:assert/strict";
import { pairs, testEach, withApplication } from "./python_half.ts";

const SOURCE = `
import gzip, io, os, tempfile
def application(environ, start_response):
    path = environ["PATH_INFO"]
    name = os.path.join(os.getcwd(), "data")
    with open(name, "wb") as file:
        file.write(b"0123456789" * 100000)
    file = open(name, "rb")
    length = None
    if path == "/tell":
        file.seek(3)
    elif path == "/length":
        length = "7"
    elif path == "/memory":
        file.close()
        file = io.BytesIO(b"0123456789" * 1000)
    elif path == "/temporary":
        file.close()
        file = tempfile.NamedTemporaryFile()
        file.write(b"ab" * 1000)
        file.seek(1)
    elif path == "/gzip":
        file.close()
        with gzip.open(name, "wb") as packed:
            packed.write(b"zz" * 1000)
        file = gzip.open(name, "rb")
    elif path == "/end":
        file.read()
    elif path == "/empty":
        file.close()
        file = open(name, "w+b")
    elif path == "/proc":
        file.close()
        file = open("/proc/version", "rb")
    elif path == "/reader":
        file.close()
        class Reader:
            data = [b"one", b"two", b""]
            def read(self, size):
                assert size == 5, size
                return self.data.pop(0)
        file = Reader()
    elif path == "/shrinks":
        length = "2000000"
    headers = [("Content-Length", length)] if length else []
    write = start_response("200 OK", headers)
    if path == "/written":
        write(b"before ")
    class Watched(type(file)):
        pass
    wrapper = environ["wsgi.file_wrapper"](file, 5) if path == "/reader" else \\
        environ["wsgi.file_wrapper"](file)
    close = getattr(file, "close", None)
    if close is not None:
        def closing():
            print("closed", path)
            close()
        wrapper.close = closing
    return wrapper
`;

testEach("wsgi.file_wrapper sends a regular file from its position", async (python) => {
  const content = "0123456789".repeat(100_000);
  const cases: [path: string, body: string, length: number][] = [
    ["/", content, 1_000_000],
    ["/tell", content.slice(3), 999_997],
    ["/length", "0123456", 7],
    ["/end", "", 0],
    ["/memory", "0123456789".repeat(1000), -1],
    ["/temporary", "ab".repeat(1000).slice(1), Deno.build.os === "linux" ? 1999 : -1],
    ["/gzip", "zz".repeat(1000), -1],
    ["/reader", "onetwo", -1],
    ["/written", "before " + content, -1],
    ["/empty", "", -1],
  ];
  if (Deno.build.os === "linux") cases.push(["/proc", Deno.readTextFileSync("/proc/version"), -1]);
  await withApplication({ python, source: SOURCE }, async (client, half) => {
    for (const [path, body, length] of cases) {
      await client.request(pairs({ PATH_INFO: path }));
      const response = await client.response();
      assert.equal(response.body.toString(), body, path);
      if (Deno.build.os === "linux") {
        assert.equal(response.contentLength, length, path);
        assert.equal(response.lines.includes(`Content-Length: ${length}`), length >= 0, path);
      }
      if (path !== "/reader") await half.logged(new RegExp(`closed ${path}\n`));
    }
  });
});

testEach("wsgi.file_wrapper: HEAD sends no data, a short file ends in an abort", async (python) => {
  await withApplication({ python, source: SOURCE }, async (client) => {
    await client.request(pairs({ REQUEST_METHOD: "HEAD" }));
    const response = await client.response();
    assert.equal(response.body.length, 0);
    await client.request(pairs({ PATH_INFO: "/shrinks" }));
    assert.equal((await client.head()).contentLength, 2_000_000);
    let size = 0;
    let frame = await client.frame();
    for (; frame.type === "D"; frame = await client.frame()) size += frame.payload.length;
    assert.equal(size, 1_000_000);
    assert.equal(frame.type, "A");
  });
});

testEach("wsgi.file_wrapper: attributes as in mod_wsgi", async (python) => {
  const source = `
import io, mod_wsgi
def application(environ, start_response):
    wrapper = environ["wsgi.file_wrapper"](io.BytesIO(b"x" * 10), 4)
    assert isinstance(wrapper, mod_wsgi.FileWrapper) and mod_wsgi.FileWrapper.__module__ == "mod_wsgi"
    assert wrapper.blksize == 4 and wrapper.filelike.read(2) == b"xx"
    assert list(wrapper) == [b"xxxx", b"xxxx"]
    wrapper.close()
    assert wrapper.filelike.closed
    assert not hasattr(environ["wsgi.file_wrapper"](object()), "close")
    start_response("200 OK", [])
    return [b"well"]
`;
  await withApplication({ python, source }, async (client) => {
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "well");
  });
});
