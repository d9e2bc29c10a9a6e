/** More requests than threads; slow clients. */

import assert from "node:assert/strict";
import { Folder, forEachMode, requestBytes, startServer } from "./harness.ts";

forEachMode("requests beyond the threads wait for their turn", async (mode) => {
  await using server = await startServer({ app: "threads.wsgi", args: mode.args });
  const results = await Promise.all(
    Array.from({ length: mode.threads * 4 }, () => server.request("/concurrency?seconds=0.2")),
  );
  assert.ok(results.every((result) => result.status === 200));
  assert.equal(Math.max(...results.map((result) => result.json.most)), mode.threads);
});

forEachMode("an idle thread of any process takes the next request", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    args: [...mode.args, "--processes", "2", "--threads", "2"],
    env: folder.env,
  });
  const waiting = [1, 2, 3].map((name) => server.request(`/wait?name=${name}`));
  await folder.waitForNotes("started", 3);
  for (let round = 0; round < 20; round++) {
    assert.equal((await server.request("/pid")).status, 200);
  }
  folder.write("go");
  for (const response of await Promise.all(waiting)) assert.match(response.text, /^waited True/);
}, { threads: 2, embedded: false });

forEachMode("queued requests are served in the order of their coming", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    args: [...mode.args, "--threads", "1"],
    env: folder.env,
  });
  const first = server.request("/wait?name=first");
  await folder.waitForNotes("started");
  const connections = [];
  for (let number = 0; number < 10; number++) {
    const connection = await server.connect();
    connections.push(connection);
    await connection.send(requestBytes(server.url, `/wait?name=${number}`));
    // The order of arrival is the order of sending only when the server has read each one.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  folder.write("go");
  await first;
  for (const connection of connections) {
    assert.equal((await connection.readResponse())?.status, 200);
    connection.close();
  }
  assert.deepEqual(folder.notes("started"), ["first", ..."0123456789"]);
}, { embedded: false });

forEachMode("a client that leaves while it waits holds nobody up", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "process.wsgi",
    args: [...mode.args, "--threads", "1"],
    env: folder.env,
  });
  const first = server.request("/wait?name=first");
  await folder.waitForNotes("started");
  for (let number = 0; number < 3; number++) {
    using leaving = await server.connect();
    await leaving.send(requestBytes(server.url, "/pid"));
  }
  const last = server.request("/wait?name=last");
  folder.write("go");
  assert.equal((await first).status, 200);
  assert.equal((await last).status, 200);
  assert.deepEqual(folder.notes("started"), ["first", "last"]);
}, { embedded: false });

forEachMode("slow readers on all but one thread leave that one undisturbed", async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "streaming.wsgi",
    args: mode.args,
    env: folder.env,
  });
  const slow = [];
  for (let number = 1; number < mode.threads; number++) {
    const connection = await server.connect();
    slow.push(connection);
    await connection.send(requestBytes(server.url, "/sized?size=200000000"));
    assert.equal((await connection.readHead())?.status, 200);
  }
  for (let round = 0; round < 200; round++) {
    assert.equal((await server.request("/pid")).status, 200);
  }
  for (const connection of slow) connection.close();
  await folder.waitForNotes("closed", mode.threads - 1);
}, { threads: 2 });

forEachMode(
  "clients that send their body slowly hold no thread up before they are done",
  async (mode) => {
    const args = [...mode.args, "--header-timeout", "60", "--header-max-timeout", "60"];
    await using server = await startServer({ app: "bodies.wsgi", args });
    const slow = [];
    for (let number = 0; number < 15; number++) {
      const connection = await server.connect();
      slow.push(connection);
      await connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Le");
    }
    assert.equal((await server.request("/ignore")).text, "ignored");
    for (const connection of slow) {
      await connection.send("ngth: 2\r\nConnection: close\r\n\r\nok");
      assert.equal((await connection.readResponse())?.text, "ok");
      connection.close();
    }
  },
);

forEachMode("five hundred idle connections do not keep others out", async (mode) => {
  await using server = await startServer({
    app: "hello.wsgi",
    args: [...mode.args, "--max-clients", "600"],
  });
  const idle = [];
  for (let number = 0; number < 500; number++) {
    const connection = await server.connect();
    idle.push(connection);
    if (number % 2 === 0) {
      await connection.send(requestBytes(server.url, "/", { keepAlive: true }));
      assert.equal((await connection.readResponse())?.status, 200);
    }
  }
  for (let number = 0; number < 20; number++) {
    assert.equal((await server.request("/")).status, 200);
  }
  for (const connection of idle) connection.close();
  assert.equal((await server.request("/")).status, 200);
});

forEachMode("kept connections without a request give way at --max-clients", async (mode) => {
  await using server = await startServer({
    app: "hello.wsgi",
    args: [...mode.args, "--max-clients", "20", "--keep-alive-timeout", "30"],
  });
  const idle = [];
  for (let number = 0; number < 60; number++) {
    const connection = await server.connect();
    idle.push(connection);
    await connection.send(requestBytes(server.url, "/", { keepAlive: true }));
    assert.equal((await connection.readResponse())?.status, 200);
  }
  for (const connection of idle) connection.close();
}, { embedded: false });
