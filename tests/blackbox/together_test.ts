/** Requests that arrive at the same moment, which one thread serves by one call (embedded mode 1 × 1). */

import assert from "node:assert/strict";
import {
  type Connection,
  Folder,
  MODES,
  requestBytes,
  type Server,
  type ServerOptions,
  startServer,
  until,
} from "./harness.ts";

const { args } = MODES.find(({ name }) => name === "direct")!;
/** Only there is a process stopped and continued, and do requests go without a thread of their own. */
const ignore = Deno.build.os !== "linux";

function ask(server: Server, path: string, body?: string): Uint8Array {
  const method = body === undefined ? "GET" : "POST";
  return requestBytes(server.url, path, { method, body, keepAlive: true });
}

/** Connections that the process has accepted. Many short requests on them tell it that it may serve several together. */
async function connections(server: Server, count: number): Promise<Connection[]> {
  const opened: Connection[] = [];
  for (let index = 0; index < count; index++) opened.push(await server.connect());
  for (let round = 0; round < 200 / count; round++) {
    for (const connection of opened) {
      await connection.send(ask(server, "/count"));
      assert.equal((await connection.readResponse())?.text, "counted");
    }
  }
  return opened;
}

/** Whether all threads of a process are stopped; see proc_pid_stat(5). */
function isStopped(pid: number): boolean {
  const tasks = [...Deno.readDirSync(`/proc/${pid}/task`)];
  return tasks.every(({ name }) =>
    /\) T /.test(Deno.readTextFileSync(`/proc/${pid}/task/${name}/stat`))
  );
}

/** A test with a server that knows that requests are short, and so many connections to it. */
function test(
  name: string,
  count: number,
  body: (server: Server, folder: Folder, open: Connection[]) => Promise<void>,
  options: ServerOptions = {},
): void {
  Deno.test({ name, ignore }, async () => {
    using folder = new Folder();
    await using server = await startServer({
      app: "together.wsgi",
      args,
      ...options,
      env: { ...folder.env, ...options.env },
    });
    const open = await connections(server, count);
    await body(server, folder, open);
    for (const connection of open) connection.close();
  });
}

/** Lets the requests arrive while the process can't look; one on each connection. */
async function sendAtOnce(
  server: Server,
  targets: readonly Connection[],
  requests: readonly Uint8Array[],
  afterwards = () => {},
): Promise<void> {
  const [process] = server.applicationPids();
  // What epoll has told last stays in front until it is asked again: let that be none of these connections.
  await server.request("/count");
  Deno.kill(process!, "SIGSTOP");
  await until(() => isStopped(process!), "stopped process");
  for (const [index, request] of requests.entries()) await targets[index]!.send(request);
  afterwards();
  Deno.kill(process!, "SIGCONT");
}

const KINDS = [
  "quick",
  "lasting",
  "parts",
  "lasting",
  "fault",
  "body",
  "lasting",
  "write",
  "exit",
  "quick",
];
for (const [who, env] of [["nobody", {}], ["the application", { TOGETHER_EVENTS: "1" }]] as const) {
  const name = `requests of all kinds that arrive at once, with ${who} listening to events`;
  test(name, KINDS.length, async (server, folder, open) => {
    const expected = [];
    for (let round = 1; round <= 6; round++) {
      const requests = KINDS.map((kind, index) => {
        const name = `${round}.${index}`;
        return kind === "body" ? ask(server, "/body", name) : ask(server, `/${kind}?name=${name}`);
      });
      await sendAtOnce(server, open, requests);
      for (const [index, kind] of KINDS.entries()) {
        const name = `${round}.${index}`;
        const response = await open[index]!.readResponse();
        if (kind === "fault" || kind === "exit") assert.equal(response?.status, 500);
        else assert.equal(response?.text, name);
        expected.push(kind === "body" ? "body " : `${kind} ${name}`);
        // It is over before the next request begins.
        if (kind === "lasting" || kind === "parts") expected.push(`rest ${name}`, `close ${name}`);
      }
    }
    assert.deepEqual(await folder.waitForNotes("order", expected.length), expected);
  }, { env, complaintsExpected: true });
}

