import assert from "node:assert/strict";
import { Acceptor } from "../../../core/application/acceptor.ts";
import type { BlockingStream, Stream, Transport } from "../../../core/net/transport.ts";

/** A transport whose one listener the test plays, and a clock that stands still unless told. */
class Fixture {
  readonly occupation = { requests: 0, threads: 2 };
  readonly log: string[] = [];
  #accept: ((stream: Stream) => void) | undefined;
  #time = 1000;
  #later: { readonly at: number; readonly task: () => void }[] = [];
  acceptor!: Acceptor;

  static async make(): Promise<Fixture> {
    const fixture = new Fixture();
    const listener = {
      address: { hostname: "", port: 0 },
      fd: 3,
      pause: () => fixture.log.push("pause"),
      resume: () => fixture.log.push("resume"),
      close: () => fixture.log.push("close"),
    };
    const transport = {
      // deno-lint-ignore require-await
      adoptListener: async (_fd: number, accept: (stream: Stream) => void, batch: number) => {
        assert.equal(batch, 1);
        fixture.#accept = accept;
        return listener;
      },
      after: (delay: number, task: () => void) =>
        fixture.#later.push({ at: fixture.#time + delay, task }),
    } as unknown as Transport;
    const onStream = () => {};
    const now = () => fixture.#time;
    fixture.acceptor = await Acceptor.open(transport, 3, fixture.occupation, onStream, now);
    return fixture;
  }

  /** A connection comes; `request`: with a request on it. */
  connect(request: boolean): { received: boolean; closed: boolean } {
    const stream = {
      received: request,
      closed: false,
      readNow: () => {
        if (request) this.occupation.requests++;
        return request;
      },
    };
    this.#accept!(stream as unknown as BlockingStream);
    return stream;
  }

  /** The clock goes on; what is due happens. */
  pass(milliseconds: number): void {
    this.#time += milliseconds;
    const due = this.#later.filter(({ at }) => at <= this.#time);
    this.#later = this.#later.filter(({ at }) => at > this.#time);
    for (const { task } of due) task();
  }

  /** What was done with the listener since the last look. */
  get done(): string[] {
    return this.log.splice(0);
  }
}

Deno.test("an acceptor with room to spare goes behind its siblings after each connection", async () => {
  const test = await Fixture.make();
  test.connect(true);
  assert.deepEqual(test.done, ["pause", "resume"]);
});

Deno.test("an acceptor without a thread to spare takes no connection until it has one", async () => {
  const test = await Fixture.make();
  test.connect(true);
  test.connect(true);
  assert.deepEqual(test.done, ["pause", "resume", "pause"]);
  test.occupation.requests = 1;
  test.acceptor.update();
  assert.deepEqual(test.done, ["resume"]);
  test.occupation.requests = 2;
  test.acceptor.update();
  assert.deepEqual(test.done, ["pause"]);
});

Deno.test("a new connection counts as a request for a moment only", async () => {
  const test = await Fixture.make();
  test.connect(false);
  test.connect(false);
  assert.equal(test.done.at(-1), "pause");
  test.pass(4);
  assert.deepEqual(test.done, []);
  test.pass(1);
  assert.deepEqual(test.done, ["resume"]);
});

Deno.test("a new connection counts no more once it is closed or heard of", async () => {
  const test = await Fixture.make();
  const first = test.connect(false);
  const second = test.connect(false);
  test.done;
  first.closed = true;
  test.acceptor.update();
  assert.deepEqual(test.done, ["resume"]);
  second.received = true;
  test.occupation.requests = 1;
  test.acceptor.update();
  assert.deepEqual(test.done, []);
});

Deno.test("a listener that is paused from outside stays so, whatever room there is", async () => {
  const test = await Fixture.make();
  test.acceptor.pause();
  test.occupation.requests = 2;
  test.acceptor.update();
  test.occupation.requests = 0;
  test.acceptor.update();
  assert.deepEqual(test.done, ["pause"]);
  test.acceptor.resume();
  assert.deepEqual(test.done, ["resume"]);
});
