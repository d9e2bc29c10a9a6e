/**
 * The functions of libpython that are called, with their C types.
 *
 * Widths follow the C type: `Py_ssize_t` is `isize`; `long` never occurs, as it has 32 bits on
 * Windows and 64 elsewhere. Everything here exists in CPython 3.8 to 3.15 unless marked optional.
 * The C documentation: https://docs.python.org/3/c-api/
 *
 * @module
 */

/**
 * `PyStatus`, which is returned by value: `_type` (0 means success), `func`, `err_msg`, `exitcode`.
 * https://docs.python.org/3/c-api/init_config.html#pystatus
 */
const PyStatus = { struct: ["i32", "pointer", "pointer", "i32"] } as const;

/** The symbol table given to `Deno.dlopen`. */
export const pythonSymbols = {
  // Start and end of the interpreter.
  PyConfig_InitPythonConfig: { parameters: ["buffer" /* PyConfig *config */], result: "void" },
  PyConfig_InitIsolatedConfig: { parameters: ["buffer" /* PyConfig *config */], result: "void" },
  PyConfig_SetArgv: {
    parameters: [
      "buffer", // PyConfig *config
      "isize", // Py_ssize_t argc
      "buffer", // wchar_t * const *argv
    ],
    result: PyStatus,
  },
  PyConfig_Clear: { parameters: ["buffer" /* PyConfig *config */], result: "void" },
  Py_InitializeFromConfig: {
    parameters: ["buffer" /* const PyConfig *config */],
    result: PyStatus,
  },
  Py_FinalizeEx: { parameters: [], result: "i32" },
  Py_GetVersion: { parameters: [], result: "pointer" /* const char * */ },

  // The GIL and thread states.
  PyEval_SaveThread: { parameters: [], result: "pointer" /* PyThreadState * */ },
  PyEval_RestoreThread: { parameters: ["pointer" /* PyThreadState *tstate */], result: "void" },
  PyThreadState_Get: { parameters: [], result: "pointer" /* PyThreadState * */ },
  PyThreadState_Swap: {
    parameters: ["pointer" /* PyThreadState *tstate */],
    result: "pointer", // PyThreadState *
  },
  Py_NewInterpreter: { parameters: [], result: "pointer" /* PyThreadState * */ },
  /** Since 3.12. */
  Py_NewInterpreterFromConfig: {
    parameters: [
      "buffer", // PyThreadState **tstate_p
      "buffer", // const PyInterpreterConfig *config
    ],
    result: PyStatus,
    optional: true,
  },
  Py_EndInterpreter: { parameters: ["pointer" /* PyThreadState *tstate */], result: "void" },
  PyInterpreterState_Head: { parameters: [], result: "pointer" /* PyInterpreterState * */ },
  PyInterpreterState_Next: {
    parameters: ["pointer" /* PyInterpreterState *interp */],
    result: "pointer", // PyInterpreterState *
  },
  PyInterpreterState_ThreadHead: {
    parameters: ["pointer" /* PyInterpreterState *interp */],
    result: "pointer", // PyThreadState *
  },
  PyThreadState_Next: {
    parameters: ["pointer" /* PyThreadState *tstate */],
    result: "pointer", // PyThreadState *
  },

  // Objects.
  Py_IncRef: { parameters: ["pointer" /* PyObject *o */], result: "void" },
  Py_DecRef: { parameters: ["pointer" /* PyObject *o */], result: "void" },
  PyObject_Type: { parameters: ["pointer" /* PyObject *o */], result: "pointer" },
  PyObject_Str: { parameters: ["pointer" /* PyObject *o */], result: "pointer" },
  PyObject_GetAttrString: {
    parameters: [
      "pointer", // PyObject *o
      "buffer", // const char *attr_name
    ],
    result: "pointer",
  },
  PyObject_CallObject: {
    parameters: [
      "pointer", // PyObject *callable
      "pointer", // PyObject *args, a tuple or NULL
    ],
    result: "pointer",
  },
  /** `None` itself: the address of this variable is the object. */
  _Py_NoneStruct: { type: "pointer" },

  // Modules.
  PyImport_ImportModule: { parameters: ["buffer" /* const char *name */], result: "pointer" },
  PyImport_GetModuleDict: { parameters: [], result: "pointer" /* borrowed */ },
  PyModule_NewObject: { parameters: ["pointer" /* PyObject *name */], result: "pointer" },
  /** `flags` 0x200 (PyBUF_WRITE): the memory can be written to. */
  PyMemoryView_FromMemory: {
    parameters: [
      "pointer", // char *mem
      "isize", // Py_ssize_t size
      "i32", // int flags
    ],
    result: "pointer",
  },
  PyModule_GetDict: {
    parameters: ["pointer" /* PyObject *module */],
    result: "pointer", /* borrowed */
  },
  PyEval_EvalCode: {
    parameters: [
      "pointer", // PyObject *co
      "pointer", // PyObject *globals
      "pointer", // PyObject *locals
    ],
    result: "pointer",
  },
  PySys_SetObject: {
    parameters: [
      "buffer", // const char *name
      "pointer", // PyObject *v
    ],
    result: "i32",
  },

  // Containers.
  PyDict_SetItemString: {
    parameters: [
      "pointer", // PyObject *p
      "buffer", // const char *key
      "pointer", // PyObject *val
    ],
    result: "i32",
  },
  PyDict_DelItemString: {
    parameters: [
      "pointer", // PyObject *p
      "buffer", // const char *key
    ],
    result: "i32",
  },
  PyTuple_New: { parameters: ["isize" /* Py_ssize_t len */], result: "pointer" },
  PyTuple_SetItem: {
    parameters: [
      "pointer", // PyObject *p
      "isize", // Py_ssize_t pos
      "pointer", // PyObject *o, which the tuple takes over
    ],
    result: "i32",
  },
  PyList_New: { parameters: ["isize" /* Py_ssize_t len */], result: "pointer" },
  PyList_Append: {
    parameters: [
      "pointer", // PyObject *list
      "pointer", // PyObject *item
    ],
    result: "i32",
  },

  // Texts and bytes.
  PyUnicode_DecodeUTF8: {
    parameters: [
      "buffer", // const char *str
      "isize", // Py_ssize_t size
      "buffer", // const char *errors, or NULL for "strict"
    ],
    result: "pointer",
  },
  PyUnicode_DecodeUTF16: {
    parameters: [
      "buffer", // const char *str
      "isize", // Py_ssize_t size
      "buffer", // const char *errors
      "buffer", // int *byteorder
    ],
    result: "pointer",
  },
  PyUnicode_AsUTF8AndSize: {
    parameters: [
      "pointer", // PyObject *unicode
      "buffer", // Py_ssize_t *size
    ],
    result: "pointer", // const char *, which lives as long as the object
  },
  PyUnicode_AsEncodedString: {
    parameters: [
      "pointer", // PyObject *unicode
      "buffer", // const char *encoding
      "buffer", // const char *errors
    ],
    result: "pointer",
  },
  PyUnicode_Join: {
    parameters: [
      "pointer", // PyObject *separator
      "pointer", // PyObject *seq
    ],
    result: "pointer",
  },
  PyBytes_AsString: { parameters: ["pointer" /* PyObject *o */], result: "pointer" },
  PyBytes_Size: { parameters: ["pointer" /* PyObject *o */], result: "isize" },

  // Exceptions.
  PyErr_CheckSignals: { parameters: [], result: "i32" },
  PyErr_Clear: { parameters: [], result: "void" },
  /** Since 3.12. */
  PyErr_GetRaisedException: { parameters: [], result: "pointer", optional: true },
  /** Deprecated since 3.12. */
  PyErr_Fetch: {
    parameters: [
      "buffer", // PyObject **ptype
      "buffer", // PyObject **pvalue
      "buffer", // PyObject **ptraceback
    ],
    result: "void",
    optional: true,
  },
  /** Deprecated since 3.12. */
  PyErr_NormalizeException: {
    parameters: [
      "buffer", // PyObject **exc
      "buffer", // PyObject **val
      "buffer", // PyObject **tb
    ],
    result: "void",
    optional: true,
  },
  PyException_SetTraceback: {
    parameters: [
      "pointer", // PyObject *ex
      "pointer", // PyObject *tb
    ],
    result: "i32",
  },
  PyException_GetTraceback: { parameters: ["pointer" /* PyObject *ex */], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The callable functions that `Deno.dlopen` makes of {@linkcode pythonSymbols}. */
export type PythonSymbols = Deno.DynamicLibrary<typeof pythonSymbols>["symbols"];

/** The address of a Python object, a thread state or other C data; NULL is `null`. */
export type Pointer = Deno.PointerObject;
