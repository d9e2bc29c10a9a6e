/** The main thread of Python, and signals, which belong to the server. */

import assert from "node:assert/strict";
import { Folder, forEachMode, forEachPython, type Server, startServer } from "./harness.ts";

const SCRIPT = `
import signal, sys, threading

on_main = threading.current_thread() is threading.main_thread()
before = {name: signal.getsignal(getattr(signal, name)) for name in ("SIGTERM", "SIGINT", "SIGUSR1")}
for name in before:
    signal.signal(getattr(signal, name), lambda *a: print("taken over"))
unchanged = all(signal.getsignal(getattr(signal, name)) == before[name] for name in before)

def application(environ, start_response):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [repr((on_main, unchanged, signal.signal.__module__, signal.signal.__name__)).encode()]
`;

async function check(server: Server, path: string): Promise<void> {
  assert.equal((await server.request("/")).text, "(True, True, 'signal', 'signal')");
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  for (const number of [15, 2, 10, 1]) {
    const pattern = new RegExp(
      `\\[wsgi:warn\\] .* Callback registration for signal ${number} ignored\\.$`,
    );
    assert.equal(server.log.matches(pattern).length, 1, `signal ${number}`);
  }
  const place = new RegExp(`File "${path}", line (\\d+), in (\\S+)$`);
  const places = server.log.matches(place).map((match) => `${match[1]} ${match[2]}`);
  assert.deepEqual(places, ["7 <module>", "7 <module>", "7 <module>", "11 application"]);
  assert.equal(server.log.matches(/\] taken over$/).length, 0);
}

forEachPython(
  "signal.signal at loading is ignored with a warning and the place",
  async (python) => {
    using folder = new Folder();
    const app = folder.write("signals.wsgi", SCRIPT);
    await using server = await startServer({ app, python: python.executable });
    await check(server, app);
  },
);

forEachMode("signal.signal is ignored in every mode", async (mode) => {
  using folder = new Folder();
  const app = folder.write("signals.wsgi", SCRIPT);
  await using server = await startServer({ app, args: mode.args });
  await check(server, app);
});

forEachPython("signal.signal is ignored in an application group as well", async (python) => {
  using folder = new Folder();
  const app = folder.write("signals.wsgi", SCRIPT);
  await using server = await startServer({
    app,
    python: python.executable,
    args: ["--application-group", "blue"],
  });
  await check(server, app);
});
