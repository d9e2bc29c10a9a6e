/**
 * Builds the binaries: `deno run -A tools/compile.ts [--all] [--target TRIPLE] [--output FOLDER] [--require-base]
 * [--no-check] [--commit HASH]`.
 *
 * Without options it builds for this machine, with `--all` for all five targets. The base is what `DENORT_BIN` names (for
 * this machine's target, of the same release of Deno), or what `deno compile` fetches. Where none can be had, a plain
 * `deno` takes its place: the file then shows that the module graph is complete and everything is inside, and can't be run;
 * `--require-base` makes that a failure. `--commit` is for a folder without its repository; else git is asked.
 *
 * @module
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkedOutCommit, writeBuildFile } from "./build_file.ts";
import { build, type Built } from "./compile/build.ts";
import { programFiles } from "./compile/program.ts";
import { targetOf, TARGETS } from "./compile/targets.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      all: { type: "boolean", default: false },
      target: { type: "string", default: Deno.build.target },
      output: { type: "string", default: join(ROOT, "dist") },
      "require-base": { type: "boolean", default: false },
      "no-check": { type: "boolean", default: false },
      commit: { type: "string", default: "" },
    },
  });
  const targets = values.all ? TARGETS : [targetOf(values.target)];
  Deno.mkdirSync(values.output, { recursive: true });
  const commit = values.commit || await checkedOutCommit(ROOT);
  const built: Built[] = [];
  for (const target of targets) {
    writeBuildFile(ROOT, commit, target.triple);
    const binary = await build(target, {
      root: ROOT,
      output: values.output,
      cache: cacheFolder(),
      files: await programFiles(ROOT),
      baseRequired: values["require-base"],
      unchecked: values["no-check"],
    });
    built.push(binary);
    console.log(`${binary.path}  ${(binary.size / 1e6).toFixed(1)} MB  ${describe(binary)}`);
  }
  const sums = built.map(({ path, sha256 }) => `${sha256}  ${path.replace(/^.*[\\/]/, "")}\n`);
  Deno.writeTextFileSync(join(values.output, "SHA256SUMS"), sums.join(""));
  reportStandIns(built);
  return 0;
}

function cacheFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") || Deno.env.get("LOCALAPPDATA") ||
    join(homedir(), ".cache");
  return join(cache, "wsgi-express-compile");
}

function describe({ base }: Built): string {
  if (base.kind === "given") return `base: ${base.path}`;
  return base.kind === "fetched" ? "base: of this release of Deno" : "base: STAND-IN, not runnable";
}

function reportStandIns(built: readonly Built[]): void {
  const standIns = built.filter(({ base }) => base.kind === "stand-in");
  if (standIns.length === 0) return;
  console.error(`
NOT RUNNABLE: no base (denort) could be had for ${standIns.length} of ${built.length} targets:
  ${standIns[0]!.reason.split("\n").slice(0, 6).join("\n  ")}
These files stand on a plain deno. All that was checked: the module graph is complete, every module and text is inside,
and the file has the right format and processor. Name a base with DENORT_BIN for this machine's binary.`);
}
