/** A server under a service manager: what it tells it (sd_notify(3)), and the socket that it is given (sd_listen_fds(3)). */
import assert from "node:assert/strict";
import { type Folder as TestFolder } from "./folder.ts";
import { Connection, Folder, forEachMode, type Mode, requestBytes, until } from "./harness.ts";
import { type ManagerSettings, ServiceManager } from "./service_manager.ts";

/** Loads once the file `go` is there; answers with what the manager's variables and descriptor 3 are to it. */
const APPLICATION = `
import json
import os
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
while not os.path.exists(os.path.join(FOLDER, "go")):
    time.sleep(0.01)
open(os.path.join(FOLDER, "loaded"), "a").write("%d\\n" % os.getpid())


def application(environ, start_response):
    names = [name for name in os.environ if name.startswith(("NOTIFY", "WATCHDOG", "LISTEN"))]
    try:
        third = os.readlink("/proc/self/fd/3")
    except OSError:
        third = ""
    body = json.dumps({"names": names, "third": third, "port": environ["SERVER_PORT"]}).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
`;

interface Answer {
  readonly names: string[];
  readonly third: string;
  readonly port: string;
}

class Service implements AsyncDisposable {
  readonly folder: TestFolder = new Folder();
  readonly manager: ServiceManager;

  /** @param settings `PATH` in them stands for the folder of the test. */
  constructor(settings: ManagerSettings) {
    const text = JSON.stringify(settings).replaceAll("PATH", this.folder.path);
    this.manager = new ServiceManager(JSON.parse(text));
    this.folder.write("app.wsgi", APPLICATION);
    this.folder.write("go");
  }

  start(mode: Mode, ...args: string[]): Promise<number> {
    const root = this.folder.file("root");
    const more = ["--host", "127.0.0.1", "--port", "0", "--server-root", root, ...args];
    return this.manager.start([this.folder.file("app.wsgi"), ...mode.args, ...more]);
  }

