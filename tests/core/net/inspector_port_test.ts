import assert from "node:assert/strict";
import { until } from "../../blackbox/deadline.ts";
import { holdInspectorPort } from "../../../core/net/inspector_port.ts";

/** Whether the inspector could be opened. */
function isFree(): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port: 9229 }).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  name: "the inspector's port costs one descriptor, whether it is taken at once or later",
  ignore: Deno.build.os !== "linux",
  // The C library stays open.
  sanitizeResources: false,
  async fn() {
    const descriptors = () => [...Deno.readDirSync("/proc/self/fd")].length;
    // What the first call opens for good is no part of it.
    holdInspectorPort()();
    const before = descriptors();
    // Where another program of the machine has the port, none of these gets it.
    const first = holdInspectorPort();
    const second = holdInspectorPort();
    assert.equal(descriptors(), before + 2);
    first();
    assert.equal(descriptors(), before + 1);
    await until(() => !isFree(), "second to take it");
    assert.equal(descriptors(), before + 1);
    second();
    assert.equal(descriptors(), before);
  },
});
