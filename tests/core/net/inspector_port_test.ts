import assert from "node:assert/strict";
import { holdInspectorPort } from "../../../core/net/inspector_port.ts";

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
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(descriptors(), before + 1, "the second has taken it meanwhile");
    assert.throws(() => Deno.listen({ hostname: "127.0.0.1", port: 9229 }).close());
    second();
    assert.equal(descriptors(), before);
  },
});
