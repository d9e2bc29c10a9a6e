import assert from "node:assert/strict";
import { type Output, TerminalLog } from "../../../core/log/terminal.ts";

/** An output with room for so many bytes. */
class FakeOutput implements Output {
  text = "";
  room: number;
  /** What a wait for room finds, in the order of the waits; without one the wait takes its whole time. */
  found: number[] = [];
  waits = 0;
  writes = 0;
  reader = true;
  closed = false;

  constructor(room: number) {
    this.room = room;
  }

  write(bytes: Uint8Array<ArrayBuffer>): number {
    this.writes++;
    if (!this.reader) return -1;
    const count = Math.min(bytes.length, this.room);
    this.room -= count;
    this.text += new TextDecoder().decode(bytes.subarray(0, count));
    return count > 0 ? count : -1;
  }

  hasReader(): boolean {
    return this.reader;
  }

  waitForRoom(milliseconds: number): boolean {
    this.waits++;
    if (!this.reader) return true;
    const found = this.found.shift();
    if (found !== undefined) this.room += found;
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    return found !== undefined;
  }

  close(): void {
    this.closed = true;
  }
}

function lines(from: number, to: number): string {
  let text = "";
  for (let number = from; number < to; number++) text += `line ${number}\n`;
  return text;
}

function write(log: TerminalLog, text: string): void {
  const bytes = new TextEncoder().encode(text);
  assert.equal(log.writeSync(bytes), bytes.length);
}

async function until(condition: () => boolean): Promise<void> {
  for (let time = 0; time < 1000 && !condition(); time++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.ok(condition());
}

Deno.test("a log to a reader that reads waits for it and drops nothing", () => {
  const output = new FakeOutput(10);
  output.found = Array(300).fill(100);
  const log = new TerminalLog(output);
  write(log, lines(0, 2000));
  assert.equal(output.text, lines(0, 2000));
  log.close();
  assert.ok(output.closed);
});

Deno.test("a log to a reader that has stopped waits a moment in all, and goes on where it was", async () => {
  const output = new FakeOutput(13);
  const log = new TerminalLog(output);
  let expected = "";
  for (let number = 0; number < 100; number++) {
    expected += lines(number, number + 1);
    write(log, lines(number, number + 1));
  }
  assert.equal(output.text, expected.slice(0, 13));
  assert.ok(output.waits < 10, String(output.waits));
  output.room = 100;
  await until(() => output.room === 0);
  write(log, "last\n");
  output.room = 10_000;
  await until(() => output.text.endsWith("last\n"));
  assert.equal(output.text, expected + "last\n");
  log.close();
});

Deno.test("a log that is full tells how many lines it drops, where they are missing", async () => {
  const output = new FakeOutput(0);
  const log = new TerminalLog(output);
  const line = "x".repeat(99) + "\n";
  for (let number = 0; number < 150; number++) write(log, line.repeat(100));
  output.room = 10_000_000;
  await until(() => output.text.includes("dropped"));
  write(log, "later\n");
  const [before, after] = output.text.split("wsgi-express: ");
  const dropped = Number(/^(\d+) lines of the log were dropped here/.exec(after!)?.[1]);
  assert.equal(before!.length / line.length + dropped, 15_000);
  assert.ok(before!.length > 1_000_000 && before!.length <= 1024 * 1024);
  assert.ok(after!.endsWith("too long\nlater\n"));
  log.close();
});

Deno.test("without a reader nothing is kept or tried, and a new one is told what it missed", () => {
  const output = new FakeOutput(0);
  const log = new TerminalLog(output);
  write(log, lines(0, 3));
  output.reader = false;
  write(log, lines(3, 5));
  const { writes } = output;
  for (let number = 5; number < 100; number++) write(log, lines(number, number + 1));
  assert.equal(output.writes, writes);
  output.reader = true;
  output.room = 10_000;
  write(log, "later\n");
  assert.equal(
    output.text,
    "wsgi-express: 100 lines of the log were dropped here: nobody read them for too long\nlater\n",
  );
  // A timer that still tries would be found at the end of this test.
  output.reader = false;
  write(log, "lost\n");
});

Deno.test("the note of what was dropped may find no reader either", () => {
  const output = new FakeOutput(0);
  const log = new TerminalLog(output);
  output.reader = false;
  write(log, lines(0, 7));
  const { write: writeAll } = output;
  // Gone again as the note is written.
  output.write = () => {
    output.reader = false;
    return -1;
  };
  output.reader = true;
  write(log, "seventh\n");
  output.write = writeAll;
  output.reader = true;
  output.room = 10_000;
  write(log, "later\n");
  assert.match(output.text, /: 8 lines of the log were dropped here: .*\nlater\n$/);
  log.close();
});

Deno.test("lines go out whole, in pieces that a pipe does not mix with others", () => {
  const sizes: number[] = [];
  const output = new FakeOutput(Infinity);
  const log = new TerminalLog({
    write(bytes) {
      sizes.push(bytes.length);
      assert.equal(bytes.at(-1), 10);
      return output.write(bytes);
    },
    hasReader: () => true,
    waitForRoom: () => false,
    close() {},
  });
  const text = lines(0, 1000) + "y".repeat(9000) + "\n" + lines(0, 3);
  write(log, text);
  assert.equal(output.text, text);
  assert.equal(sizes.filter((size) => size > 4096).length, 1);
  assert.ok(sizes.length < 8, String(sizes));
  log.close();
});

Deno.test("the end of a log gives the reader a last chance", () => {
  for (const [found, expected] of [[[5, 5, 100], "first\nsecond\n"], [[5], "first"]] as const) {
    const output = new FakeOutput(0);
    const log = new TerminalLog(output);
    write(log, "first\n");
    write(log, "second\n");
    output.found = [...found];
    log.close();
    assert.equal(output.text, expected);
    write(log, "behind the end\n");
    assert.equal(output.text, expected);
  }
});
