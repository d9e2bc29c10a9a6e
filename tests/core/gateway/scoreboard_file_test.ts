import assert from "node:assert/strict";
import type { GatewayRequest } from "../../../core/gateway/request.ts";
import {
  scoreboardPath,
  ScoreboardReader,
  ScoreboardWriter,
} from "../../../core/gateway/scoreboard_file.ts";
import { readRegularFile } from "../../../ffi/regular_file.ts";
import { REQUEST_LINE_LIMIT, UNUSED_WORKER } from "../../../core/gateway/worker_records.ts";

// The C library, which stays open, is opened here: outside of any test.
readRegularFile(import.meta.filename!, 1);

/** A request of which only the description is looked at. */
function request(line: string, bytes = 0, vhost = "localhost:8000"): GatewayRequest {
  return {
    describe: () => ({ client: "192.0.2.1", request: line, vhost, bytes }),
  } as Partial<GatewayRequest> as GatewayRequest;
}

/** Runs a test with a writer for process 7 and a reader of it. */
function withFile(
  test: (writer: ScoreboardWriter, reader: ScoreboardReader, path: string) => void,
): void {
  const folder = Deno.makeTempDirSync();
  const pathOf = (instance: number) => `${folder}/scoreboard-${instance}`;
  const writer = new ScoreboardWriter(pathOf(7), () => 5000);
  try {
    test(writer, new ScoreboardReader(pathOf, 4), pathOf(7));
  } finally {
    writer.close();
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("what one end writes the other reads, worker by worker", () => {
  withFile((writer, reader) => {
    assert.deepEqual(reader.read(7), []);
    writer.onStart(0, 1, request("GET /a HTTP/1.1", 10));
    writer.onStart(0, 2, request('GET /b"\u00e4 HTTP/1.1'));
    writer.onEnd(0, 1);
    const site = { client: "192.0.2.1", vhost: "localhost:8000", started: 5000 };
    assert.deepEqual(reader.read(7), [
      {
        ...site,
        ...{ request: "GET /a HTTP/1.1", busy: false, accesses: 1, bytes: 10, stopped: 5000 },
      },
      {
        ...site,
        ...{ request: 'GET /b"\u00e4 HTTP/1.1', busy: true, accesses: 0, bytes: 0, stopped: 0 },
      },
    ]);
    // A shorter record leaves nothing of a longer one.
    writer.onStart(0, 3, request("GET /"));
    assert.equal(reader.read(7)[0]!.request, "GET /");
  });
});

Deno.test("a request line is cut, and left out where even so there is no room", () => {
  withFile((writer, reader) => {
    writer.onStart(0, 1, request(`GET /${"x".repeat(3000)}`));
    assert.equal(reader.read(7)[0]!.request.length, REQUEST_LINE_LIMIT);
    writer.onStart(0, 2, request("GET /", 0, "v".repeat(4000)));
    assert.deepEqual(reader.read(7)[1], {
      ...UNUSED_WORKER,
      ...{ busy: true, started: 5000, client: "192.0.2.1" },
    });
  });
});

Deno.test("a record that is being written is not taken for one", () => {
  withFile((writer, reader, path) => {
    writer.onStart(0, 1, request("GET / HTTP/1.1"));
    const bytes = Deno.readFileSync(path);
    for (const torn of [bytes.with(1, 0x39), bytes.with(0, 0x20)]) {
      Deno.writeFileSync(path, torn);
      assert.deepEqual(reader.read(7), [UNUSED_WORKER]);
    }
  });
});

Deno.test({
  name: "what the process puts in the place of its file is neither followed nor waited for",
  ignore: Deno.build.os === "windows",
}, () => {
  withFile((writer, reader, path) => {
    writer.onStart(0, 1, request("GET / HTTP/1.1"));
    Deno.renameSync(path, `${path}-elsewhere`);
    Deno.symlinkSync(`${path}-elsewhere`, path);
    assert.deepEqual(reader.read(7), []);
    Deno.removeSync(path);
    const made = new Deno.Command("mkfifo", { args: [path] }).outputSync();
    assert.equal(made.code, 0);
    assert.deepEqual(reader.read(7), []);
    Deno.removeSync(path);
    Deno.mkdirSync(path);
    assert.deepEqual(reader.read(7), []);
  });
});

Deno.test("no more is read than a process may have requests", () => {
  withFile((writer, reader) => {
    for (let id = 1; id <= 6; id++) writer.onStart(0, id, request("GET / HTTP/1.1"));
    assert.equal(reader.read(7).length, 4);
  });
});

Deno.test("remove() takes the file away, and does not mind where there is none", () => {
  withFile((_writer, reader, path) => {
    reader.remove(7);
    assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
    reader.remove(7);
    assert.deepEqual(reader.read(7), []);
  });
});

Deno.test("scoreboardPath() is beside the socket of the server, else in the server root", () => {
  assert.equal(
    scoreboardPath({ kind: "unix", path: "/run/sockets-x/gateway" }, "/srv", 3),
    "/run/sockets-x/own/scoreboard-3",
  );
  assert.equal(
    scoreboardPath({ kind: "tcp", host: "127.0.0.1", port: 1 }, "/srv", 3),
    "/srv/scoreboard-3",
  );
});
