/** Responses in parts: sent as they are yielded, no faster than the client reads, closed at its leaving. */

import assert from "node:assert/strict";
import {
  type Connection,
  Folder,
  forEachMode,
  forEachPython,
  requestBytes,
  type Server,
  startServer,
  until,
} from "./harness.ts";

async function readText(connection: Connection, length: number): Promise<string> {
  let text = "";
  while (text.length < length) {
    const part = await connection.readBodyPart();
    if (part === null) break;
    text += new TextDecoder().decode(part);
  }
  return text;
}

async function readsStepByStep(server: Server, folder: Folder, path: string): Promise<void> {
  using connection = await server.connect();
  await connection.send(requestBytes(server.url, `${path}?count=3`));
  const head = await connection.readHead();
  assert.equal(head?.status, 200);
  for (let number = 1; number <= 3; number++) {
    assert.equal(await readText(connection, 7), `part ${number};`);
    folder.write(`step-${number}`);
  }
  assert.equal(await connection.readBodyPart(), null);
}

forEachMode("a generator's parts arrive before the next is asked for", async (mode) => {
  for (const path of ["/steps", "/steps-by-write"]) {
    using folder = new Folder();
    await using server = await startServer({
      app: "streaming.wsgi",
      args: mode.args,
      env: folder.env,
    });
    await readsStepByStep(server, folder, path);
  }
});

forEachPython("streams as the generator yields", async ({ executable }) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "streaming.wsgi",
    env: folder.env,
    python: executable,
  });
  await readsStepByStep(server, folder, "/steps");
});

/** Waits until the generator of `/endless` has stopped producing, and tells how much it made. */
async function producedAtRest(folder: Folder): Promise<number> {
  let last = -1, same = 0;
  return await until(
    () => {
      const now = Number(folder.read("produced"));
      same = now === last && now > 0 ? same + 1 : 0;
      last = now;
      return same > 20 && now;
    },
    "rest of the generator",
    20_000,
  );
}

forEachMode("a client that does not read holds the generator back", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "streaming.wsgi",
    args: mode.args,
    env: folder.env,
  });
  using connection = await server.connect();
  await connection.send(requestBytes(server.url, "/endless"));
  assert.equal((await connection.readHead())?.status, 200);
  const produced = await producedAtRest(folder);
  // Kernel buffers of two sockets and one buffer of ours; far from what a second of production makes.
  assert.ok(produced < 24 * 1024 * 1024, `produced ${produced} bytes`);
  let received = 0;
  while (received < produced + 1_000_000) received += (await connection.readBodyPart())!.length;
  assert.ok(Number(folder.read("produced")) > produced);
});

forEachMode("close() is called when the client leaves in the middle", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "streaming.wsgi",
    args: mode.args,
    env: folder.env,
  });
  for (let round = 1; round <= 6; round++) {
    {
      using connection = await server.connect();
      await connection.send(requestBytes(server.url, "/endless"));
      if (round % 2 === 0) {
        await connection.readHead();
        await readText(connection, 1_000_000);
      }
    }
    await folder.waitForNotes("closed", round);
  }
  assert.deepEqual(folder.notes("closed"), Array(6).fill("1"));
  assert.equal((await server.request("/pid")).status, 200);
  await server.stop();
  assert.equal(server.log.matches(/Exception|BrokenPipe/).length, 0, server.log.tail());
});

forEachMode("write() raises an OSError once the client has left", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "streaming.wsgi",
    args: mode.args,
    env: folder.env,
  });
  {
    using connection = await server.connect();
    await connection.send(requestBytes(server.url, "/endless-write"));
    await connection.readHead();
  }
  const [line] = await folder.waitForNotes("write-errors");
  assert.match(line!, / True$/);
});

forEachMode("large responses arrive whole, with and without a length", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "streaming.wsgi",
    args: mode.args,
    env: folder.env,
  });
  for (const size of [0, 1, 65_535, 65_536, 1_000_001, 30_000_000]) {
    for (const query of ["", "&length=1"]) {
      using connection = await server.connect();
      await connection.send(requestBytes(server.url, `/sized?size=${size}${query}`));
      await connection.readHead();
      assert.equal(connection.framing, query === "" && size > 0 ? "chunked" : "length");
      let received = 0;
      for (let part; (part = await connection.readBodyPart()) !== null;) {
        for (let at = 0; at < part.length; at += 9973) {
          if (part[at] !== ((received + at) & 255)) assert.fail(`byte ${received + at} is wrong`);
        }
        received += part.length;
      }
      assert.equal(received, size);
    }
    const whole = await server.request(`/big-item?size=${size}`);
    assert.equal(whole.body.length, size);
    assert.ok(whole.body.every((byte) => byte === 0));
  }
});

