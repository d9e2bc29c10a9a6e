/**
 * Packs the npm package, so that `npx wsgi-express` works: the sources, a small starter, and the npm package `deno` as the
 * dependency that runs them. `deno run -A tools/npm.ts` writes `dist/wsgi-express-VERSION.tgz`.
 *
 * `deno pack` makes packages for Node.js from what `mod.ts` reaches; this program needs Deno, and its command line.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { V8_FLAGS } from "../core/platform/own_program.ts";
import { VERSION } from "../core/version.ts";
import { checkedOutCommit, writeBuildFile } from "./build_file.ts";
import { run } from "./compile/base.ts";
import { programFiles } from "./compile/program.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

if (import.meta.main) {
  const folder = Deno.makeTempDirSync();
  try {
    console.log(await pack(folder, join(ROOT, "dist")));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Stages the package in `folder`, packs it into `output`, and gives the archive's path. */
export async function pack(folder: string, output: string): Promise<string> {
  const sources = [...await programFiles(ROOT), ...typeModules(), "mod.ts", "deno.json"];
  for (const file of new Set([...sources, "LICENSE", "README.md"])) {
    Deno.mkdirSync(dirname(join(folder, file)), { recursive: true });
    Deno.copyFileSync(join(ROOT, file), join(folder, file));
  }
  writeBuildFile(folder, await checkedOutCommit(ROOT));
  Deno.copyFileSync(join(ROOT, "tools/npm/wsgi-express.mjs"), join(folder, "wsgi-express.mjs"));
  const manifest = {
    name: "wsgi-express",
    version: VERSION,
    description: "mod_wsgi-express without Apache: serves WSGI applications",
    license: "Apache-2.0",
    type: "module",
    bin: { "wsgi-express": "wsgi-express.mjs" },
    dependencies: { deno: Deno.version.deno },
    engines: { node: ">=18" },
    // For the starter: V8 takes them at the start of a process only.
    config: { v8Flags: V8_FLAGS },
  };
  Deno.writeTextFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
  Deno.mkdirSync(output, { recursive: true });
  const npm = Deno.build.os === "windows" ? "npm.cmd" : "npm";
  const name = await run(npm, ["pack", "--silent", "--pack-destination", output], folder);
  return join(output, name.trim());
}

/** Modules of types alone: nothing loads them, and yet Deno looks at them. */
function typeModules(): string[] {
  return ["cli", "core", "ffi"].flatMap((part) => typescriptFiles(part));
}

function typescriptFiles(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return typescriptFiles(path);
    return name.endsWith(".ts") ? [path] : [];
  });
}
