/** Daemon mode on Windows, with each CPython of the bench. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { Folder, type Response, type Server, startServer, until } from "../blackbox/harness.ts";
import { app, benchTest, environmentOf, FACTS, isRefused, onZ, VERSIONS } from "./bench.ts";

const TWO_BY_FOUR = ["--processes", "2", "--threads", "4"];

/** Eight requests that run at the same time until the test makes the file `go`. */
async function eightRunning(server: Server, folder: Folder): Promise<Promise<Response>[]> {
  const running = Array.from({ length: 8 }, () => server.request("/wait"));
  await folder.waitForNotes("started", 8);
  return running;
}

for (const version of VERSIONS) {
  const python = environmentOf(version);

  benchTest(`2 processes of 4 threads serve eight requests at once [${version}]`, async () => {
    using folder = new Folder();
    const options = { app: "process.wsgi", python, args: TWO_BY_FOUR, env: folder.env };
    await using server = await startServer(options);
    const running = await eightRunning(server, folder);
    folder.write("go");
    const answers = await Promise.all(running);
    assert.deepEqual(answers.map(({ status }) => status), Array(8).fill(200));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 2);
  });

  benchTest(`a killed application process loses its own requests only [${version}]`, async () => {
    using folder = new Folder();
    const options = { app: "process.wsgi", python, args: TWO_BY_FOUR, env: folder.env };
    await using server = await startServer(options);
    const running = await eightRunning(server, folder);
    const [victim] = server.applicationPids();
    Deno.kill(victim!, "SIGKILL");
    await until(() => !server.applicationPids().includes(victim!), "end of the process");
    folder.write("go");
    const statuses = (await Promise.all(running)).map(({ status }) => status).toSorted();
    assert.deepEqual(statuses, [200, 200, 200, 200, 500, 500, 500, 500]);
    await until(() => server.applicationPids().length === 2, "the replacement");
    await until(async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => server.request("/pid")));
      return new Set(answers.map(({ text }) => text)).size === 2;
    }, "two processes that serve");
  });

  benchTest(
    `a process that ends by itself is replaced, and its status is told [${version}]`,
    async () => {
      await using server = await startServer({ app: FACTS, python });
      assert.equal((await server.request("/exit")).status, 500);
      await server.log.waitFor(/application process \d+ exited with status 7/);
      assert.equal((await server.request("/")).status, 200);
    },
  );

  benchTest(
    `Ctrl-C finishes what runs, leaves no process and frees the port [${version}]`,
    async () => {
      using folder = new Folder();
      const options = { app: "process.wsgi", python, args: TWO_BY_FOUR, env: folder.env };
      await using server = await startServer(options);
      const running = server.request("/wait");
      await folder.waitForNotes("started");
      const stopped = server.stop();
      await until(() => isRefused(server.url), "end of listening");
      folder.write("go");
      assert.equal((await stopped).code, 0);
      assert.equal((await running).status, 200);
      assert.deepEqual(server.processes(), []);
      assert.ok(await isRefused(server.url));
    },
  );

  benchTest(`application processes end with a server that is killed [${version}]`, async () => {
    await using server = await startServer({ app: FACTS, python, args: TWO_BY_FOUR });
    Deno.kill(server.pid, "SIGKILL");
    await until(() => server.processes().length === 0, "the end of all processes");
    await until(() => isRefused(server.url), "the port, free");
  });

  benchTest(`a changed script is loaded anew, and no request is lost [${version}]`, async () => {
    using folder = new Folder();
    const script = (text: string) =>
      `def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"${text}"]
`;
    const path = folder.write("script.wsgi", script("before"));
    await using server = await startServer({ app: path, python });
    assert.equal((await server.request("/")).text, "before");
    // While requests come the file is replaced, which needs it to be open nowhere.
    const statuses = new Set<number>();
    let changed = false;
    const load = (async () => {
      while (!changed) statuses.add((await server.request("/")).status);
    })();
    folder.write("script.wsgi", script("after"));
    await until(async () => (await server.request("/")).text === "after", "the changed script");
    changed = true;
    await load;
    assert.deepEqual([...statuses], [200]);
  });

  benchTest(`Flask serves pages and uploads, with its extension module [${version}]`, async () => {
    await using server = await startServer({ app: app("flask_app.wsgi"), python });
    assert.equal((await server.request("/hello/%3Cyou%3E")).text, "Hello &lt;you&gt;");
    const boundary = "of-the-test";
    const body = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"` +
      `\r\n\r\n${"x".repeat(300_000)}\r\n--${boundary}--\r\n`;
    const response = await server.request("/upload", {
      method: "POST",
      body,
      headers: [["Content-Type", `multipart/form-data; boundary=${boundary}`]],
    });
    assert.deepEqual(response.json, { length: 300_000, name: "a.bin" });
  });

  benchTest(`Django serves a view with SQLite [${version}]`, async () => {
    await using server = await startServer({ app: app("django_app.wsgi"), python });
    const { json } = await server.request(`/sqlite?text=${encodeURIComponent("grün €")}`);
    assert.match(json.version, /^3\./);
    assert.equal(json.text, "grün €");
  });
}

