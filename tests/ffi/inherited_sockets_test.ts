import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { keepSocketsFromChildren } from "../../ffi/inherited_sockets.ts";

/** Runs until its standard input ends. */
const CHILD = `await Deno.stdout.write(new Uint8Array(1));
await Deno.stdin.readable.pipeTo(new WritableStream());`;

Deno.test({
  name: "a socket that is closed here ends for its client, though a child process still runs",
  ignore: Deno.build.os !== "windows",
  async fn() {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const [accepted] = await once(server, "connection") as [Socket];
    keepSocketsFromChildren();
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", CHILD],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    // It runs, and its pipes work.
    const output = child.stdout.getReader();
    assert.equal((await output.read()).value?.length, 1);
    let childEnded = false;
    const ended = child.status.then(() => childEnded = true);
    const closed = once(client.resume(), "close");
    accepted.destroy();
    // Fails rather than waits for ever where the child has a copy of the socket.
    const end = setTimeout(() => child.kill(), 30_000);
    await closed;
    clearTimeout(end);
    assert.equal(childEnded, false);
    await child.stdin.close();
    await output.cancel();
    await ended;
    server.close();
  },
});
