import assert from "node:assert/strict";
import { Connection } from "../blackbox/http_client.ts";
import { encodeLatin1 } from "../../core/wsgi/latin1.ts";
import { parseExpectFile } from "./expect_file.ts";
import { parseRequestFile } from "./request_file.ts";
import { runCase } from "./run_case.ts";

/** Runs a case against a server that answers whatever it is sent with `answer`, then closes or not. */
async function run(answer: string, close: boolean, expected: string): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    const socket = await listener.accept();
    const buffer = new Uint8Array(1000);
    try {
      await socket.read(buffer);
      await socket.write(encodeLatin1(answer));
      if (!close) {
        await socket.read(buffer);
        await socket.write(encodeLatin1("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
      }
    } catch {
      // The client has gone: its case failed.
    }
    socket.close();
  })();
  try {
    using connection = await Connection.open(`http://127.0.0.1:${listener.addr.port}/`);
    connection.deadline = 5000;
    await runCase(connection, parseRequestFile("GET / HTTP/1.1\n\n"), parseExpectFile(expected));
  } finally {
    listener.close();
    await serving;
  }
}

const BODY = '{"environ":{"A":"b"},"input":"xyz"}';
const ANSWER =
  `HTTP/1.1 200 OK\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

Deno.test("runCase accepts what is as expected", async () => {
  await run(
    ANSWER,
    false,
    "status 200 OK\nheader X-A = 1\nheader x-a ~ ^.$\nheaders X-A = 1 | 2\nno header X-B\nframing length\n" +
      `body-length ${BODY.length}\nbody ~ ^{\nenviron A = b\nno environ B\ninput = xyz\ninput-length 3\nopen\n`,
  );
  await run(
    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
    true,
    "status 200\ntruncated\nclosed\n",
  );
  await run("", true, "closed\n");
  await run(
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    true,
    "status 204\ninterim 100\nclosed\n",
  );
});

const WRONG = [
  "status 201",
  "status 200 Okay",
  "interim 100",
  "truncated",
  "header X-A = 2",
  "header X-A ~ 2",
  "header X-B ~ .",
  "no header X-A",
  "headers X-A = 1",
  "framing chunked",
  "body = {}",
  "body ~ ^abc",
  "body-length 3",
  "environ A = c",
  "environ B ~ .",
  "no environ A",
  "input = xy",
  "input-length 2",
];
for (const line of WRONG) {
  Deno.test(`runCase fails for ${line}`, async () => {
    const expected = line.startsWith("status") ? line : `status 200\n${line}`;
    await assert.rejects(run(ANSWER, true, `${expected}\nclosed\n`), assert.AssertionError);
  });
}

Deno.test("runCase fails where the connection is not as expected", async () => {
  await assert.rejects(run(ANSWER, true, "status 200\nopen\n"));
  await assert.rejects(
    run(ANSWER + ANSWER, true, "status 200\nclosed\n"),
    /data instead of a close/,
  );
  await assert.rejects(run(ANSWER, true, "status 200\nstatus 200\nclosed\n"), /connection ended/);
  await assert.rejects(run("", true, "status 200\nclosed\n"), /connection ended/);
  await assert.rejects(run(ANSWER, true, "closed\n"), /data instead of a close/);
});
