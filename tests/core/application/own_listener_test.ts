import assert from "node:assert/strict";
import { OwnListener } from "../../../core/application/own_listener.ts";
import { PortableTransport } from "../../../core/net/portable.ts";
import { until } from "../../blackbox/deadline.ts";

const options = (port: number) => ({ hostname: "127.0.0.1", port, backlog: 16 });

async function connects(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

/** A process whose predecessor still has the port; `accepted()` counts who came to the process. */
async function successor(transport: PortableTransport) {
  const predecessor = await transport.listen(options(0), (stream) => stream.close());
  const { port } = predecessor.address;
  let accepted = 0;
  const listener = await OwnListener.open(transport, options(port), (stream) => {
    accepted++;
    stream.close();
  });
  return { predecessor, port, listener, accepted: () => accepted };
}

Deno.test("a process listens once its predecessor has given up the port", async () => {
  const transport = new PortableTransport();
  const { predecessor, port, listener, accepted } = await successor(transport);
  assert.equal(listener.address.port, port);
  assert.ok(await connects(port));
  assert.equal(accepted(), 0);
  predecessor.close();
  await until(async () => await connects(port) && accepted() > 0, "a connection to the successor");
  listener.close();
  await until(async () => !(await connects(port)), "the port to be free");
  await transport.close();
});

Deno.test("a listener that is closed while it waits does not listen any more", async () => {
  const transport = new PortableTransport();
  const other = await transport.listen(options(0), (stream) => stream.close());
  const { port } = other.address;
  const listener = await OwnListener.open(transport, options(port), () => {
    throw new Error("it has listened");
  });
  listener.close();
  other.close();
  await until(async () => !(await connects(port)), "the port to be free");
  await transport.close();
});

Deno.test("a listener that is paused while it waits stays so", async () => {
  const transport = new PortableTransport();
  const { predecessor, port, listener, accepted } = await successor(transport);
  listener.pause();
  predecessor.close();
  await until(() => connects(port), "a connection");
  assert.equal(accepted(), 0);
  listener.resume();
  await until(() => accepted() > 0, "a connection that is accepted");
  listener.close();
  await transport.close();
});
