import assert from "node:assert/strict";
import type { Client } from "./fake_gateway.ts";
import { pairs, PythonHalf, testEach } from "./python_half.ts";

const ORDER = `
import atexit, os, sys, threading, time
import mod_wsgi
stop = threading.Event()
thread = threading.Thread(target=stop.wait, name="background")
thread.start()
atexit.register(lambda: print("atexit"))

@mod_wsgi.subscribe_events
def on_event(name, **payload):
    if name == "process_stopping":
        print("event", payload["shutdown_reason"])
        return {"added": 1}

@mod_wsgi.subscribe_shutdown
def failing(name, **payload):
    raise ValueError("not now")

@mod_wsgi.subscribe_shutdown
def on_shutdown(name, **payload):
    print("shutdown", name, payload["shutdown_reason"])
    stop.set()
    thread.join()
    print("joined")

def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        print("slow begins")
        while not os.path.exists("go-on"):
            time.sleep(0.01)
        print("slow ends")
    start_response("200 OK", [])
    return [b"done"]
`;

testEach(
  "a stop: events, shutdown callbacks, running requests, threads, atexit",
  async (python) => {
    await using half = await PythonHalf.start({ python, source: ORDER, plan: { threads: 2 } });
    const busy = half.client();
    await busy.request(pairs({ PATH_INFO: "/slow" }));
    await half.logged(/slow begins\n/);
    await half.command({ type: "stop", reason: "shutdown_signal" });
    await half.gateway.threads(1);
    await half.logged(/joined\n/);
    await Deno.writeTextFile(half.path("go-on"), "");
    assert.equal((await busy.response()).body.toString(), "done");
    await half.gateway.threads(0);
    assert.deepEqual(await half.message(), { type: "stopped" });
    assert.equal(await half.finish(), 0);
    const shown = half.records.filter((record) => !/^( |Traceback|mod_wsgi)/.test(record));
    assert.deepEqual(shown, [
      "slow begins",
      "event shutdown_signal",
      "ValueError: not now",
      "shutdown process_stopping shutdown_signal",
      "joined",
      "slow ends",
      "atexit",
    ]);
    assert.match(half.log, /Exception occurred in the callback for the event 'process_stopping'/);
  },
);

testEach("while callbacks run requests are served, after them given back", async (python) => {
  const source = `
import mod_wsgi, os, time
def on_stop(name, **payload):
    print("stopping")
    while not os.path.exists("go-on"):
        time.sleep(0.01)
mod_wsgi.subscribe_shutdown(on_stop)
def application(environ, start_response):
    if environ["PATH_INFO"] == "/wait":
        print("waiting")
        while not os.path.exists("stop"):
            time.sleep(0.01)
    start_response("200 OK", [])
    return [b"served"]
`;
  await using half = await PythonHalf.start({ python, source, plan: { threads: 2 } });
  const client = half.client();
  await half.command({ type: "stop", reason: "" });
  await half.logged(/stopping\n/);
  await client.request(pairs());
  assert.equal((await client.response()).body.toString(), "served");
  await client.request(pairs({ PATH_INFO: "/wait" }));
  await half.logged(/waiting\n/);
  await Deno.writeTextFile(half.path("go-on"), "");
  await half.gateway.threads(1); // the idle thread has left
  await Deno.writeTextFile(half.path("stop"), "");
  assert.equal((await client.response()).body.toString(), "served");
  assert.deepEqual(await half.message(), { type: "stopped" });
  assert.equal(await half.finish(), 0);
});

testEach("a request that no thread has taken at a stop is given back", async (python) => {
  const source = `
import mod_wsgi, os, time
def on_stop(name, **payload):
    print("stopping")
    while not os.path.exists("go-on"):
        time.sleep(0.01)
mod_wsgi.subscribe_shutdown(on_stop)
def application(environ, start_response):
    print("waiting")
    while not os.path.exists("stop"):
        time.sleep(0.01)
    start_response("200 OK", [])
    return [b"served"]
`;
  await using half = await PythonHalf.start({ python, source });
  const first = half.client();
  const second = half.client();
  await first.request(pairs());
  await half.logged(/waiting\n/);
  await second.request(pairs());
  await half.command({ type: "stop", reason: "" });
  await half.logged(/stopping\n/);
  await Deno.writeTextFile(half.path("go-on"), "");
  const waiting = [second, ...await requestsUntilRefused(half)];
  await Deno.writeTextFile(half.path("stop"), "");
  assert.equal((await first.response()).body.toString(), "served");
  for (const client of waiting) {
    const frame = await client.frame();
    assert.deepEqual([frame.type, frame.payload.toString()], ["Q", "shutting_down"]);
  }
  assert.deepEqual(await half.message(), { type: "stopped" });
  assert.equal(await half.finish(), 0);
});

