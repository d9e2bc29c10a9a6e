import assert from "node:assert/strict";
import { DirectFunction } from "../../ffi/direct_function.ts";
import type { Runtime } from "../../ffi/runtime.ts";
import type { Pointer } from "../../ffi/symbols.ts";

const POINTER = Deno.UnsafePointer.create(4096n) as Pointer;

Deno.test("a call of a direct function makes eight calls of C and copies its result once", () => {
  const calls: string[] = [];
  const { dlopen, UnsafePointerView: { copyInto } } = Deno;
  const symbols = new Proxy({}, {
    get: (_, name) => () => {
      calls.push(String(name));
      return name === "PyBytes_Size" ? 5 : POINTER;
    },
  });
  const runtime = {
    symbols: { Py_IncRef() {} },
    gil: {
      acquire: () => calls.push("PyEval_RestoreThread"),
      release: () => calls.push("PyEval_SaveThread"),
    },
  } as unknown as Runtime;
  try {
    Deno.dlopen = (() => ({ symbols })) as unknown as typeof Deno.dlopen;
    Deno.UnsafePointerView.copyInto = () => calls.push("copy");
    const function_ = new DirectFunction(runtime, "libpython", POINTER);
    assert.equal(function_.call(new Uint8Array(8), 8), 5);
  } finally {
    Deno.dlopen = dlopen;
    Deno.UnsafePointerView.copyInto = copyInto;
  }
  assert.deepEqual(calls, [
    "PyEval_RestoreThread",
    "PyUnicode_DecodeLatin1",
    "PyObject_CallFunctionObjArgs",
    "Py_DecRef",
    "PyBytes_Size",
    "PyBytes_AsString",
    "copy",
    "Py_DecRef",
    "PyEval_SaveThread",
  ]);
});
