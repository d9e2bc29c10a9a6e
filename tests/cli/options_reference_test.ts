import assert from "node:assert/strict";
import { optionsReference } from "../../cli/options_reference.ts";
import { optionEntries } from "../../core/options/table.ts";

Deno.test("docs/options.md is what the table of options says (else run `deno task docs:options`)", async () => {
  const file = new URL("../../docs/options.md", import.meta.url);
  const written = (await Deno.readTextFile(file)).replaceAll("\r\n", "\n");
  assert.equal(written, optionsReference());
});

Deno.test("the reference describes each option, the hidden ones too", () => {
  const reference = optionsReference();
  for (const [, { flag, aliases = [] }] of optionEntries) {
    assert.match(reference, new RegExp(`^### \`${flag}[\` ]`, "m"));
    for (const alias of aliases) assert.ok(reference.includes(`\`${alias}\``), alias);
  }
});
