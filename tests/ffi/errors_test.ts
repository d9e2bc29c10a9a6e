import assert from "node:assert/strict";
import { PythonException, PythonNotUsableError } from "../../ffi/errors.ts";

Deno.test("PythonNotUsableError has exit status 4, the candidates and the cause", () => {
  const cause = new Error("why");
  const error = new PythonNotUsableError("text", { cause });
  assert.equal(error.exitStatus, 4);
  assert.equal(error.message, "text");
  assert.equal(error.name, "PythonNotUsableError");
  assert.deepEqual(error.candidates, []);
  assert.equal(error.cause, cause);
});

Deno.test("PythonException has Python's own texts", () => {
  const error = new PythonException({ type: "a.B", message: "text", traceback: "a.B: text\n" });
  assert.ok(error instanceof Error);
  assert.deepEqual([error.type, error.message, error.traceback], ["a.B", "text", "a.B: text\n"]);
});
