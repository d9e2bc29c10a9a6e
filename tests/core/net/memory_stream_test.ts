import assert from "node:assert/strict";
import fc from "npm:fast-check@4.3.0";
import { MemoryStream } from "../../../core/net/memory_stream.ts";

/** Bytes of the ring towards Python, and of the one back. */
const RING = 256 * 1024;

/** A stream, what its owner was told, and a Python side that is driven by hand. */
class Setup {
  rings = 0;
  tasks: (() => void)[] = [];
  received: number[] = [];
  drains = 0;
  readonly stream = new MemoryStream({
    ringReader: () => this.rings++,
    after: (_delay, task) => this.tasks.push(task),
    running: 0,
    answered: 0,
  });
  #words = new Uint32Array(this.stream.memory.buffer, 0, 128);
  #in = this.stream.memory.subarray(512, 512 + RING);
  #out = this.stream.memory.subarray(512 + RING + 16, 512 + RING + 16 + RING);

  constructor() {
    this.stream.handler = {
      onData: (buffer, start, end) => this.received.push(...buffer.subarray(start, end)),
      onEnd() {},
      onDrain: () => this.drains++,
      onClose() {},
    };
  }

  write(bytes: Uint8Array): boolean {
    return this.stream.write(bytes, 0, bytes.length);
  }

  /** Python takes all that has come. */
  take(): number[] {
    const [written, read] = [this.#words[0]!, this.#words[16]!];
    const size = (written - read) >>> 0;
    const bytes = Array.from({ length: size }, (_, index) => this.#in[(read + index) % RING]!);
    this.#words[16] = written;
    return bytes;
  }

  /** Python sends. */
  send(bytes: readonly number[]): void {
    const written = this.#words[32]!;
    bytes.forEach((byte, index) => this.#out[(written + index) % RING] = byte);
    this.#words[32] = written + bytes.length;
  }

  /** The reader waits from now on. */
  park(): void {
    this.#words[64] = 1;
  }

  get loopWaits(): boolean {
    return this.#words[80] === 1;
  }
}

const sequence = (size: number, first = 0) =>
  Uint8Array.from({ length: size }, (_, index) => (first + index) % 251);

Deno.test("what is written can be read on the other side, and the other way round", () => {
  const test = new Setup();
  assert.equal(test.write(sequence(300)), true);
  assert.deepEqual(test.take(), [...sequence(300)]);
  assert.equal(test.stream.poll(0), false);
  test.send([1, 2, 3]);
  assert.equal(test.stream.ready, true);
  assert.equal(test.stream.poll(0), true);
  assert.deepEqual(test.received, [1, 2, 3]);
  assert.equal(test.stream.ready, false);
});

Deno.test("a reader that waits is woken once", () => {
  const test = new Setup();
  test.write(sequence(1));
  assert.equal(test.rings, 0);
  test.park();
  test.write(sequence(1));
  test.write(sequence(1));
  assert.equal(test.rings, 1);
});

Deno.test("the loop waits only while there is nothing, and says so", () => {
  const test = new Setup();
  assert.equal(test.stream.mayWait(), true);
  assert.equal(test.loopWaits, true);
  test.stream.awake();
  assert.equal(test.loopWaits, false);
  test.send([1]);
  assert.equal(test.stream.mayWait(), false);
  assert.equal(test.loopWaits, false);
});

Deno.test("what does not fit is queued, and goes when there is room", () => {
  const test = new Setup();
  const bytes = sequence(RING + 1000);
  assert.equal(test.write(bytes), false);
  assert.equal(test.stream.queued, 1000);
  assert.equal(test.write(sequence(10, 7)), false);
  const first = test.take();
  assert.equal(test.drains, 0);
  while (test.tasks.length > 0) test.tasks.shift()!();
  assert.equal(test.stream.queued, 0);
  assert.equal(test.drains, 1);
  assert.deepEqual([...first, ...test.take()], [...bytes, ...sequence(10, 7)]);
});

Deno.test("any sequence of writes and reads keeps every byte in order, around the end of the rings", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(100_000), fc.nat(100_000)), { maxLength: 12 }),
      (steps) => {
        const test = new Setup();
        let towards = 0;
        let back = 0;
        const taken: number[] = [];
        for (const [out, into] of steps) {
          test.write(sequence(out, towards));
          towards += out;
          taken.push(...test.take());
          for (const task of test.tasks.splice(0)) task();
          test.send([...sequence(into, back)]);
          back += into;
          test.received = [];
          if (into > 0) assert.equal(test.stream.poll(0), true);
          assert.deepEqual(test.received, [...sequence(into, back - into)]);
        }
        taken.push(...test.take());
        assert.deepEqual(taken, [...sequence(towards)]);
      },
    ),
    { numRuns: 20 },
  );
});
