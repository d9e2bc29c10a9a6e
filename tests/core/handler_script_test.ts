import assert from "node:assert/strict";
import { join } from "node:path";
import { handlerScript } from "../../core/handler_script.ts";
import type { Settings } from "../../core/options/table.ts";
import { testPythons } from "../pythons.ts";
import { planOf } from "./options/fixtures.ts";

/** What the script's `handle_request` gives, and its variables, as a Python reads it. */
async function read(python: string, folder: string, settings: Partial<Settings>): Promise<unknown> {
  const path = join(folder, "handler.wsgi");
  Deno.writeTextFileSync(path, handlerScript(planOf({ workingDirectory: folder, ...settings })));
  const code = "import json, runpy, sys; found = runpy.run_path(sys.argv[1]); " +
    "print(json.dumps([found['handle_request'](), found['entry_point'], " +
    "found['application_type'], found['callable_object'], found['mount_point'], " +
    "found['working_directory']]))";
  const { stdout, stderr } = await new Deno.Command(python, {
    args: ["-W", "error", "-c", code, path],
    cwd: folder,
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  return JSON.parse(new TextDecoder().decode(stdout));
}

for (const { minor, executable } of testPythons()) {
  Deno.test(`handlerScript() gives the application and its names [CPython ${minor}]`, async () => {
    const folder = Deno.makeTempDirSync();
    try {
      const script = join(folder, 'a "quoted" näme.wsgi');
      Deno.writeTextFileSync(script, "def served(): return __name__\n");
      Deno.writeTextFileSync(join(folder, "shop.py"), "def served(): return 'of a module'\n");
      assert.deepEqual(
        await read(executable, folder, { entryPoint: script, callableObject: "served" }),
        ["__wsgi__", script, "script", "served", "/", folder],
      );
      assert.deepEqual(
        await read(executable, folder, {
          applicationType: "module",
          entryPoint: "shop",
          callableObject: "served",
          mountPoint: "/a",
        }),
        ["of a module", "shop", "module", "served", "/a", folder],
      );
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}
