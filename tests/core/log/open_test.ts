import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigurationError } from "../../../core/errors.ts";
import { openLogs } from "../../../core/log/open.ts";

Deno.test("openLogs() makes the folder, appends, and closes its files", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = join(folder, "deep", "error_log");
    const access = join(folder, "access_log");
    for (const message of ["first", "second"]) {
      const logs = openLogs({
        level: "warn",
        partLevels: { wsgi: "info" },
        error: { kind: "file", path },
        access: { kind: "file", path: access, format: "%m" },
      });
      logs.errorLog.write("info", message);
      logs.close();
      logs.close();
    }
    assert.match(Deno.readTextFileSync(path), / first\n.* second\n$/);
    assert.equal(Deno.readTextFileSync(access), "");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("openLogs() says which log can't be written, and leaves no file open", () => {
  const folder = Deno.makeTempDirSync();
  try {
    assert.throws(
      () =>
        openLogs({
          level: "warn",
          partLevels: {},
          error: { kind: "file", path: join(folder, "error_log") },
          access: { kind: "file", path: folder, format: "common" },
        }),
      (error) => error instanceof ConfigurationError && error.message.includes(folder),
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
