import assert from "node:assert/strict";
import { openLocalSocket } from "../../../core/net/local_socket.ts";
import type { Listener, Transport } from "../../../core/net/transport.ts";

const ignore = Deno.build.os === "windows";

/** What is left in `folder` when `openLocalSocket()` has failed there on a transport with this `listenUnix`. */
async function leftAfterFailure(
  listenUnix: (path: string) => Promise<Listener>,
  failure: RegExp,
  owner: number | null = null,
): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "s" });
  try {
    const transport = { listenUnix } as unknown as Transport;
    await assert.rejects(openLocalSocket(folder, transport, () => {}, owner), failure);
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "openLocalSocket() removes its folder where it can't listen there",
  ignore,
  async fn() {
    const left = await leftAfterFailure(() => Promise.reject(new Error("no room")), /no room/);
    assert.deepEqual(left, []);
  },
});

Deno.test({
  name: "openLocalSocket() closes and removes all where it can't give the socket away",
  ignore,
  async fn() {
    let closed = 0;
    const listener = { close: () => void closed++ } as unknown as Listener;
    // It makes no socket, so there is nothing to give away.
    const listen = () => Promise.resolve(listener);
    assert.deepEqual(await leftAfterFailure(listen, /No such file/, Deno.uid()), []);
    assert.equal(closed, 1);
  },
});
