/** What the console tells the programs in it: Ctrl-C, Ctrl-Break, the end of its window, of the session, of the machine. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Folder, type Server, startServer } from "../blackbox/harness.ts";
import { app, benchTest, environmentOf, isRefused, onZ, pythonOf } from "./bench.ts";

const CTRL_C = 0;
const CTRL_BREAK = 1;
/** The events after which Windows ends a program. */
const ENDS = { "closed window": 2, "log-off": 5, "shutdown": 6 };

async function start({ env }: Folder): Promise<Server> {
  const args = ["--processes", "2", "--threads", "4", "--log-level", "info"];
  return await startServer({ app: "recycling.wsgi", python: environmentOf("3.14"), args, env });
}

/** Pids as Windows has them: the server's first, then those of the application processes. */
function windowsPids(server: Server): [string, ...string[]] {
  const pid = (pattern: RegExp) => server.log.matches(pattern).map((match) => match[1]!);
  const [own] = pid(/\[pid (\d+):tid \d+\] wsgi-express \S+ serves/);
  return [own!, ...pid(/application process (\d+) is ready/)];
}

/** Tells processes of an event, one after the other, and gives what became of them. */
async function tell(event: number, pids: readonly string[]): Promise<string> {
  const wine = fileURLToPath(new URL("wine.sh", import.meta.url));
  const script = onZ(fileURLToPath(new URL("console_event.py", import.meta.url)));
  const args = [`${pythonOf("3.14")}\\python.exe`, script, String(event), ...pids];
  const { stdout, stderr } = await new Deno.Command(wine, { args }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

/** The event comes while a request is running. */
async function stopsInGoodOrder(event: number, order: "server first" | "server last") {
  using folder = new Folder();
  await using server = await start(folder);
  const [own, ...processes] = windowsPids(server);
  assert.equal(processes.length, 2);
  const running = server.request("/nap?seconds=1.5").catch(() => undefined);
  await folder.waitForNotes("started");
  const pids = order === "server first" ? [own, ...processes] : [...processes, own];
  const told = await tell(event, pids);
  const exit = await server.waitForExit();
  assert.equal((await running)?.status, 200, told);
  assert.equal(exit.code, 0, told);
  assert.doesNotMatch(told, /was ended|can't be told/);
  assert.ok(await isRefused(server.url));
}

benchTest("Ctrl-Break finishes what runs and stops the server", async () => {
  await stopsInGoodOrder(CTRL_BREAK, "server last");
});

for (const [what, event] of Object.entries(ENDS)) {
  for (const order of ["server first", "server last"] as const) {
    benchTest(`${what}: what runs is finished before Windows ends it, ${order}`, async () => {
      await stopsInGoodOrder(event, order);
    });
  }
}

benchTest("a second Ctrl-C stops the server at once", async () => {
  using folder = new Folder();
  await using server = await start(folder);
  const [own] = windowsPids(server);
  const running = server.request("/nap?seconds=60").catch(() => undefined);
  await folder.waitForNotes("started");
  await tell(CTRL_C, [own]);
  await tell(CTRL_C, [own]);
  await server.waitForExit();
  assert.notEqual((await running)?.status, 200);
});

benchTest("in embedded mode a closed window finishes what runs", async () => {
  const args = ["--embedded-mode", "--log-level", "info"];
  const python = environmentOf("3.14");
  await using server = await startServer({ app: app("flask_app.wsgi"), python, args });
  const pids = windowsPids(server);
  const told = await tell(ENDS["closed window"], pids.toReversed());
  assert.equal((await server.waitForExit()).code, 0);
  assert.doesNotMatch(told, /was ended|can't be told/);
});
