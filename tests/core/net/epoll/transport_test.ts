import assert from "node:assert/strict";
import { socketCalls } from "../../../../ffi/sockets.ts";
import type { Stream } from "../../../../core/net/transport.ts";
import { testTransport } from "../transport_contract.ts";

if (Deno.build.os === "linux") {
  const { EpollTransport } = await import("../../../../core/net/epoll/transport.ts");
  // The C library stays loaded, which is no leak of the first test.
  socketCalls();
  testTransport(function epoll() {
    return new EpollTransport();
  });

  Deno.test("a connection is accepted although the same round ends the listening", async () => {
    const transport = new EpollTransport();
    const folder = await Deno.makeTempDir();
    const path = `${folder}/socket`;
    try {
      const accepted = Promise.withResolvers<boolean>();
      const listener = await transport.listenUnix(path, 10, () => accepted.resolve(true));
      const [stream, other] = await transport.pair();
      const peer = await transport.connect(other);
      const nothing = { onEnd() {}, onDrain() {}, onClose() {} };
      stream.handler = {
        ...nothing,
        onData() {
          listener.pause();
          transport.after(50, () => accepted.resolve(false));
        },
      };
      peer.handler = { ...nothing, onData() {} };
      // Within a round, so that the next one finds both.
      transport.afterRound(() => {
        peer.write(new Uint8Array(1), 0, 1);
        void transport.connect({ kind: "unix", path });
      });
      assert.equal(await accepted.promise, true);
    } finally {
      await transport.close();
      await Deno.remove(folder, { recursive: true });
    }
  });

  Deno.test("a socket within the program takes at once what one read can bring", async () => {
    const transport = new EpollTransport();
    const folder = await Deno.makeTempDir();
    const path = `${folder}/socket`;
    try {
      const accepted = Promise.withResolvers<Stream>();
      await transport.listenUnix(path, 10, accepted.resolve);
      await transport.connect({ kind: "unix", path });
      const stream = await accepted.promise;
      const part = new Uint8Array(transport.reactor.receiveArea.length + 5);
      assert.equal(stream.write(part, 0, part.length), true);
      assert.equal(stream.queued, 0);
    } finally {
      await transport.close();
      await Deno.remove(folder, { recursive: true });
    }
  });

  Deno.test("a task that asks for the next round again and again leaves sockets their turn", async () => {
    const transport = new EpollTransport();
    try {
      const [stream, other] = await transport.pair();
      const peer = await transport.connect(other);
      const nothing = { onEnd() {}, onDrain() {}, onClose() {} };
      let arrived = false;
      stream.handler = { ...nothing, onData: () => void (arrived = true) };
      peer.handler = { ...nothing, onData() {} };
      peer.write(new Uint8Array(1), 0, 1);
      const rounds = await new Promise<number>((resolve) => {
        let count = 0;
        const again = () => {
          if (arrived || ++count === 10_000) resolve(count);
          else transport.afterRound(again);
        };
        transport.afterRound(again);
      });
      assert.ok(arrived && rounds < 10_000, `${rounds} rounds`);
    } finally {
      await transport.close();
    }
  });
}
