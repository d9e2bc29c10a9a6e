import assert from "node:assert/strict";
import { checkFiles } from "../../../core/options/check_files.ts";
import { currentHost } from "../../../core/options/host.ts";
import { planOf } from "./fixtures.ts";

/** Runs a test in a new folder with a script in it. */
async function inFolder(test: (folder: string, script: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const script = `${folder}/app.wsgi`;
    await Deno.writeTextFile(script, "");
    test(folder, script);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("checkFiles() takes a plan whose files are there", async () => {
  await inFolder((workingDirectory, entryPoint) => {
    checkFiles(planOf({ entryPoint, workingDirectory, pythonPath: ["/nowhere"] }, currentHost()));
    checkFiles(planOf({ entryPoint: "any.module", applicationType: "module" }, currentHost()));
  });
});

Deno.test("checkFiles() names the script, folder or service script that is missing or of the wrong kind", async () => {
  await inFolder((folder, entryPoint) => {
    const check = (values: Parameters<typeof planOf>[0]) => () =>
      checkFiles(planOf({ entryPoint, ...values }, currentHost()));
    const refused = (message: string | RegExp) => ({ name: "ConfigurationError", message });
    const missing = `${folder}/missing`;
    assert.throws(
      check({ entryPoint: missing }),
      refused(`the script '${missing}' does not exist`),
    );
    assert.throws(check({ entryPoint: folder }), refused(/is a folder; name a Python file$/));
    assert.throws(
      check({ workingDirectory: missing }),
      refused(`--working-directory '${missing}' does not exist`),
    );
    assert.throws(check({ workingDirectory: entryPoint }), refused(/ is no folder$/));
    assert.throws(
      check({ serviceScript: [["mail", missing]] }),
      refused(`--service-script mail '${missing}' does not exist`),
    );
  });
});
