import assert from "node:assert/strict";
import { Gil } from "../../ffi/gil.ts";
import { Reference, Scope } from "../../ffi/references.ts";
import { LeakAlarm, type Runtime } from "../../ffi/runtime.ts";
import type { Pointer, PythonSymbols } from "../../ffi/symbols.ts";

/** Addresses that are never followed. */
function addresses(count: number): Pointer[] {
  return Array.from({ length: count }, (_, index) => {
    const pointer = Deno.UnsafePointer.create(BigInt(4096 + index * 16));
    assert.ok(pointer);
    return pointer;
  });
}

function recorded(onLeak: (subject: string) => void = () => {}) {
  const released: bigint[] = [];
  const gil = new Gil({
    PyEval_SaveThread: () => addresses(1)[0] ?? null,
    PyEval_RestoreThread: () => {},
  });
  const symbols = {
    Py_DecRef(pointer: Deno.PointerValue) {
      assert.equal(gil.held, true, "released without the GIL");
      released.push(Deno.UnsafePointer.value(pointer));
    },
  } as unknown as PythonSymbols;
  const runtime: Runtime = { symbols, gil, alarm: new LeakAlarm(onLeak) };
  return { runtime, released };
}

Deno.test("Reference.release() gives the object up once, with the GIL", () => {
  const { runtime, released } = recorded();
  const [pointer] = addresses(1);
  assert.ok(pointer);
  runtime.gil.release();
  const reference = new Reference(runtime, pointer, "thing");
  assert.equal(reference.pointer, pointer);
  reference.release();
  reference.release();
  assert.deepEqual(released, [4096n]);
  assert.equal(runtime.gil.held, false);
  assert.throws(() => reference.pointer, /"thing" has been released/);
});

Deno.test("Reference is released at the end of a using block, but not after the interpreter's end", () => {
  const { runtime, released } = recorded();
  const [first, second] = addresses(2);
  assert.ok(first && second);
  {
    using reference = new Reference(runtime, first, "thing");
    assert.ok(reference);
  }
  assert.deepEqual(released, [4096n]);
  const late = new Reference(runtime, second, "late");
  runtime.gil.end();
  late.release();
  assert.deepEqual(released, [4096n]);
});

Deno.test("Scope releases what it owns, the newest first, and passes NULL through", () => {
  const { runtime, released } = recorded();
  const [first, second] = addresses(2);
  assert.ok(first && second);
  {
    using scope = new Scope(runtime.symbols);
    assert.equal(scope.own(first), first);
    assert.equal(scope.own(null), null);
    scope.own(second);
  }
  assert.deepEqual(released, [4112n, 4096n]);
});
