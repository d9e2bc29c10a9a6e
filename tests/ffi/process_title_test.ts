import assert from "node:assert/strict";
import { argumentRange, titleBytes } from "../../ffi/process_title.ts";

Deno.test("titleBytes() fills the room for the arguments and ends with NUL", () => {
  const text = (title: string, size: number) =>
    new TextDecoder().decode(titleBytes(title, size)).replaceAll("\0", ".");
  assert.equal(text("shop", 8), "shop....");
  assert.equal(text("shop", 4), "sho.");
  // No character is cut.
  assert.equal(text("süß", 4), "sü.");
  assert.equal(text("shop", 0), "");
});

Deno.test("argumentRange() reads the place of the arguments, whatever the program is called", () => {
  const fields = Array.from({ length: 50 }, (_, index) => String(index + 3));
  assert.deepEqual(argumentRange(`1 (a) b) S) ${fields.join(" ")}\n`), { start: 48n, end: 49n });
  fields[45] = "0";
  assert.equal(argumentRange(`1 (a) ${fields.join(" ")}\n`), undefined);
  assert.equal(argumentRange("1 (a) S 1"), undefined);
});
