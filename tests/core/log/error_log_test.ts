import assert from "node:assert/strict";
import { ErrorLog, formatRecord, type LogSink, recordTime } from "../../../core/log/error_log.ts";
import { withShiftedClock } from "../shifted_clock.ts";

/** A sink that takes `most` bytes at a time. */
function sink(most = Infinity): LogSink & { text: string; writes: number } {
  const decoder = new TextDecoder();
  return {
    text: "",
    writes: 0,
    writeSync(bytes) {
      this.writes++;
      const part = bytes.subarray(0, most);
      this.text += decoder.decode(part, { stream: true });
      return part.length;
    },
  };
}

const LOCAL = new Date(2026, 10, 3, 9, 4, 5).getTime();

Deno.test("recordTime() is Apache's time with microseconds, in local time", () => {
  assert.equal(recordTime(LOCAL + 0.0045), "Tue Nov 03 09:04:05.000004 2026");
  assert.equal(recordTime(LOCAL + 999.9996), "Tue Nov 03 09:04:05.999999 2026");
});

Deno.test("formatRecord() tells time, level, pid, thread and client", () => {
  const time = "[Tue Nov 03 09:04:05.000000 2026]";
  assert.equal(
    formatRecord(LOCAL, "warn", 7311, "a message"),
    `${time} [wsgi:warn] [pid 7311:tid 7311] a message\n`,
  );
  assert.equal(
    formatRecord(LOCAL, "error", 7311, "a message", { client: "127.0.0.1:46866" }),
    `${time} [wsgi:error] [pid 7311:tid 7311] [remote 127.0.0.1:46866] a message\n`,
  );
});

Deno.test("ErrorLog writes a record with one write, a line for each line of the message", () => {
  const target = sink();
  new ErrorLog(target, "info").write("info", "first ä\nsecond");
  assert.equal(target.writes, 1);
  assert.match(target.text, /^\[.*\] first ä\n\[.*\] second\n$/);
  assert.match(target.text, new RegExp(`\\[pid ${Deno.pid}:tid ${Deno.pid}\\]`));
});

Deno.test("ErrorLog writes records up to its level, and notices always", () => {
  const target = sink();
  const log = new ErrorLog(target, "error");
  for (const level of ["emerg", "error", "warn", "notice", "info", "debug"] as const) {
    log.write(level, `a ${level}`);
  }
  const written = [...target.text.matchAll(/ a (\w+)\n/g)].map(([, level]) => level);
  assert.deepEqual(written, ["emerg", "error", "notice"]);
});

Deno.test("ErrorLog writes the rest where a write takes a part only", () => {
  const target = sink(10);
  new ErrorLog(target, "info").write("info", "a message longer than ten bytes");
  assert.match(target.text, /a message longer than ten bytes\n$/);
});

Deno.test("a sink that can't be written ends nothing", () => {
  const log = new ErrorLog({
    writeSync() {
      throw new Deno.errors.BrokenPipe("Broken pipe");
    },
  }, "info");
  log.write("error", "into the void");
});

Deno.test("ErrorLog goes with a system clock that is set while the process runs", () => {
  const target = sink();
  const log = new ErrorLog(target, "info");
  const century = 100 * 365.25 * 24 * 3_600_000;
  withShiftedClock(century, () => log.write("info", "a message"));
  const year = Number(/^\[[^\]]* (\d+)\]/.exec(target.text)![1]);
  assert.ok(year > new Date().getFullYear() + 90, target.text);
});
