import assert from "node:assert/strict";
import { LOG_LEVELS } from "../../../core/log/levels.ts";
import { readLogLevel } from "../../../core/options/log_level.ts";

Deno.test("readLogLevel() knows each of Apache's levels, in any case", () => {
  assert.equal(LOG_LEVELS.length, 16);
  for (const level of LOG_LEVELS) {
    assert.deepEqual(readLogLevel(level.toUpperCase()), { level, parts: {} });
  }
});

Deno.test("readLogLevel() takes levels of single parts, by any of Apache's names for a module", () => {
  assert.deepEqual(readLogLevel("error wsgi:info ssl_module:debug mod_proxy.c:trace3"), {
    level: "error",
    parts: { wsgi: "info", ssl: "debug", proxy: "trace3" },
  });
  assert.deepEqual(readLogLevel("wsgi:debug"), { level: "warn", parts: { wsgi: "debug" } });
});

Deno.test("readLogLevel() refuses what is no level", () => {
  for (const text of ["loud", "warn wsgi:loud", "", "trace9", "wsgi:"]) {
    assert.throws(() => readLogLevel(text), {
      name: "RangeError",
      message: new RegExp(`^invalid log level: '${text}'`),
    });
  }
});
