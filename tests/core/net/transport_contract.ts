/**
 * What every transport promises (`core/net/transport.ts`), as tests that each implementation runs.
 */

import assert from "node:assert/strict";
import {
  DATA_MARGIN,
  type Listener,
  type Stream,
  type StreamHandler,
  type Transport,
} from "../../../core/net/transport.ts";
import { AddressError } from "../../../core/errors.ts";

const DEADLINE_MS = 10_000;

/** Collects what happens on a stream, and lets a test wait for it. */
class Recorder implements StreamHandler {
  readonly events: string[] = [];
  received = 0;
  text = "";
  readonly #waiting = new Set<() => void>();

  constructor(readonly stream: Stream) {
    stream.handler = this;
  }

  onData(buffer: Uint8Array, start: number, end: number): void {
    assert.ok(start >= DATA_MARGIN && buffer.length - end >= DATA_MARGIN, "there is no margin");
    this.received += end - start;
    if (this.received < 1024) {
      this.text += new TextDecoder().decode(buffer.subarray(start, end));
    }
    this.#changed();
  }

  onEnd(): void {
    this.#note("end");
  }

  onDrain(): void {
    this.#note("drain");
  }

  onClose(): void {
    this.#note("close");
  }

  /** Resolves once `condition` holds; it is looked at whenever something has happened. */
  async until(condition: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`not in time; so far: ${this.events}, ${this.received} bytes`)),
      DEADLINE_MS,
    );
    const check = () => {
      if (condition()) resolve();
    };
    this.#waiting.add(check);
    check();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(check);
    }
  }

  count(event: string): number {
    return this.events.filter((each) => each === event).length;
  }

  #note(event: string): void {
    this.events.push(event);
    this.#changed();
  }

  #changed(): void {
    for (const check of [...this.#waiting]) check();
  }
}

interface Connected {
  readonly transport: Transport;
  readonly listener: Listener;
  readonly client: Recorder;
  readonly server: Recorder;
}

function write(stream: Stream, text: string): boolean {
  const bytes = new TextEncoder().encode(text);
  return stream.write(bytes, 0, bytes.length);
}

