import assert from "node:assert/strict";
import { join } from "node:path";
import { thisHost } from "../../../ffi/discovery/host.ts";

Deno.test("thisHost() tells files, folders and links apart, and what is missing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "text");
    const host = thisHost();
    assert.equal(host.isFile(file), true);
    assert.equal(host.isDirectory(file), false);
    assert.equal(host.isDirectory(folder), true);
    assert.equal(host.isExecutable(folder), false);
    assert.equal(host.readText(file), "text");
    assert.equal(host.readText(join(folder, "none")), undefined);
    assert.equal(host.isFile(join(folder, "none")), false);
    assert.equal(host.linkTarget(file), undefined);
    assert.equal(host.realPath(join(folder, "none")), join(folder, "none"));
    if (Deno.build.os !== "windows") {
      assert.equal(host.isExecutable(file), false);
      await Deno.chmod(file, 0o755);
      assert.equal(host.isExecutable(file), true);
      await Deno.symlink(file, join(folder, "link"));
      assert.equal(host.linkTarget(join(folder, "link")), file);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("thisHost().run() gives output and exit status", async () => {
  const output = await thisHost().run(Deno.execPath(), [
    "eval",
    "console.log('out'); console.error('err'); Deno.exit(3)",
  ]);
  assert.deepEqual([output.code, output.stdout.trim(), output.stderr.trim()], [3, "out", "err"]);
});

Deno.test("thisHost().run() rejects for a command that is not there", async () => {
  await assert.rejects(thisHost().run(join(Deno.cwd(), "no-such-command"), []));
});
