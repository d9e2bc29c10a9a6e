import assert from "node:assert/strict";
import { posix, win32 } from "node:path";
import fc from "npm:fast-check@4";
import { absolutePath, joinPath, parentFolder } from "../../../core/options/paths.ts";

Deno.test("absolutePath() starts a relative path at the base and cleans it", () => {
  assert.equal(absolutePath("unix", "/srv/site", "app.wsgi"), "/srv/site/app.wsgi");
  assert.equal(absolutePath("unix", "/srv/site", "./a//../b/"), "/srv/site/b");
  assert.equal(absolutePath("unix", "/srv", "/etc/../tmp"), "/tmp");
  assert.equal(absolutePath("unix", "/srv", "../../.."), "/");
  assert.equal(absolutePath("unix", "/srv", ""), "/srv");
});

Deno.test("absolutePath() knows drives and shares on Windows", () => {
  assert.equal(absolutePath("windows", "C:\\site", "sub/app.wsgi"), "C:\\site\\sub\\app.wsgi");
  assert.equal(absolutePath("windows", "C:\\site", "D:\\x\\..\\y"), "D:\\y");
  assert.equal(absolutePath("windows", "C:\\site", "\\other"), "C:\\other");
  assert.equal(absolutePath("windows", "C:\\site", "\\\\host\\share\\a"), "\\\\host\\share\\a");
});

const segment = fc.constantFrom("a", "b c", "..", ".", "", "é", "x.wsgi");
const path = fc.array(segment, { maxLength: 6 }).map((parts) => parts.join("/"));

Deno.test("absolutePath() agrees with node:path for any path", () => {
  fc.assert(fc.property(path, fc.boolean(), (written, rooted) => {
    const given = rooted ? `/${written}` : written;
    assert.equal(absolutePath("unix", "/srv/site", given), posix.resolve("/srv/site", given));
    if (given.startsWith("//")) return; // a share, whose name would be odd
    assert.equal(absolutePath("windows", "C:\\site", given), win32.resolve("C:\\site", given));
  }));
});

Deno.test("joinPath() and parentFolder() use the separator of the system", () => {
  assert.equal(joinPath("unix", "/tmp", "x"), "/tmp/x");
  assert.equal(joinPath("unix", "/", "x"), "/x");
  assert.equal(joinPath("windows", "C:\\Temp", "x"), "C:\\Temp\\x");
  assert.equal(parentFolder("unix", "/srv/site/app.wsgi"), "/srv/site");
  assert.equal(parentFolder("windows", "C:\\site\\app.wsgi"), "C:\\site");
});
