import assert from "node:assert/strict";
import { fromFileUrl } from "../../../core/platform/file_url.ts";

Deno.test("fromFileUrl() gives paths as each system spells them", () => {
  assert.equal(fromFileUrl("file:///srv/my%20site/%C3%BC", false), "/srv/my site/ü");
  assert.equal(fromFileUrl("file:///C:/my%20site/a.ts", true), "C:\\my site\\a.ts");
  assert.equal(fromFileUrl("file://server/share/a.ts", true), "\\\\server\\share\\a.ts");
});
