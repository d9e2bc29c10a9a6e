import assert from "node:assert/strict";
import { AddressError } from "../../../../core/errors.ts";
import { PortableTransport } from "../../../../core/net/portable.ts";
import { HeldListener } from "../../../../core/net/portable/held_listener.ts";

const POSIX = Deno.build.os !== "windows";
const hold = (hostname: string, port = 0) => HeldListener.open({ hostname, port, backlog: 16 });

// The C library stays loaded.
if (POSIX) hold("127.0.0.1").close();

for (const [hostname, client] of [["127.0.0.1", "127.0.0.1"], ["", "127.0.0.1"], ["::1", "::1"]]) {
  Deno.test({
    name: `a socket held on "${hostname}" is served by who adopts it`,
    ignore: !POSIX,
    async fn() {
      const held = hold(hostname!);
      const transport = new PortableTransport();
      const accepted = Promise.withResolvers<void>();
      const adopted = await transport.adoptListener(held.fd!, (stream) => {
        stream.close();
        accepted.resolve();
      });
      assert.equal(adopted.address.port, held.address.port);
      const connection = await Deno.connect({ hostname: client!, port: held.address.port });
      await accepted.promise;
      connection.close();
      await transport.close();
      held.close();
    },
  });
}

Deno.test({
  name: "who connects while nobody accepts waits, and is refused once the socket is closed",
  ignore: !POSIX,
  async fn() {
    const held = hold("127.0.0.1");
    const { port } = held.address;
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    held.close();
    await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }));
  },
});

Deno.test({
  name: "an address in use or of another machine is told as such",
  ignore: !POSIX,
  fn() {
    const held = hold("127.0.0.1");
    assert.throws(() => hold("127.0.0.1", held.address.port), (error: unknown) => {
      assert.ok(error instanceof AddressError);
      assert.match(error.message, /port \d+: address already in use; stop what listens there/);
      return true;
    });
    held.close();
    assert.throws(() => hold("192.0.2.1"), /--host takes an address of this machine/);
    assert.throws(() => hold("nowhere"), /not an IP address/);
  },
});