  async stop(pid: number): Promise<void> {
    await this.manager.signal("SIGTERM");
    assert.equal(await this.manager.exited(pid), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.manager[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

async function ask(connection: Connection, path = "/"): Promise<Answer> {
  await connection.send(requestBytes("http://127.0.0.1/", path));
  const response = await connection.readResponse();
  assert.equal(response?.status, 200);
  return response.json;
}

async function askPort(port: number): Promise<Answer> {
  using connection = await Connection.open(`http://127.0.0.1:${port}/`);
  return await ask(connection);
}

for (const notify of ["PATH/notify", `@wsgi-express-${crypto.randomUUID()}`]) {
  const kind = notify.startsWith("@") ? "an abstract address" : "a path";
  forEachMode(`a service manager at ${kind} is told of start and end`, async (mode) => {
    await using service = new Service({ notify: `${notify}${notify[0] === "@" ? mode.name : ""}` });
    const { manager, folder } = service;
    Deno.removeSync(folder.file("go"));
    const pid = await service.start(mode);
    await manager.log.waitFor(/^Server URL/);
    assert.deepEqual(manager.messages(), []);
    folder.write("go");
    const ready = await manager.message("READY", "1");
    assert.equal(ready.MAINPID, String(pid));
    assert.match(ready.STATUS!, /^Serving http:\/\/127\.0\.0\.1:\d+\/, processes: 1/);
    assert.equal(ready.sender, pid);
    await service.stop(pid);
    await manager.message("STOPPING", "1");
  });
}

forEachMode("a service manager is told of a reload and of its end", async (mode) => {
  await using service = new Service({ notify: "PATH/notify" });
  const { manager, folder } = service;
  const pid = await service.start(mode, "--processes", "2");
  await manager.message("READY", "1");
  for (const signal of ["SIGUSR1", "SIGHUP"] as const) {
    const from = manager.events.position;
    const before = folder.notes("loaded");
    Deno.removeSync(folder.file("go"));
    await manager.signal(signal);
    const reloading = await manager.message("RELOADING", "1", from);
    assert.match(reloading.MONOTONIC_USEC!, /^\d+$/);
    const told = manager.events.matches(/"READY"/, from).length;
    folder.write("go");
    await manager.message("READY", "1", from);
    assert.equal(told, 0);
    assert.ok(folder.notes("loaded").length >= before.length + 2);
  }
  await service.stop(pid);
});

forEachMode("a service manager gets signs of life", async (mode) => {
  await using service = new Service({ notify: "PATH/notify", watchdog: 100_000 });
  const pid = await service.start(mode);
  await service.manager.message("READY", "1");
  const signs = () => service.manager.messages().filter(({ WATCHDOG }) => WATCHDOG === "1").length;
  const before = signs();
  await until(() => signs() >= before + 4, "four more signs of life");
  await service.stop(pid);
});

forEachMode("a graceful stop is no STOPPING, which would limit its time", async (mode) => {
  await using service = new Service({ notify: "PATH/notify" });
  const pid = await service.start(mode);
  await service.manager.message("READY", "1");
  await service.manager.signal("SIGWINCH");
  assert.equal(await service.manager.exited(pid), 0);
  const messages = service.manager.messages();
  assert.ok(messages.some(({ STATUS }) => STATUS?.startsWith("Stopping gracefully")));
  assert.deepEqual(messages.filter(({ STOPPING }) => STOPPING !== undefined), []);
});

forEachMode(
  "a socket that is passed on is served, and the next server has it too",
  async (mode) => {
    await using service = new Service({ listen: "tcp", sockets: 1, notify: "PATH/notify" });
    const { manager } = service;
    const port = await manager.port();
    const first = await service.start(mode, "--processes", mode.embedded ? "2" : "1");
    // Who connects before the server is there waits.
    const answer = await askPort(port);
    assert.deepEqual(answer.names, []);
    assert.equal(answer.port, String(port));
    if (!mode.embedded) assert.doesNotMatch(answer.third, /socket/);
    await manager.log.waitFor(new RegExp(`^Server URL +: http://127\\.0\\.0\\.1:${port}/$`));
    await service.stop(first);
    using connection = await Connection.open(`http://127.0.0.1:${port}/`);
    const waiting = ask(connection);
    const second = await service.start(mode);
    assert.equal((await waiting).port, String(port));
    await service.stop(second);
  },
);

forEachMode("a Unix domain socket that is passed on is served", async (mode) => {
  await using service = new Service({ listen: "PATH/http.sock", sockets: 1 });
  const path = service.folder.file("http.sock");
  const pid = await service.start(mode);
  const connection = await Deno.connect({ transport: "unix", path });
  const request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  await connection.write(new TextEncoder().encode(request));
  assert.match(await new Response(connection.readable).text(), /^HTTP\/1\.1 200 OK\r\n/);
  await service.stop(pid);
});

forEachMode("sockets for another process are left alone", async (mode) => {
  await using service = new Service({ listen: "tcp", sockets: 1, wrong_pid: true });
  const pid = await service.start(mode);
  const [, own] = await service.manager.log.waitFor(/^Server URL +: http:\/\/[^:]+:(\d+)\/$/);
  assert.notEqual(Number(own), await service.manager.port());
  assert.deepEqual((await askPort(Number(own))).names, []);
  await service.stop(pid);
});

Deno.test("sockets that can't be served end the start with status 3 and the reason", async () => {
  const cases: [ManagerSettings, RegExp][] = [
    [{ listen: "tcp", sockets: 2 }, /error: .*2 sockets \(http, http\).*one is served/],
    [{ listen: "datagram", sockets: 1 }, /error: descriptor 3.* is no listening stream socket/],
  ];
  for (const [settings, reason] of cases) {
    await using service = new Service(settings);
    const pid = await service.start({ name: "daemon", args: [], embedded: false, threads: 5 });
    assert.equal(await service.manager.exited(pid), 3);
    await service.manager.log.waitFor(reason);
  }
});