/** Defines the tests for the transport that `open` makes. */
export function testTransport(open: () => Transport): void {
  const name = open.name;

  function test(what: string, action: (transport: Transport) => Promise<void>): void {
    Deno.test(`${name}: ${what}`, async () => {
      const transport = open();
      try {
        await action(transport);
      } finally {
        await transport.close();
        // Sockets of the runtime close behind the call.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    });
  }

  function testConnected(what: string, action: (connected: Connected) => Promise<void>): void {
    test(what, async (transport) => {
      const accepted = Promise.withResolvers<Stream>();
      const listener = await transport.listen(
        { hostname: "127.0.0.1", port: 0, backlog: 8 },
        accepted.resolve,
      );
      const address = { kind: "tcp", host: "127.0.0.1", port: listener.address.port } as const;
      const client = new Recorder(await transport.connect(address));
      const server = new Recorder(await accepted.promise);
      await action({ transport, listener, client, server });
      client.stream.close();
      server.stream.close();
      listener.close();
    });
  }

  testConnected("bytes arrive in both directions, with room around them", async (connected) => {
    const { client, server } = connected;
    write(client.stream, "ping");
    await server.until(() => server.text === "ping");
    write(server.stream, "pong");
    await client.until(() => client.text === "pong");
  });

  testConnected("a part of a buffer is written, and the buffer is free after the call", async (
    { client, server },
  ) => {
    const bytes = new TextEncoder().encode("--part--");
    client.stream.write(bytes, 2, 6);
    bytes.fill(0);
    await server.until(() => server.text.length >= 4);
    assert.equal(server.text, "part");
  });

  testConnected("both ends know both addresses", ({ listener, client, server }) => {
    assert.deepEqual(listener.address.hostname, "127.0.0.1");
    assert.deepEqual(client.stream.remote, listener.address);
    assert.deepEqual(server.stream.local, listener.address);
    assert.deepEqual(server.stream.remote, client.stream.local);
    return Promise.resolve();
  });

  testConnected("what the system does not take is queued, and its drain is told once", async (
    { client, server },
  ) => {
    server.stream.pause();
    const block = new Uint8Array(1024 * 1024).fill(120);
    let total = 0;
    let taken = true;
    while (taken && total < 256 * block.length) {
      taken = client.stream.write(block, 0, block.length);
      total += block.length;
    }
    // Windows takes everything and queues it itself.
    if (taken) return;
    assert.ok(client.stream.queued > 0);
    assert.equal(client.count("drain"), 0);
    server.stream.resume();
    await client.until(() => client.count("drain") > 0);
    assert.equal(client.stream.queued, 0);
    await server.until(() => server.received === total);
    assert.equal(client.count("drain"), 1);
  });

  testConnected("a paused stream gives nothing, a resumed one gives all", async (
    { client, server },
  ) => {
    server.stream.pause();
    write(client.stream, "held");
    write(server.stream, "go");
    await client.until(() => client.text === "go");
    assert.equal(server.text, "");
    server.stream.resume();
    await server.until(() => server.text === "held");
  });

  testConnected("end() comes behind what was written, and the other direction stays open", async (
    { client, server },
  ) => {
    write(client.stream, "last");
    client.stream.end();
    await server.until(() => server.count("end") === 1);
    assert.equal(server.text, "last");
    write(server.stream, "answer");
    await client.until(() => client.text === "answer");
    assert.equal(client.stream.closed, false);
  });

  testConnected("close() calls onClose at once, and once; the peer sees the end", async (
    { client, server },
  ) => {
    client.stream.close();
    assert.equal(client.stream.closed, true);
    client.stream.close();
    assert.deepEqual(client.events, ["close"]);
    await server.until(() => server.events.length > 0);
    assert.deepEqual(server.events, ["end"]);
    assert.equal(write(client.stream, "late"), true);
  });

  testConnected("reset() closes the peer without an orderly end", async ({ client, server }) => {
    client.stream.reset();
    assert.deepEqual(client.events, ["close"]);
    await server.until(() => server.count("close") === 1);
    assert.deepEqual(server.events, ["close"]);
    assert.equal(server.stream.closed, true);
  });

  testConnected("addresses asked for once are known behind close()", ({ listener, client }) => {
    assert.deepEqual(client.stream.remote, listener.address);
    client.stream.close();
    assert.deepEqual(client.stream.remote, listener.address);
    return Promise.resolve();
  });

  testConnected("a handler that throws loses its stream, and nothing else ends", async (
    { client, server, transport },
  ) => {
    const faults: unknown[] = [];
    const guarded = transport as Transport & {
      onFault?: (error: unknown) => void;
      reactor?: { onFault: (error: unknown) => void };
    };
    (guarded.reactor ?? guarded).onFault = (error) => faults.push(error);
    server.onData = () => {
      throw new Error("of the handler");
    };
    write(client.stream, "first");
    await server.until(() => server.count("close") === 1);
    await client.until(() => client.events.length > 0);
    assert.match(String(faults[0]), /of the handler/);
    assert.equal(faults.length, 1);
  });

  testConnected("a paused listener hands on its connections once it is resumed", async (other) => {
    const { transport } = other;
    /** Something that comes later on another connection has come. */
    const untilLater = async (text: string) => {
      write(other.client.stream, text);
      await other.server.until(() => other.server.text.endsWith(text));
    };
    const streams: Stream[] = [];
    const listener = await transport.listen(
      { hostname: "127.0.0.1", port: 0, backlog: 8 },
      (stream) => {
        // Until it has a handler.
        stream.pause();
        streams.push(stream);
      },
    );
    listener.pause();
    const { port } = listener.address;
    const client = new Recorder(
      await transport.connect({ kind: "tcp", host: "127.0.0.1", port }),
    );
    write(client.stream, "early");
    await untilLater("while paused");
    assert.equal(streams.length, 0);
    listener.resume();
    while (streams.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await untilLater("behind it");
    const server = new Recorder(streams[0]!);
    server.stream.resume();
    await server.until(() => server.text === "early");
    client.stream.close();
    server.stream.close();
    listener.close();
  });

  test("a port that is taken gives an AddressError that names it", async (transport) => {
    const listener = await transport.listen(
      { hostname: "127.0.0.1", port: 0, backlog: 8 },
      () => {},
    );
    const { port } = listener.address;
    await assert.rejects(
      transport.listen({ hostname: "127.0.0.1", port, backlog: 8 }, () => {}),
      (error) => error instanceof AddressError && error.message.includes(String(port)),
    );
    listener.close();
  });

  test("an address of another machine gives an AddressError", async (transport) => {
    // TEST-NET-1 (RFC 5737): nobody has it.
    await assert.rejects(
      transport.listen({ hostname: "192.0.2.1", port: 0, backlog: 8 }, () => {}),
      (error) => error instanceof AddressError && /192\.0\.2\.1/.test(error.message),
    );
    await assert.rejects(
      transport.listen({ hostname: "no.address", port: 0, backlog: 8 }, () => {}),
      AddressError,
    );
  });

  test("no host means every interface", async (transport) => {
    const accepted = Promise.withResolvers<Stream>();
    const listener = await transport.listen(
      { hostname: "", port: 0, backlog: 8 },
      accepted.resolve,
    );
    const client = new Recorder(
      await transport.connect({ kind: "tcp", host: "127.0.0.1", port: listener.address.port }),
    );
    const server = await accepted.promise;
    assert.equal(server.remote.hostname, "127.0.0.1");
    server.close();
    client.stream.close();
    listener.close();
  });

  if (Deno.build.os !== "windows") {
    test("a Unix domain socket connects, and its streams have no address", async (transport) => {
      const folder = Deno.makeTempDirSync();
      const path = `${folder}/socket`;
      const accepted = Promise.withResolvers<Stream>();
      const listener = await transport.listenUnix(path, 8, accepted.resolve);
      const client = new Recorder(await transport.connect({ kind: "unix", path }));
      const server = new Recorder(await accepted.promise);
      assert.deepEqual(server.stream.remote, { hostname: "", port: 0 });
      write(server.stream, "hello");
      await client.until(() => client.text === "hello");
      server.stream.reset();
      await client.until(() => client.events.length > 0);
      client.stream.close();
      listener.close();
      Deno.removeSync(folder, { recursive: true });
    });
  }

  test("pair() gives a stream and the descriptor of its other end", async (transport) => {
    const [stream, address] = await transport.pair();
    assert.equal(address.kind, "fd");
    const near = new Recorder(stream);
    // On Windows the other end is a socket of the system that only Python can use.
    if (Deno.build.os === "windows") {
      near.stream.close();
      return;
    }
    const far = new Recorder(await transport.connect(address));
    write(far.stream, "from afar");
    await near.until(() => near.text === "from afar");
    write(near.stream, "from near");
    await far.until(() => far.text === "from near");
    far.stream.close();
    await near.until(() => near.events.length > 0);
    near.stream.close();
  });

  test("after() and afterRound() run what they are given, once", async (transport) => {
    const ran: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    transport.afterRound(() => ran.push("round"));
    transport.after(5, () => {
      ran.push("later");
      resolve();
    });
    assert.deepEqual(ran, []);
    await promise;
    assert.deepEqual(ran, ["round", "later"]);
  });
}
