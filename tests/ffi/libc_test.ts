import assert from "node:assert/strict";
import { loaderOf } from "../../ffi/libc.ts";

Deno.test("loaderOf() has the flags of each system and nothing for Windows", () => {
  assert.deepEqual(loaderOf("linux")?.flags, { RTLD_NOW: 2, RTLD_GLOBAL: 0x100 });
  assert.deepEqual(loaderOf("darwin")?.flags, { RTLD_NOW: 2, RTLD_GLOBAL: 8 });
  assert.equal(loaderOf("windows"), undefined);
});
