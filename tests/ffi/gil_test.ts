import assert from "node:assert/strict";
import { Gil } from "../../ffi/gil.ts";

/** A GIL whose calls are written down; its thread state is a real address, as types want one. */
function recorded() {
  const calls: string[] = [];
  const state = Deno.UnsafePointer.of(new Uint8Array(8));
  const gil = new Gil({
    PyEval_SaveThread: () => (calls.push("save"), state),
    PyEval_RestoreThread: (pointer) => {
      calls.push(Deno.UnsafePointer.equals(pointer, state) ? "restore" : "wrong state");
    },
  });
  return { gil, calls };
}

Deno.test("Gil is held at first, and release() and acquire() take turns", () => {
  const { gil, calls } = recorded();
  assert.equal(gil.held, true);
  gil.release();
  assert.equal(gil.held, false);
  gil.acquire();
  assert.equal(gil.held, true);
  assert.deepEqual(calls, ["save", "restore"]);
});

Deno.test("Gil.with() takes it once for nested calls and leaves it as it was", () => {
  const { gil, calls } = recorded();
  gil.release();
  assert.equal(gil.with(() => gil.with(() => gil.held)), true);
  assert.equal(gil.held, false);
  assert.throws(() =>
    gil.with(() => {
      throw new RangeError("x");
    }), RangeError);
  assert.equal(gil.held, false);
  assert.deepEqual(calls, ["save", "restore", "save", "restore", "save"]);
});

Deno.test("Gil refuses to be taken twice, given up twice, or used after the end", () => {
  const { gil, calls } = recorded();
  assert.throws(() => gil.acquire(), /held already/);
  gil.release();
  assert.throws(() => gil.release(), /not held/);
  gil.end();
  assert.throws(() => gil.with(() => {}), /finalized/);
  assert.equal(gil.held, false);
  assert.equal(gil.ended, true);
  assert.deepEqual(calls, ["save"]);
});