const ODD_PATHS = ["/%02", "/%02/%02", "/a/%02/", "/%02%02", "/%01/%03", "/%02?%02"];
test("no path ends the text of its request", ODD_PATHS.length, async (server, _folder, open) => {
  const requests = ODD_PATHS.map((path, index) =>
    ask(server, `${path}${path.includes("?") ? "&" : "?"}name=${index}`)
  );
  for (let round = 1; round <= 4; round++) {
    await sendAtOnce(server, open, requests);
    for (const [index, connection] of open.entries()) {
      assert.equal((await connection.readResponse())?.text, String(index));
    }
  }
});

test("requests together with those of clients that leave", 8, async (server, folder, open) => {
  for (let round = 1; round <= 3; round++) {
    const leaving = await connections(server, 3);
    const paths = ["quick", "large", "lasting", "parts", "quick"];
    const requests = paths.map((path) => ask(server, `/${path}?name=${path}`));
    const targets = [open[0]!, leaving[0]!, open[1]!, leaving[1]!, leaving[2]!];
    await sendAtOnce(server, targets, requests, () => leaving.forEach((each) => each.close()));
    assert.equal((await open[0]!.readResponse())?.text, "quick");
    assert.equal((await open[1]!.readResponse())?.text, "lasting");
    for (const connection of open) {
      await connection.send(ask(server, "/quick?name=again"));
      assert.equal((await connection.readResponse())?.text, "again");
    }
  }
  const closed = folder.notes("order").filter((line) => line === "close lasting");
  assert.equal(closed.length, 3);
});

test(
  "behind a long request no answer waits for another request",
  3,
  async (server, folder, open) => {
    for (let round = 1; round <= 3; round++) {
      const paths = ["/quick?name=first", `/hold?name=${round}`, "/quick?name=last"];
      await sendAtOnce(server, open, paths.map((path) => ask(server, path)));
      await folder.waitForNotes("order", 3 * round - 1);
      if (round > 1) assert.equal((await open[0]!.readResponse())?.text, "first");
      // The first time nobody can know that the second one takes long: longer than a hiccup of the machine's.
      else await new Promise((resolve) => setTimeout(resolve, 100));
      folder.write(`go-${round}`);
      if (round === 1) assert.equal((await open[0]!.readResponse())?.text, "first");
      assert.equal((await open[1]!.readResponse())?.text, String(round));
      assert.equal((await open[2]!.readResponse())?.text, "last");
    }
  },
);

test(
  "a client that sends many requests at once leaves others their turn",
  2,
  async (server, folder, open) => {
    const [greedy, modest] = open as [Connection, Connection];
    const many = [
      "/hold?name=x",
      "/quick?name=2",
      "/quick?name=3",
      "/quick?name=4",
      "/quick?name=5",
    ];
    await greedy.send(many.map((path) => new TextDecoder().decode(ask(server, path))).join(""));
    await folder.waitForNotes("order");
    await modest.send(ask(server, "/quick?name=other"));
    folder.write("go-x");
    assert.equal((await modest.readResponse())?.text, "other");
    for (const name of ["x", "2", "3", "4", "5"]) {
      assert.equal((await greedy.readResponse())?.text, name);
    }
    const order = folder.notes("order");
    assert.ok(order.indexOf("quick other") < order.indexOf("quick 3"), order.join(", "));
  },
);

test("a stop while requests wait for the one before them", 4, async (server, folder, open) => {
  const paths = ["/quick?name=first", "/hold?name=x", "/quick?name=a", "/lasting?name=b"];
  await sendAtOnce(server, open, paths.map((path) => ask(server, path)));
  await folder.waitForNotes("order", 2);
  const stopped = server.stop();
  await server.waitForEndOfListening();
  folder.write("go-x");
  const statuses = await Promise.all(
    open.map(async (each) => (await each.readResponse())?.status),
  );
  assert.deepEqual(statuses.slice(0, 2), [200, 200]);
  for (const status of statuses.slice(2)) {
    assert.ok(status === 200 || status === 503, `${status}`);
  }
  assert.equal((await stopped).code, 0);
});