/** Sends requests until the process takes none from its trunk any more; those that it has got. */
async function requestsUntilRefused(half: PythonHalf): Promise<Client[]> {
  const clients: Client[] = [];
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    const client = half.client();
    try {
      await client.request(pairs());
    } catch {
      return clients;
    }
    clients.push(client);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("The process went on taking requests");
}

testEach("what blocks the stop is named after the shutdown timeout", async (python) => {
  const source = `
import threading, time
def forever():
    while True:
        time.sleep(0.05)
threading.Thread(target=forever, name="immortal").start()
def application(environ, start_response):
    print("stuck")
    forever()
`;
  for (const path of [undefined, "/stuck"]) {
    await using half = await PythonHalf.start({ python, source, plan: { shutdownTimeout: 0.4 } });
    const client = half.client();
    if (path !== undefined) {
      await client.request(pairs({ REQUEST_URI: path }));
      await half.logged(/stuck\n/);
    }
    await half.command({ type: "stop", reason: "" });
    if (path === undefined) {
      assert.deepEqual(await half.message(), { type: "stopped" });
      assert.equal(await half.finish(), 1);
    } else {
      assert.equal(await half.ended(), 1);
    }
    assert.match(
      half.log,
      /which did not stop within 0\.4 seconds, waiting for .*thread 'immortal'\./,
    );
    assert.match(
      half.log,
      /Thread 0x[0-9a-f]+, thread 'immortal'\n(.*\n)+.*time\.sleep\(0\.05\)\n/,
    );
    assert.equal(/worker thread 1 serving GET \/stuck for \d+\.\d+ sec/.test(half.log), !!path);
  }
});

testEach("the end of the manager connection is a stop", async (python) => {
  await using half = await PythonHalf.start({ python, source: ORDER });
  half.closeManager();
  await half.gateway.threads(0);
  assert.equal(await half.finish(), 0);
  assert.match(half.log, /event \n(.|\n)*atexit\n/);
});

testEach("on demand the stacks of all threads are logged, with their requests", async (python) => {
  const source = `
import threading
go_on = threading.Event()
def application(environ, start_response):
    print("begun")
    go_on.wait(10)
    start_response("200 OK", [])
    return []
threading.Thread(target=go_on.wait, name="helper", daemon=True).start()
`;
  await using half = await PythonHalf.start({ python, source, plan: { threads: 2 } });
  const first = half.client();
  await first.request(pairs({ REQUEST_URI: "/waiting?x" }));
  await half.logged(/begun\n/);
  // The request may be on its way out of print() still.
  for (let count = 1; !/go_on\.wait\(10\)/.test(half.log); count += 1) {
    await half.command({ type: "dump" });
    await half.logged(new RegExp(`(thread 'MainThread'(.|\n)*){${count}}`));
  }
  const log = await half.logged(
    /worker thread \d serving GET \/waiting\?x for(.|\n)*go_on\.wait\(10\)/,
  );
  assert.match(log, /, thread 'helper' \(daemon\)\n/);
  assert.match(log, /, thread 'MainThread'\n/);
});

testEach("a forked child does not keep the connections open", async (python) => {
  const source = `
import os, time, warnings
warnings.simplefilter("ignore")  # of a fork where there are threads
def application(environ, start_response):
    pid = os.fork()
    if pid == 0:
        print("child", os.getpid())
        time.sleep(10)
        os._exit(0)
    start_response("200 OK", [])
    return [str(pid).encode()]
`;
  await using half = await PythonHalf.start({ python, source });
  const client = half.client();
  await client.request(pairs());
  const child = Number((await client.response()).body.toString());
  try {
    await half.logged(new RegExp(`\\[pid ${child}:tid ${child}\\].*child ${child}\n`));
    Deno.kill(half.pid, "SIGKILL");
    await half.gateway.threads(0);
  } finally {
    Deno.kill(child, "SIGKILL");
  }
});

testEach(
  "signal.signal() of an application is ignored with a warning and the place",
  async (python) => {
    const source = `
import signal
before = signal.getsignal(signal.SIGTERM)
assert signal.signal(signal.SIGTERM, lambda *a: None) == before
assert signal.getsignal(signal.SIGTERM) == before
def application(environ, start_response):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        signal.set_wakeup_fd(-1)
    except ValueError as error:
        start_response("200 OK", [])
        return [b"refused"]
`;
    await using half = await PythonHalf.start({ python, source });
    const client = half.client();
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "refused");
    const log = await half.logged(/signal 1 ignored/);
    assert.match(log, /\[wsgi:warn\].*Callback registration for signal 15 ignored\.\n/);
    assert.match(log, /File ".*app\.py", line 4, in <module>\n/);
  },
);
