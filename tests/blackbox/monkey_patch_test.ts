/** Applications that put functions of their own into the standard modules, as gevent and eventlet do. */

import assert from "node:assert/strict";
import { Folder, forEachPythonAndMode, startServer } from "./harness.ts";

const PATCHES = `
import _thread, atexit, os, select, sys, threading, time

def replacement(original):
    def function(*args, **named):
        caller = sys._getframe(1).f_globals["__name__"]
        if caller.startswith("_wsgi_express"):
            raise RuntimeError("this is the application's")
        return original(*args, **named)
    return function

for module, names in [
    (_thread, ["allocate_lock", "get_ident", "get_native_id", "RLock", "start_new_thread", "_local"]),
    (threading, ["Thread", "Lock", "RLock", "_start_new_thread"]),
    (select, ["poll", "select"]),
    (time, ["sleep"]),
]:
    for name in names:
        if hasattr(module, name):
            setattr(module, name, replacement(getattr(module, name)))

@atexit.register
def note():
    open(os.path.join(os.environ["TEST_FOLDER"], "ended"), "w").close()

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    size = len(environ["wsgi.input"].read())
    print("served", size)
    return iter([b"%d" % size])
`;

forEachPythonAndMode(
  "the process uses none of the threads and locks that the application has put in their places",
  async ({ executable }, mode) => {
    using folder = new Folder();
    const app = folder.write("patched.wsgi", PATCHES);
    await using server = await startServer({
      app,
      python: executable,
      args: mode.args,
      env: folder.env,
    });
    for (const size of [0, 10, 200_000]) {
      const options = size === 0 ? {} : { method: "POST", body: "x".repeat(size) };
      assert.equal((await server.request("/", options)).text, String(size));
      await server.log.waitFor(new RegExp(`served ${size}`));
    }
    assert.equal((await server.stop()).code, 0);
    assert.equal(folder.read("ended"), "");
  },
);
