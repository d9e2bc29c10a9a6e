/**
 * Imports go one way, and importing does nothing.
 */
import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/**
 * The parts from the outermost to the innermost: each may import of those behind it, never of those before it. So there
 * is no cycle between them.
 */
const ORDER = [
  "cli",
  "mod.ts",
  "core/options",
  "core/server.ts",
  "core/running_server.ts",
  "core/services",
  "core/supervisor",
  "core/application",
  "core/python",
  "core/http",
  "core/gateway",
  "core/server_root.ts",
  "core/handler_script.ts",
  "core/identity.ts",
  "core/free_threading.ts",
  "core/plan.ts",
  "core/net",
  "core/log",
  "core/wsgi",
  "core/platform",
  "core/errors.ts",
  "core/remove_quietly.ts",
  "core/version.ts",
  "core/wall_clock.ts",
  "ffi",
];

/** Programs: what they do when they are loaded is their purpose. */
const ENTRY_POINTS = new Set([
  "cli/main.ts",
  "core/application/main.ts",
  "core/services/main.ts",
]);

interface Import {
  readonly from: string;
  readonly to: string;
}

const modules = ["cli", "core", "ffi"].flatMap(typescriptFiles).concat("mod.ts").toSorted();
const imports = modules.flatMap(importsOf);

Deno.test("each module belongs to a part of the architecture", () => {
  for (const module of modules) partOf(module);
});

Deno.test("imports between parts go inwards only", () => {
  const wrong = imports.filter(({ from, to }) => rank(from) > rank(to));
  assert.deepEqual(wrong.map(({ from, to }) => `${from} imports ${to}`), []);
});

Deno.test("what every part uses imports no other part of the core", () => {
  const leaves = [
    "core/wsgi",
    "core/platform",
    "core/errors.ts",
    "core/remove_quietly.ts",
    "core/version.ts",
    "core/wall_clock.ts",
    "ffi",
  ];
  const wrong = imports.filter(({ from, to }) =>
    leaves.includes(partOf(from)) && partOf(from) !== partOf(to) && to.startsWith("core/")
  );
  assert.deepEqual(wrong, []);
});

Deno.test("no part of core and cli but the platform asks Deno for the operating system", () => {
  const asking = modules.filter((module) => codeOf(module).includes("Deno.build.os"));
  const allowed = new Set(["core/platform", "ffi"]);
  assert.deepEqual(asking.filter((module) => !allowed.has(partOf(module))), []);
});

Deno.test("an application process loads nothing of the command line", () => {
  const loaded = reachable("core/application/main.ts");
  const wrong = [...loaded].filter((module) => ["cli", "core/options"].includes(partOf(module)));
  assert.deepEqual(wrong, []);
});

Deno.test("importing the modules of the library opens and starts nothing", async () => {
  const library = modules.filter((module) => !ENTRY_POINTS.has(module));
  const source = library.map((module) => `import ${JSON.stringify(`./${module}`)};`).join("\n");
  // Without a permission there is nothing to open; what was started would keep the process from ending.
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "--ext=ts", "-"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${source}\nconsole.log("imported");\n`));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(new TextDecoder().decode(stdout), "imported\n");
  assert.equal(code, 0);
});

function typescriptFiles(folder: string): string[] {
  return [...Deno.readDirSync(join(ROOT, folder))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return typescriptFiles(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

function importsOf(module: string): Import[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.[^"]+\.ts)"/g;
  return [...codeOf(module).matchAll(pattern)].map(([, target]) => ({
    from: module,
    to: relative(ROOT, join(ROOT, dirname(module), target!)).replaceAll("\\", "/"),
  }));
}

/** The text of a module without its comments. */
function codeOf(module: string): string {
  return Deno.readTextFileSync(join(ROOT, module)).replace(/^ *(\*|\/\/).*$/gm, "");
}

function partOf(module: string): string {
  const part = ORDER.find((each) => module === each || module.startsWith(`${each}/`));
  assert.ok(part !== undefined, `${module} belongs to no part`);
  return part;
}

function rank(module: string): number {
  return ORDER.indexOf(partOf(module));
}

function reachable(start: string): Set<string> {
  const found = new Set([start]);
  for (const module of found) {
    for (const { from, to } of imports) if (from === module) found.add(to);
  }
  return found;
}
