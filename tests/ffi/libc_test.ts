import assert from "node:assert/strict";
import { loaderFlags } from "../../ffi/libc.ts";

Deno.test("loaderFlags() has the flags of each system and nothing for Windows", () => {
  assert.deepEqual(loaderFlags("linux"), { RTLD_NOW: 2, RTLD_GLOBAL: 0x100 });
  assert.deepEqual(loaderFlags("darwin"), { RTLD_NOW: 2, RTLD_GLOBAL: 8 });
  assert.equal(loaderFlags("windows"), undefined);
});
