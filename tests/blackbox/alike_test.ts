/** Requests of one connection that are alike, in part or as a whole: what they have in common is remembered in places. */

import assert from "node:assert/strict";
import {
  type Connection,
  Folder,
  forEachMode,
  requestBytes,
  type Server,
  startServer,
} from "./harness.ts";

/** What differs between two connections, or from one request to the next. */
const OWN = [
  "REMOTE_PORT",
  "mod_wsgi.connection_id",
  "mod_wsgi.daemon_start",
  "mod_wsgi.queue_start",
  "mod_wsgi.request_id",
  "mod_wsgi.request_start",
  "mod_wsgi.script_start",
  "mod_wsgi.thread_id",
  "mod_wsgi.thread_requests",
  "mod_wsgi.total_requests",
];

const A = "Host: one.example:8000\r\nCookie: a=1\r\nX-Name: value\r\n\r\n";
/** Requests; some differ from others in their first line alone, some in one header. */
const REQUESTS = {
  plain: `GET /plain HTTP/1.1\r\n${A}`,
  query: `GET /plain?cookie=a HTTP/1.1\r\n${A}`,
  extra: `GET /some/deeper/path HTTP/1.1\r\n${A}`,
  old: `GET /plain HTTP/1.0\r\nConnection: keep-alive\r\n${A}`,
  absolute: `GET http://two.example/plain HTTP/1.1\r\n${A}`,
  method: `DELETE /plain HTTP/1.1\r\n${A}`,
  cookie: `GET /plain HTTP/1.1\r\n${A.replace("a=1", "b=2")}`,
  bare: "GET /plain HTTP/1.1\r\nHost: one.example:8000\r\n\r\n",
  host: `GET /plain HTTP/1.1\r\n${A.replace("one", "six")}`,
  twice: `GET /plain HTTP/1.1\r\nX-Name: first\r\n${A}`,
  body: `POST /plain HTTP/1.1\r\nContent-Length: 4\r\n${A}body`,
  large: `GET /plain HTTP/1.1\r\nX-Large: ${"x".repeat(6000)}\r\n${A}`,
} as const;
type Kind = keyof typeof REQUESTS;
const KINDS = Object.keys(REQUESTS) as Kind[];

type Environ = Record<string, unknown>;

async function ask(connection: Connection, kind: Kind): Promise<Environ> {
  await connection.send(REQUESTS[kind]);
  const response = await connection.readResponse();
  assert.equal(response?.status, 200, kind);
  return response.json.environ;
}

function withoutOwn(environ: Environ): Environ {
  return Object.fromEntries(Object.entries(environ).filter(([name]) => !OWN.includes(name)));
}

/** The environ of each kind of request on a connection that has had no other. */
async function first(server: Server): Promise<Record<Kind, Environ>> {
  const found: Partial<Record<Kind, Environ>> = {};
  for (const kind of KINDS) {
    using connection = await server.connect();
    found[kind] = withoutOwn(await ask(connection, kind));
  }
  return found as Record<Kind, Environ>;
}

function serve(args: string[]): Promise<Server> {
  return startServer({ app: "environ.wsgi", args: [...args, "--callable-object", "unchecked"] });
}

forEachMode("a request gets the environ that it would get alone", async (mode) => {
  await using server = await serve(mode.args);
  const alone = await first(server);
  using connection = await server.connect();
  const ids = new Set<unknown>();
  let sent = 0;
  for (const times of [14, 1, 2, 5, 9]) {
    for (const [index, kind] of KINDS.entries()) {
      // Some kinds many times in a row, and others between them.
      for (let time = 0; time < (index % 3 === 0 ? times : 1 + times % 4); time++) {
        const environ = await ask(connection, kind);
        assert.deepEqual(withoutOwn(environ), alone[kind], `${kind}, after ${sent} requests`);
        assert.equal(environ.REMOTE_PORT, String(connection.localPort));
        ids.add(environ["mod_wsgi.request_id"]);
        sent++;
      }
    }
  }
  assert.equal(ids.size, sent);
});

forEachMode("what requests of a connection have in common stays with it", async (mode) => {
  await using server = await serve(mode.args);
  const alone = await first(server);
  const open: Connection[] = [];
  try {
    for (let time = 0; time < 10; time++) {
      // At first more than may have something remembered for them; later some close and others come.
      while (open.length < (time < 7 ? 270 : 100)) open.push(await server.connect());
      await Promise.all(open.map(async (connection, index) => {
        // Each connection asks for one path, or for two in turns.
        const other = index % 2 === 1 && time % 2 === 1;
        const kind = other ? "extra" : index % 4 < 2 ? "plain" : "cookie";
        const environ = await ask(connection, kind);
        assert.deepEqual(withoutOwn(environ), alone[kind], `${kind}, time ${time}`);
        assert.equal(environ.REMOTE_PORT, String(connection.localPort));
      }));
      if (time >= 6) { for (const gone of open.splice(0, 60)) gone[Symbol.dispose](); }
    }
  } finally {
    for (const connection of open) connection[Symbol.dispose]();
  }
});

const REMEMBERED = `
import gc
shapes = []
def application(environ, start_response):
    if not shapes:
        shapes.extend(each for each in gc.get_objects() if type(each).__name__ == "EnvironShapes")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d" % len(shapes[0].common)]
`;

forEachMode("what a connection had in common is forgotten behind its end", async ({ args }) => {
  using folder = new Folder();
  await using server = await startServer({ app: folder.write("count.wsgi", REMEMBERED), args });
  let most = 0;
  for (let index = 0; index < 20; index++) {
    using connection = await server.connect();
    for (let time = 0; time < 6; time++) {
      const path = index % 2 === 0 ? "/same" : `/${time}`;
      await connection.send(requestBytes(server.url, path, { keepAlive: true }));
      most = Math.max(most, Number((await connection.readResponse())!.text));
    }
  }
  // The server may learn of an end a little later than of the next beginning.
  assert.ok(most >= 1 && most <= 3, String(most));
});