forEachMode("wsgi.file_wrapper sends a file from its position, with its length", async (mode) => {
  using folder = new Folder();
  const content = new Uint8Array(3_000_000).map((_, index) => (index * 7 + (index >> 9)) & 255);
  folder.write("file", content);
  folder.write("empty");
  await using server = await startServer({
    app: "streaming.wsgi",
    args: mode.args,
    env: folder.env,
  });
  for (const path of ["/file-wrapper", "/file-wrapper-checked"]) {
    for (const seek of [0, 12_345, 3_000_000]) {
      for (const blocksize of ["", "&blocksize=1000"]) {
        const response = await server.request(`${path}?file=file&seek=${seek}${blocksize}`);
        assert.deepEqual(response.body, content.subarray(seek), `${path} ${seek} ${blocksize}`);
      }
    }
    assert.equal((await server.request(`${path}?file=empty`)).body.length, 0);
  }
  const direct = await server.request("/file-wrapper?file=file");
  assert.equal(direct.header("content-length"), "3000000");
  const head = await server.request("/file-wrapper?file=file", { method: "HEAD" });
  assert.equal(head.status, 200);
  const like = await server.request("/file-like");
  assert.equal(like.body.length, 3 * 65_536);
  assert.deepEqual(await folder.waitForNotes("closed"), ["stream"]);
  folder.write("short", "abcdefghij");
  const iterated = await server.request("/file-wrapper-iterated?file=short");
  assert.equal(iterated.text, "<abcd><efgh><ij>");
});

forEachMode("a file that becomes shorter while it is sent ends the connection", async (mode) => {
  using folder = new Folder();
  const size = 30_000_000;
  const file = folder.write("file", new Uint8Array(size));
  await using server = await startServer({
    app: "streaming.wsgi",
    args: mode.args,
    env: folder.env,
  });
  using connection = await server.connect();
  await connection.send(requestBytes(server.url, "/file-wrapper?file=file", { keepAlive: true }));
  assert.equal((await connection.readHead())?.header("content-length"), String(size));
  Deno.truncateSync(file, 1000);
  const rest = await connection.readToEnd();
  assert.ok(rest.length < size, `${rest.length} bytes`);
  assert.equal((await server.request("/file-wrapper?file=file")).body.length, 1000);
});

forEachMode("a client that leaves during a file is no error", async (mode) => {
  using folder = new Folder();
  folder.write("file", new Uint8Array(30_000_000));
  await using server = await startServer({
    app: "streaming.wsgi",
    args: mode.args,
    env: folder.env,
  });
  for (let round = 0; round < 5; round++) {
    using connection = await server.connect();
    await connection.send(requestBytes(server.url, "/file-wrapper?file=file"));
    await connection.readHead();
    await readText(connection, 100_000);
  }
  assert.equal((await server.request("/pid")).status, 200);
  await server.stop();
  assert.equal(server.log.matches(/Exception|BrokenPipe/).length, 0, server.log.tail());
});

forEachMode("a response is complete before the application closes it", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "streaming.wsgi",
    args: mode.args,
    env: folder.env,
  });
  assert.equal((await server.request("/afterwork")).text, "whole");
  await folder.waitForNotes("lingering");
  assert.deepEqual(folder.notes("closed"), []);
  folder.write("go-on");
  await folder.waitForNotes("closed");
});

forEachMode("an exception behind a complete response is logged and harms nobody", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "streaming.wsgi",
    args: mode.args,
    env: folder.env,
    complaintsExpected: true,
  });
  const faults = {
    item: /TypeError: the body must be made of bytes, not str/,
    generator: /KeyError: 'in the generator'/,
    close: /LookupError: in close/,
  };
  for (const [fault, message] of Object.entries(faults)) {
    const { status, text } = await server.request(`/faulty?fault=${fault}`);
    assert.deepEqual([status, text], [200, "whole"]);
    await server.log.waitFor(message);
    await folder.waitForNotes(`closed-${fault}`);
    assert.equal((await server.request("/pid")).status, 200);
  }
});

forEachMode("a thread that still closes a response keeps no request waiting", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "streaming.wsgi",
    args: mode.args,
    env: folder.env,
  });
  // One thread after the other is left at work behind its response; the last one serves.
  for (let busy = 1; busy < mode.threads; busy++) {
    assert.equal((await server.request("/afterwork")).text, "whole");
    await folder.waitForNotes("lingering", busy);
    assert.equal((await server.request("/pid")).status, 200);
  }
  assert.deepEqual(folder.notes("closed"), []);
  folder.write("go-on");
  await folder.waitForNotes("closed", mode.threads - 1);
}, { threads: 2 });
