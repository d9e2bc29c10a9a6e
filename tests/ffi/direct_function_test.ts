import assert from "node:assert/strict";
import { DirectFunction } from "../../ffi/direct_function.ts";
import type { Runtime } from "../../ffi/runtime.ts";
import type { Pointer } from "../../ffi/symbols.ts";

const POINTER = Deno.UnsafePointer.create(4096n) as Pointer;

/** A direct function that returns `size` bytes, and the calls of C that it makes. */
function recorded(size: number): { function_: DirectFunction; calls: string[] } {
  const calls: string[] = [];
  const symbols = new Proxy({}, {
    get: (_, name) => () => {
      calls.push(String(name));
      return name === "PyBytes_Size" ? size : POINTER;
    },
  });
  const runtime = { symbols: { Py_IncRef() {} } } as unknown as Runtime;
  const { dlopen } = Deno;
  try {
    Deno.dlopen = (() => ({ symbols })) as unknown as typeof Deno.dlopen;
    return { function_: new DirectFunction(runtime, "libpython", POINTER), calls };
  } finally {
    Deno.dlopen = dlopen;
  }
}

Deno.test("a call of a direct function makes seven calls of C and copies its result once", () => {
  const { function_, calls } = recorded(5);
  function_.call(new Uint8Array(8), 8);
  assert.equal(function_.size, 5);
  assert.deepEqual(calls, [
    "PyUnicode_DecodeLatin1",
    "PyObject_CallFunctionObjArgs",
    "Py_DecRef",
    "PyBytes_Size",
    "PyBytes_AsString",
    "memcpy",
    "Py_DecRef",
  ]);
});

Deno.test("the output of a direct function is replaced only where it is too small", () => {
  const { function_ } = recorded(5000);
  const before = function_.output;
  function_.call(new Uint8Array(8), 8);
  const larger = function_.output;
  assert.notEqual(larger, before);
  assert.ok(larger.length >= 5000);
  function_.call(new Uint8Array(8), 8);
  assert.equal(function_.output, larger);
});
