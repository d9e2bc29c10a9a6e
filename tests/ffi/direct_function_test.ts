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
  assert.equal(function_.call(new Uint8Array(8), 8, [], 0), 5);
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
  const [kept, small] = [new Uint8Array(5000), new Uint8Array(4999)];
  const outputs = [kept, small];
  for (const index of [0, 1, 2]) function_.call(new Uint8Array(8), 8, outputs, index);
  assert.equal(outputs[0], kept);
  assert.notEqual(outputs[1], small);
  assert.ok(outputs[1]!.length >= 5000 && outputs[2]!.length >= 5000);
});
