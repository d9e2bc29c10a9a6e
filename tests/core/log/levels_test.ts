import assert from "node:assert/strict";
import { isLogged, LOG_LEVELS } from "../../../core/log/levels.ts";

Deno.test("isLogged() takes what is as severe as the threshold, and notices", () => {
  for (const threshold of LOG_LEVELS) {
    const logged = LOG_LEVELS.filter((level) => isLogged(level, threshold));
    const severe = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(threshold) + 1);
    assert.deepEqual(new Set(logged), new Set([...severe, "notice"]));
  }
});
