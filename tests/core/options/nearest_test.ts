import assert from "node:assert/strict";
import { didYouMean, editDistance, nearest } from "../../../core/options/nearest.ts";

Deno.test("editDistance() counts insertions, removals, replacements and swaps of neighbours", () => {
  assert.equal(editDistance("threads", "threads"), 0);
  assert.equal(editDistance("thread", "threads"), 1);
  assert.equal(editDistance("trheads", "threads"), 1);
  assert.equal(editDistance("", "abc"), 3);
  assert.equal(editDistance("kitten", "sitting"), 3);
});

Deno.test("nearest() finds a word with a few letters wrong, and none that is another word", () => {
  const words = ["--threads", "--host", "--port"];
  assert.equal(nearest("--treads", words), "--threads");
  assert.equal(nearest("--hots", words), "--host");
  assert.equal(nearest("--certificate", words), null);
  assert.equal(nearest("x", words), null);
});

Deno.test("didYouMean() is a remark to put behind a message, or nothing", () => {
  assert.equal(didYouMean("--thraeds", ["--threads"]), " (did you mean --threads?)");
  assert.equal(didYouMean("--xyz", ["--threads"]), "");
});
