import assert from "node:assert/strict";
import { completionScript, SHELLS } from "../../cli/completions.ts";
import { isShown } from "../../cli/help.ts";
import { optionEntries } from "../../core/options/table.ts";

for (const shell of SHELLS) {
  Deno.test(`the script for ${shell} completes exactly the options to be shown`, () => {
    const script = completionScript(shell, "linux");
    const prefix = shell === "fish" ? "-l " : "--";
    for (const [, option] of optionEntries) {
      const name = prefix + option.flag.slice(2);
      const found = new RegExp(`${name}(?![a-z0-9-])`).test(script);
      assert.equal(found, isShown(option, "unix"), name);
    }
  });
}

Deno.test("the scripts offer the commands that the system offers", () => {
  for (const shell of SHELLS) {
    assert.match(completionScript(shell, "linux"), /doctor/);
    assert.doesNotMatch(completionScript(shell, "linux"), /install-module/);
  }
});

Deno.test("the script for zsh keeps quotes, colons and brackets in texts apart from its own", () => {
  const script = completionScript("zsh", "linux");
  assert.match(script, /'--disable-reloading\[Don'\\''t restart processes/);
  assert.match(script, /'\*--setenv\[[^\]]*\]:KEY: :VALUE: '/);
});

/** What bash offers for the words, the last of which is being typed; undefined without bash. */
async function bashCompletions(words: string[]): Promise<string[] | undefined> {
  const program = `${completionScript("bash", "linux")}
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_wsgi_express
printf '%s\\n' "\${COMPREPLY[@]}"`;
  try {
    const args = ["--norc", "-c", program, "bash", "wsgi-express", ...words];
    const output = await new Deno.Command("bash", { args, stdout: "piped", stderr: "inherit" })
      .output();
    return new TextDecoder().decode(output.stdout).split("\n").filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const hasBash = await bashCompletions(["d"]) !== undefined;

Deno.test({
  name: "bash completes commands, options and the words of choices",
  ignore: !hasBash,
  async fn() {
    assert.deepEqual(await bashCompletions(["d"]), ["doctor"]);
    assert.deepEqual(await bashCompletions(["start-server", "--thr"]), ["--threads"]);
    assert.deepEqual(await bashCompletions(["start-server", "--auth-type", "D"]), ["Digest"]);
    assert.deepEqual(await bashCompletions(["start-server", "--port", ""]), []);
    assert.deepEqual(await bashCompletions(["completions", "f"]), ["fish"]);
    assert.deepEqual(await bashCompletions(["module-config", ""]), []);
    assert.deepEqual(await bashCompletions(["service", "sh"]), ["show"]);
    assert.deepEqual(await bashCompletions(["service", "install", "--na"]), ["--name"]);
    assert.deepEqual(await bashCompletions(["service", "install", "--thr"]), ["--threads"]);
    assert.deepEqual(await bashCompletions(["service", "show", "--user", "--nam"]), ["--name"]);
  },
});
