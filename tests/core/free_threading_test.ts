import assert from "node:assert/strict";
import { lockOptions } from "../../core/free_threading.ts";
import type { PythonInfo } from "../../ffi/discovery/info.ts";
import { PythonNotUsableError } from "../../ffi/errors.ts";

const python = (freeThreaded: boolean) =>
  ({ freeThreaded, version: "3.13.1", executable: "/bin/python3" }) as PythonInfo;

Deno.test("lockOptions() says nothing to a Python that always has its lock", () => {
  assert.deepEqual(lockOptions(python(false), false), []);
});

Deno.test("lockOptions() keeps the lock of a free-threaded Python unless asked not to", () => {
  assert.deepEqual(lockOptions(python(true), false), ["-X", "gil=1"]);
  assert.deepEqual(lockOptions(python(true), true), ["-X", "gil=0"]);
});

Deno.test("lockOptions() refuses --free-threading with a Python that can't", () => {
  assert.throws(() => lockOptions(python(false), true), (error) => {
    assert.ok(error instanceof PythonNotUsableError);
    assert.match(error.message, /--free-threading needs .*3\.13\.1 \("\/bin\/python3"\) is not/);
    return true;
  });
});