benchTest(
  "logs are UTF-8 and every line of several processes arrives, also in a file",
  async () => {
    using folder = new Folder();
    await using server = await startServer({
      app: FACTS,
      python: environmentOf("3.14"),
      logToTerminal: false,
      args: [...TWO_BY_FOUR, "--log-directory", onZ(folder.file("die Aufzeichnungen"))],
    });
    // One process after the other: where two append at once, wine loses what they write, which Windows does not.
    const print = async (names: readonly string[]) => {
      for (const name of names) await server.request(`/print?name=${name}&lines=200`);
    };
    await print(["a", "b", "c", "d"]);
    const held = server.request("/sleep?seconds=2");
    await print(["e", "f", "g", "h"]);
    await held;
    const lines = await until(() => {
      const found = folder.read("die Aufzeichnungen/error_log").split("\n").filter((line) =>
        / line \w \d+ äöü €$/.test(line)
      );
      return found.length >= 1600 && found;
    }, "1600 lines in the error log");
    assert.equal(new Set(lines.map((line) => /\[pid (\d+)/.exec(line)?.[1])).size, 2);
    for (const name of "abcdefgh") {
      const numbers = lines.flatMap((line) => {
        const match = / line (\w) (\d+) /.exec(line);
        return match?.[1] === name ? [Number(match[2])] : [];
      });
      assert.deepEqual(numbers, Array.from({ length: 200 }, (_, number) => number));
    }
  },
);

benchTest(
  "paths may have drive letters, blanks and letters beyond ASCII, those of --python-path too",
  async () => {
    using folder = new Folder();
    for (const name of ["mit Leerzeichen", "grün", "grün/日本語"]) {
      Deno.mkdirSync(folder.file(name));
    }
    folder.write("mit Leerzeichen/first_module.py", "VALUE = 1\n");
    folder.write("grün/second_module.py", "VALUE = 2\n");
    const script = folder.write(
      "grün/日本語/anwendung.wsgi",
      `import first_module, second_module, os
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    text = "%d %d %s" % (first_module.VALUE, second_module.VALUE, os.path.basename(os.path.dirname(__file__)))
    return [text.encode("utf-8")]
`,
    );
    await using server = await startServer({
      app: script,
      python: environmentOf("3.14"),
      args: [
        "--python-path",
        onZ(folder.file("mit Leerzeichen")),
        "--python-path",
        onZ(folder.file("grün")),
      ],
    });
    const { text } = await server.request("/");
    assert.equal(text, "1 2 日本語", server.log.tail());
  },
);

benchTest("--reload-on-changes loads a changed module", async () => {
  using folder = new Folder();
  folder.write("part.py", "VALUE = 'one'\n");
  const script = folder.write(
    "script.wsgi",
    `import os, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import part
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [part.VALUE.encode()]
`,
  );
  await using server = await startServer({
    app: script,
    python: environmentOf("3.14"),
    args: ["--reload-on-changes"],
  });
  assert.equal((await server.request("/")).text, "one");
  folder.write("part.py", "VALUE = 'another'\n");
  await until(
    async () => (await server.request("/")).text === "another",
    "the changed module",
    30_000,
  );
});

benchTest(
  "a replaced process ends by itself, in time and with its functions for that",
  async () => {
    using folder = new Folder();
    const script = (text: string) =>
      `import atexit, mod_wsgi, os
def note(name):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "a", newline="") as file:
        file.write("${text}\\n")
mod_wsgi.subscribe_shutdown(lambda name, shutdown_reason, **more: note(shutdown_reason))
atexit.register(note, "atexit")
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"${text}"]
`;
    const path = folder.write("script.wsgi", script("one"));
    // Complaints in the log fail the test.
    await using server = await startServer({
      app: path,
      python: environmentOf("3.14"),
      args: ["--processes", "2", "--threads", "3", "--reload-on-changes"],
    });
    const before = server.applicationPids();
    folder.write("script.wsgi", script("another"));
    await until(
      () => !server.applicationPids().some((pid) => before.includes(pid)),
      "the end of the old processes",
      30_000,
    );
    assert.equal((await server.request("/")).text, "another");
    assert.equal(folder.read("script_reload"), "one\n".repeat(2));
    assert.equal(folder.read("atexit"), "one\n".repeat(2));
    assert.deepEqual(server.log.matches(/did not stop|exited with status/), []);
  },
);

/** Loads at once, and for ever once `hang` is in its folder; `how` is what it does then. */
const hangingScript = (how: string) =>
  `import ctypes, os, time
if os.path.exists(os.path.join(os.path.dirname(os.path.abspath(__file__)), "hang")):
    open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "hanging"), "w").close()
    ${how}
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"loaded"]
`;

const HANGS = {
  "hangs": "time.sleep(1000)",
  "hangs and keeps the interpreter lock": `ctypes.PyDLL("kernel32").Sleep(1000000)`,
};

for (const [name, how] of Object.entries(HANGS)) {
  for (const end of ["stopped", "killed"] as const) {
    benchTest(`a process whose import ${name} ends with a server that is ${end}`, async () => {
      using folder = new Folder();
      const path = folder.write("script.wsgi", hangingScript(how));
      const args = ["--startup-timeout", "0", "--shutdown-timeout", "1"];
      await using server = await startServer({ app: path, python: environmentOf("3.14"), args });
      folder.write("hang");
      folder.write("script.wsgi", `${hangingScript(how)}# changed\n`);
      const waiting = server.request("/").catch(() => undefined);
      await until(() => existsSync(folder.file("hanging")), "the import that hangs");
      if (end === "killed") Deno.kill(server.pid, "SIGKILL");
      else assert.equal((await server.stop()).code, 0);
      await until(() => server.processes().length === 0, "the end of all processes");
      await waiting;
    });
  }
}
