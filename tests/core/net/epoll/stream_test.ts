import assert from "node:assert/strict";
import { EpollTransport } from "../../../../core/net/epoll/transport.ts";
import type { Listener, Stream } from "../../../../core/net/transport.ts";
import { socketCalls } from "../../../../ffi/sockets.ts";

const DEADLINE_MS = 10_000;

/** What a stream has received, and what happened on it. */
class Peer {
  text = "";
  readonly events: string[] = [];
  #changed = () => {};

  constructor(readonly stream: Stream) {
    stream.handler = {
      onData: (buffer, start, end) => {
        this.text += new TextDecoder().decode(buffer.subarray(start, end));
        this.#changed();
      },
      onEnd: () => this.#note("end"),
      onDrain: () => this.#note("drain"),
      onClose: () => this.#note("close"),
    };
  }

  write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.stream.write(bytes, 0, bytes.length);
  }

  async until(condition: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = () => reject(new Error(`so far: ${this.events}, ${this.text.length} bytes`));
    const timer = setTimeout(late, DEADLINE_MS);
    this.#changed = () => {
      if (condition()) resolve();
    };
    this.#changed();
    await promise.finally(() => clearTimeout(timer));
  }

  #note(event: string): void {
    this.events.push(event);
    this.#changed();
  }
}

function test(what: string, action: (transport: EpollTransport) => Promise<void>): void {
  if (Deno.build.os !== "linux") return;
  // The C library stays loaded, which is no leak of the first test.
  socketCalls();
  Deno.test(what, async () => {
    const transport = new EpollTransport();
    try {
      await action(transport);
    } finally {
      await transport.close();
    }
  });
}

async function pairOf(transport: EpollTransport): Promise<readonly [Peer, Peer]> {
  const [near, address] = await transport.pair();
  return [new Peer(near), new Peer(await transport.connect(address))];
}

async function listen(
  transport: EpollTransport,
  hostname: string,
  onStream: (stream: Stream) => void,
): Promise<Listener> {
  return await transport.listen({ hostname, port: 0, backlog: 512 }, onStream);
}

test("what a peer sent before it closed is read after a pause", async (transport) => {
  const [near, far] = await pairOf(transport);
  near.stream.pause();
  far.write("the last words");
  far.stream.close();
  // A round trip on another pair: the loop has seen the end by then.
  const [left, right] = await pairOf(transport);
  for (let round = 0; round < 3; round++) {
    left.text = right.text = "";
    left.write("?");
    await right.until(() => right.text === "?");
    right.write("!");
    await left.until(() => left.text === "!");
  }
  assert.deepEqual(near.events, []);
  near.stream.resume();
  await near.until(() => near.text === "the last words" && near.events.length > 0);
  assert.equal(near.events[0], "end");
});

test("close() of the transport closes everything that is open", async (transport) => {
  const [near, far] = await pairOf(transport);
  const listener = await listen(transport, "127.0.0.1", () => {});
  const { port } = listener.address;
  await transport.close();
  assert.deepEqual([near.events, far.events], [["close"], ["close"]]);
  await assert.rejects(
    Deno.connect({ hostname: "127.0.0.1", port }),
    Deno.errors.ConnectionRefused,
  );
  await assert.rejects(transport.pair(), /has ended/);
});

test("the clock goes on while no socket has anything to tell", async (transport) => {
  const before = transport.now();
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.ok(transport.now() - before >= 50);
});

test("an IPv6 address is listened on, and shown as such", async (transport) => {
  const accepted = Promise.withResolvers<Stream>();
  let listener: Listener;
  try {
    listener = await listen(transport, "::1", accepted.resolve);
  } catch {
    return; // A machine without IPv6.
  }
  const { hostname, port } = listener.address;
  assert.equal(hostname, "::1");
  const client = await Deno.connect({ hostname: "::1", port });
  assert.equal((await accepted.promise).remote.hostname, "::1");
  client.close();
});

test("hundreds of connections at once are all accepted and answered", async (transport) => {
  const COUNT = 300;
  const listener = await listen(transport, "127.0.0.1", (stream) => {
    stream.handler = {
      onData: (buffer, start, end) => stream.write(buffer, start, end),
      onEnd: () => stream.close(),
      onDrain() {},
      onClose() {},
    };
  });
  const address = { kind: "tcp", host: "127.0.0.1", port: listener.address.port } as const;
  const peers: Peer[] = [];
  for (let index = 0; index < COUNT; index++) {
    peers.push(new Peer(await transport.connect(address)));
  }
  peers.forEach((peer, index) => peer.write(`echo ${index}`));
  await Promise.all(peers.map((peer, index) => peer.until(() => peer.text === `echo ${index}`)));
});

test("a megabyte that is read slowly arrives whole and in order", async (transport) => {
  const [near, far] = await pairOf(transport);
  const text = Array.from({ length: 150_000 }, (_, index) => `${index};`).join("");
  far.stream.pause();
  near.write(text);
  assert.ok(near.stream.queued > 0);
  near.stream.end();
  far.stream.resume();
  await far.until(() => far.events.includes("end"));
  assert.equal(far.text, text);
  assert.deepEqual(near.events.slice(0, 1), ["drain"]);
});

test("a write to a peer that is gone closes the stream and throws nothing", async (transport) => {
  const [near, far] = await pairOf(transport);
  far.stream.close();
  near.write("nobody reads this");
  assert.equal(near.stream.closed, true);
  assert.deepEqual(near.events, ["close"]);
});

test("an error in what takes a new connection costs that connection only", async (transport) => {
  const faults: unknown[] = [];
  transport.onFault = (error) => faults.push(error);
  let count = 0;
  const listener = await listen(transport, "127.0.0.1", (stream) => {
    if (count++ === 0) throw new Error("of the first");
    stream.write(new TextEncoder().encode("hello"), 0, 5);
  });
  const address = { kind: "tcp", host: "127.0.0.1", port: listener.address.port } as const;
  const first = new Peer(await transport.connect(address));
  await first.until(() => first.events.length > 0);
  const second = new Peer(await transport.connect(address));
  await second.until(() => second.text === "hello");
  assert.match(String(faults), /of the first/);
});
