/**
 * Builds for all five systems on this machine and lists what is inside. `DENORT_BIN` is used for this machine's own; a
 * plain deno takes the place of a base that can't be had.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readContents } from "../../../tools/compile/contents.ts";
import { readExecutable } from "../../../tools/compile/executable.ts";
import { programFiles } from "../../../tools/compile/program.ts";
import { binaryName, TARGETS } from "../../../tools/compile/targets.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[\\/]$/, "");

Deno.test("the five binaries have their systems' formats and carry every module and text", async (t) => {
  const output = Deno.makeTempDirSync();
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", `${ROOT}/tools/compile.ts`, "--all", "--output", output],
      cwd: ROOT,
      stdout: "null",
      stderr: "piped",
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const files = await programFiles(ROOT);
    const texts = files.filter((file) => file.startsWith("core/python/") && file.endsWith(".py"));
    const onDisk = [...Deno.readDirSync(`${ROOT}/core/python`)].filter(({ name }) =>
      name.endsWith(".py")
    );
    assert.equal(texts.length, onDisk.length);
    const sums = Deno.readTextFileSync(`${output}/SHA256SUMS`);
    for (const target of TARGETS) {
      await t.step(target.triple, async () => {
        const name = binaryName(target);
        const bytes = Deno.readFileSync(`${output}/${name}`);
        const { format, machine } = readExecutable(bytes);
        assert.deepEqual([format, machine], [target.format, target.machine]);
        const contents = readContents(bytes);
        assert.equal(contents.entryPoint, "cli/main.ts");
        assert.ok(contents.permissions.includes("allow_ffi"));
        assert.deepEqual(files.filter((file) => !contents.files.has(file)), []);
        for (const text of texts) {
          const inside = new TextDecoder().decode(contents.files.get(text));
          assert.equal(inside, Deno.readTextFileSync(`${ROOT}/${text}`));
        }
        // Nothing of the tests, the tools or the documents is in it.
        const needless = [...contents.files.keys()].filter((file) =>
          !/^(cli|core|ffi)\/|^deno\.json$|^dist\/build\.json$/.test(file)
        );
        assert.deepEqual(needless, []);
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
        assert.ok(sums.includes(`${digest.toHex()}  ${name}`));
      });
    }
  } finally {
    Deno.removeSync(output, { recursive: true });
  }
});

Deno.test("a base that does not run the program is a failure", async () => {
  const output = Deno.makeTempDirSync();
  try {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", `${ROOT}/tools/compile.ts`, "--no-check", "--output", output],
      env: { DENORT_BIN: Deno.execPath() },
      cwd: ROOT,
      stdout: "null",
      stderr: "piped",
    }).output();
    assert.equal(code, 1);
    const reason =
      `does not run; a base that DENORT_BIN names must be the denort of Deno ${Deno.version.deno}`;
    assert.ok(new TextDecoder().decode(stderr).includes(reason));
  } finally {
    Deno.removeSync(output, { recursive: true });
  }
});
