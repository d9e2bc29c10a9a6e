import assert from "node:assert/strict";
import { openLocalSocket } from "../../../core/net/local_socket.ts";
import type { Listener, Transport } from "../../../core/net/transport.ts";

const USER = 4711;
const ignore = Deno.build.os === "windows";

/** What is left in `folder` when `openLocalSocket()` has failed there on a transport with this `listenUnix`. */
async function leftAfterFailure(
  listenUnix: (path: string) => Promise<Listener>,
  failure: RegExp,
  owner: number | null = null,
): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "s" });
  await Deno.chmod(folder, 0o755);
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
    assert.deepEqual(await leftAfterFailure(listen, /No such file/, USER), []);
    assert.equal(closed, 1);
  },
});

Deno.test({
  name: "no folder that the other user owns, or that everybody may write to, holds the socket",
  ignore: ignore || Deno.uid() !== 0,
  async fn() {
    const above = await Deno.makeTempDir({ prefix: "s" });
    const folder = `${above}/f`;
    await Deno.mkdir(folder);
    const paths: string[] = [];
    const listenUnix = (path: string) => {
      paths.push(path);
      Deno.writeTextFileSync(path, "");
      return Promise.resolve({ close() {} } as unknown as Listener);
    };
    const transport = { listenUnix } as unknown as Transport;
    try {
      const isInside = async () => {
        const socket = await openLocalSocket(folder, transport, () => {}, USER);
        socket.close();
        return paths.at(-1)!.startsWith(folder);
      };
      await Deno.chmod(above, 0o755);
      await Deno.chmod(folder, 0o755);
      assert.equal(await isInside(), true);
      await Deno.chmod(folder, 0o777);
      assert.equal(await isInside(), false);
      await Deno.chmod(folder, 0o755);
      await Deno.chown(above, USER, null);
      assert.equal(await isInside(), false);
      await Deno.chown(above, 0, null);
      await Deno.chown(folder, USER, null);
      assert.equal(await isInside(), false);
    } finally {
      await Deno.remove(above, { recursive: true });
    }
  },
});
