/** Everything an application writes arrives in the error log: complete, in order, once. */

import assert from "node:assert/strict";
import { Folder, forEachMode, forEachPython, type Server, startServer, until } from "./harness.ts";

const RECORD =
  /^\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d\.\d{6} \d{4}\] \[wsgi:error\] \[pid (\d+):tid (\d+)\](?: \[remote ([\d.]+:\d+)\])? (.*)$/;

/** Messages of the records from position `from` on. */
function messages(server: Server, from = 0): string[] {
  return server.log.matches(RECORD, from).map((match) => match[4]!);
}

const EVERYTHING = [
  "by print",
  "by stdout",
  "by stderr",
  "by wsgi.errors",
  "by writelines",
  "WARNING:shop:by logging",
  "by buffer",
  "two",
  "lines",
  "unicode \u20ac \u{1f600}",
  "after an empty line",
];

for (const warnings of ["default", "error"]) {
  forEachPython(
    `every way to write to the log works, PYTHONWARNINGS=${warnings}`,
    async (python) => {
      await using server = await startServer({
        app: "logs.wsgi",
        python: python.executable,
        env: { PYTHONWARNINGS: warnings },
      });
      await server.log.waitFor(/printed while loading/);
      const from = server.log.position;
      assert.equal((await server.request("/everything")).text, "done");
      await server.log.waitFor(/after an empty line/, undefined, from);
      assert.deepEqual(messages(server, from).filter((text) => text !== ""), EVERYTHING);
      for (const match of server.log.matches(RECORD, from)) {
        assert.equal(Number(match[1]), server.applicationPids()[0]);
        assert.match(match[3]!, /^127\.0\.0\.1:\d+$/);
      }
      const warned = (await server.request("/warning")).text;
      assert.equal(warned, warnings === "error" ? "raised" : "warned");
      if (warnings === "default") await server.log.waitFor(/UserWarning: take care/);
    },
  );
}

forEachMode("every way to write to the log works in every mode", async (mode) => {
  await using server = await startServer({ app: "logs.wsgi", args: mode.args });
  await server.log.waitFor(/printed while loading/);
  const from = server.log.position;
  await server.request("/everything");
  await server.log.waitFor(/after an empty line/, undefined, from);
  assert.deepEqual(messages(server, from).filter((text) => text !== ""), EVERYTHING);
});

const LOADING = `
import sys
print("while loading", file=sys.stderr)
def application(environ, start_response):
    print("in the request", file=sys.stderr)
    start_response("200 OK", [("Content-Length", "0")])
    return []
`;

forEachMode("a line names the client, whatever was printed before", async (mode) => {
  using folder = new Folder();
  const app = folder.write("loading.wsgi", LOADING);
  await using server = await startServer({ app, args: mode.args });
  await server.request("/");
  await server.log.waitFor(/in the request/);
  const clients = server.log.matches(RECORD).map((match) => [match[4], match[3] !== undefined]);
  assert.deepEqual(clients, [["while loading", false], ["in the request", true]]);
});

forEachMode("a line is one record, however it was put together", async (mode) => {
  await using server = await startServer({ app: "logs.wsgi", args: mode.args });
  const from = server.log.position;
  await server.request("/partial");
  await server.log.waitFor(/ended by the request/, undefined, from);
  assert.deepEqual(messages(server, from), [
    "on stdout meanwhile",
    "first second third",
    "flushed without newline",
    "ended by the request",
  ]);
});

forEachMode("long lines and NULs lose nothing", async (mode) => {
  await using server = await startServer({ app: "logs.wsgi", args: mode.args });
  const from = server.log.position;
  await server.request("/long-line?size=100000");
  await server.log.waitFor(/with a nul/, undefined, from);
  const text = messages(server, from).join("");
  assert.ok(text.includes("begin " + "x".repeat(100_000) + " end"), text.slice(0, 100));
  assert.match(text, /with a nul .+ inside/);
});

forEachMode("lines of many threads stay whole and in each one's order", async (mode) => {
  await using server = await startServer({
    app: "logs.wsgi",
    args: mode.name === "direct" ? mode.args : [...mode.args, "--processes", "2"],
  });
  const names = Array.from({ length: 10 }, (_, index) => `client${index}`);
  await Promise.all(names.map((name) => server.request(`/numbered?name=${name}&count=300`)));
  await until(() => server.log.matches(/client\d line \d+$/).length >= 3000, "3,000 lines");
  for (const name of names) {
    const numbers = messages(server).filter((text) => text.startsWith(`${name} `))
      .map((text) => Number(text.split(" ").at(-1)));
    assert.deepEqual(numbers, Array.from({ length: 300 }, (_, index) => index), name);
  }
  for (const { text } of server.log.lines) {
    if (/client\d line/.test(text)) assert.match(text, RECORD);
  }
});

forEachMode("a thread of the application's own logs without a client", async (mode) => {
  await using server = await startServer({ app: "logs.wsgi", args: mode.args });
  await server.request("/background");
  const [line] = await server.log.waitFor(/.*from a background thread$/);
  assert.equal(RECORD.exec(line)?.[3], undefined);
});

forEachMode("wsgi.errors is of no use after its request", async (mode) => {
  await using server = await startServer({ app: "logs.wsgi", args: mode.args });
  await server.request("/kept-errors");
  assert.equal((await server.request("/kept-errors")).text, "RuntimeError");
});

forEachMode("the streams have names, no descriptor and no terminal", async (mode) => {
  await using server = await startServer({ app: "logs.wsgi", args: mode.args });
  assert.equal(
    (await server.request("/streams")).text,
    "<stdout> False True\n<stderr> False True\n<wsgi.errors> False True",
  );
});

forEachMode(
  "nothing written just before a stop or a crash of the process is lost",
  async (mode) => {
    await using server = await startServer({ app: "logs.wsgi", args: mode.args });
    await server.request("/numbered?name=last&count=50");
    const [pid] = server.applicationPids();
    Deno.kill(pid!, "SIGKILL");
    await until(() => server.log.matches(/last line 49$/).length > 0, "last line");
    assert.equal(server.log.matches(/last line \d+$/).length, 50);
  },
);

forEachMode("--log-directory holds the error log and the access log", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "logs.wsgi",
    logToTerminal: false,
    args: [...mode.args, "--log-directory", folder.path, "--access-log"],
  });
  await server.request("/everything");
  await until(() => /by print/.test(folder.read("error_log")), "error log");
  await until(() => /GET \/everything/.test(folder.read("access_log")), "access log");
  await server.log.waitFor(new RegExp(`^Error Log File {5}: ${folder.path}/error_log \\(warn\\)$`));
  await server.log.waitFor(new RegExp(`^Access Log File {4}: ${folder.path}/access_log$`));
  assert.equal(server.log.matches(/by print/).length, 0);
});

Deno.test("--log-level decides what the server itself says", async () => {
  const linesAt = async (level: string) => {
    await using server = await startServer({ app: "hello.wsgi", args: ["--log-level", level] });
    await server.request("/");
    await server.log.waitFor(new RegExp(`^Error Log File +: .* \\(${level}\\)$`));
    await server.stop();
    return server.log.texts().filter((line) => /^\[\w{3} \w{3} /.test(line)).length;
  };
  const quiet = await linesAt("crit"), talkative = await linesAt("info");
  assert.ok(talkative > quiet, `${talkative} lines at info, ${quiet} at crit`);
});
