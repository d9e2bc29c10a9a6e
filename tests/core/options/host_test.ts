import assert from "node:assert/strict";
import { currentHost } from "../../../core/options/host.ts";

Deno.test("currentHost() tells of this process and this machine", () => {
  const host = currentHost();
  assert.equal(host.pid, Deno.pid);
  assert.equal(host.os, Deno.build.os);
  assert.equal(host.system === "windows", Deno.build.os === "windows");
  assert.equal(host.workingDirectory, Deno.cwd());
  assert.ok(Deno.statSync(host.temporaryDirectory).isDirectory);
  assert.ok(!host.terminal || host.interactive);
});
