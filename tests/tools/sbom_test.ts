/** The software bill of materials, of a compiled program whose base is of no account. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { binaryName, targetOf } from "../../tools/compile/targets.ts";
import { programFiles } from "../../tools/compile/program.ts";
import { billOfMaterials } from "../../tools/sbom.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");
const RELEASE = { version: "1.2.3", deno: "2.0.0", v8: "14.0", created: "2026-01-02T03:04:05Z" };

interface Document {
  readonly packages: readonly { readonly name: string; readonly versionInfo: string }[];
  readonly files: readonly {
    readonly SPDXID: string;
    readonly fileName: string;
    readonly checksums: readonly { readonly algorithm: string; readonly checksumValue: string }[];
  }[];
  readonly relationships: readonly Record<string, string>[];
}

Deno.test("the bill of materials names the runtime, the released files and every module", async () => {
  const output = Deno.makeTempDirSync();
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", `${ROOT}/tools/compile.ts`, "--no-check", "--output", output],
      cwd: ROOT,
      stdout: "null",
      stderr: "piped",
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const name = binaryName(targetOf(Deno.build.target));
    const binary = { name, bytes: Deno.readFileSync(`${output}/${name}`) };
    const archive = { name: "wsgi-express-1.2.3.tgz", bytes: new Uint8Array([1, 2]) };
    const document = billOfMaterials([archive, binary], RELEASE) as Document;
    assert.deepEqual(document.packages.map(({ name, versionInfo }) => `${name} ${versionInfo}`), [
      "wsgi-express 1.2.3",
      "deno 2.0.0",
      "v8 14.0",
    ]);
    const names = document.files.map(({ fileName }) => fileName);
    for (const file of [archive.name, name, ...await programFiles(ROOT)]) {
      assert.ok(names.includes(`./${file}`), file);
    }
    assert.equal(new Set(document.files.map(({ SPDXID }) => SPDXID)).size, names.length);
    const sum = createHash("sha256").update(binary.bytes).digest("hex");
    const checksums = document.files.find(({ fileName }) => fileName === `./${name}`)!.checksums;
    assert.ok(checksums.some(({ checksumValue }) => checksumValue === sum));
    const known = new Set(
      [...document.packages.map(({ name }) => `SPDXRef-${name}`), "SPDXRef-DOCUMENT"]
        .concat(document.files.map(({ SPDXID }) => SPDXID)),
    );
    for (const { spdxElementId, relatedSpdxElement } of document.relationships) {
      assert.ok(known.has(spdxElementId!) && known.has(relatedSpdxElement!));
    }
  } finally {
    Deno.removeSync(output, { recursive: true });
  }
});

Deno.test("a bill of materials without a binary is refused", () => {
  const archive = { name: "wsgi-express-1.2.3.tgz", bytes: new Uint8Array() };
  assert.throws(() => billOfMaterials([archive], RELEASE), /no binary/);
});
