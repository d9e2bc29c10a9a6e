import assert from "node:assert/strict";
import { openForAppending } from "../../ffi/append_file.ts";

/** A log that is a link, of the user `uid` if any, to another file; and that file. */
class LinkedLog implements Disposable {
  readonly folder = Deno.makeTempDirSync();
  readonly log = `${this.folder}/error_log`;
  readonly target = `${this.folder}/target`;

  constructor(uid?: number) {
    Deno.writeTextFileSync(this.target, "before\n");
    Deno.symlinkSync(this.target, this.log);
    if (uid === undefined) return;
    const { success } = new Deno.Command("chown", { args: ["-h", String(uid), this.log] })
      .outputSync();
    assert.ok(success);
  }

  get text(): string {
    return Deno.readTextFileSync(this.target);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

function append(path: string): void {
  const file = openForAppending(path);
  file.writeSync(new TextEncoder().encode("line\n"));
  file.close();
}

/** Writes a line to standard output, which has been redirected to `path`; what becomes of it is on standard error. */
function redirectInChild(path: string): string {
  const module = JSON.stringify(import.meta.resolve("../../ffi/posix.ts"));
  const program = `
    import { redirectOutput } from ${module};
    try {
      redirectOutput(${JSON.stringify(path)});
      console.log("line");
    } catch (error) {
      console.error(error.message);
    }`;
  const { stderr } = new Deno.Command(Deno.execPath(), { args: ["eval", program] }).outputSync();
  return new TextDecoder().decode(stderr);
}

const windows = Deno.build.os === "windows";
const notRoot = Deno.uid() !== 0;

Deno.test("openForAppending() makes the file, and keeps what is in it", () => {
  const folder = Deno.makeTempDirSync();
  try {
    append(`${folder}/log`);
    append(`${folder}/log`);
    assert.equal(Deno.readTextFileSync(`${folder}/log`), "line\nline\n");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test({
  name: "a link of one's own is followed, by openForAppending() and by redirectOutput()",
  ignore: windows,
  fn() {
    using linked = new LinkedLog();
    append(linked.log);
    assert.equal(redirectInChild(linked.log), "");
    assert.equal(linked.text, "before\nline\nline\n");
  },
});

Deno.test({
  name: "root follows no link of another user, by openForAppending() or redirectOutput()",
  ignore: notRoot,
  fn() {
    using linked = new LinkedLog(4711);
    assert.throws(() => append(linked.log), /a link of user id 4711/);
    assert.match(redirectInChild(linked.log), /a link of user id 4711/);
    Deno.removeSync(linked.target);
    assert.throws(() => append(linked.log), /a link of user id 4711/);
    assert.throws(() => linked.text, Deno.errors.NotFound);
  },
});
