/**
 * Starts the interpreter with the configuration of the `python` command of an environment.
 *
 * The one way that finds a virtual environment on every version (bpo-22213) is `PyConfig` with the
 * environment's interpreter as `argv[0]` and no home: CPython then reads `pyvenv.cfg` itself, and
 * `sys.prefix`, `sys.executable` and `sys._base_executable` come out as under that interpreter.
 * https://docs.python.org/3/c-api/init_config.html#init-python-config
 *
 * @module
 */
import type { PythonInfo } from "./discovery/info.ts";
import { PythonNotUsableError } from "./errors.ts";
import type { PythonSymbols } from "./symbols.ts";
import { readCString, WideStrings } from "./texts.ts";

/** `PyConfig` has 360 to 456 bytes in 3.8 to 3.15. */
const CONFIG_SIZE = 4096;

/**
 * `PyConfig` begins with the `int`s `_config_init`, `isolated`, `use_environment`, `dev_mode`,
 * `install_signal_handlers` in 3.8 to 3.15, on every system.
 */
const ISOLATED = 1;
const USE_ENVIRONMENT = 2;
const INSTALL_SIGNAL_HANDLERS = 4;

/**
 * `Py_InitializeFromConfig`. The calling thread becomes Python's main thread and holds the GIL.
 *
 * @param options options of the `python` command, such as `["-X", "utf8"]`.
 * @throws {PythonNotUsableError} with CPython's own reason.
 */
export function initialize(
  symbols: PythonSymbols,
  python: PythonInfo,
  options: readonly string[],
): void {
  const config = new Uint8Array(CONFIG_SIZE);
  symbols.PyConfig_InitPythonConfig(config);
  leaveSignalsAlone(symbols, config);
  const arguments_ = new WideStrings([python.executable, ...options]);
  try {
    check(
      symbols.PyConfig_SetArgv(config, BigInt(arguments_.length), arguments_.addresses),
      python,
    );
    check(symbols.Py_InitializeFromConfig(config), python);
  } finally {
    symbols.PyConfig_Clear(config);
  }
}

/**
 * Sets `install_signal_handlers = 0`. The field is written only where a comparison of CPython's two
 * presets shows that it is where it is expected, so a version with another layout is left as it is;
 * the interpreter's start takes the SIGINT handler back in any case.
 */
function leaveSignalsAlone(symbols: PythonSymbols, config: Uint8Array<ArrayBuffer>): void {
  const isolated = new Uint8Array(CONFIG_SIZE);
  symbols.PyConfig_InitIsolatedConfig(isolated);
  const ints = new Int32Array(config.buffer);
  const isolatedInts = new Int32Array(isolated.buffer);
  const differs = (field: number, python: number, inIsolated: number) =>
    ints[field] === python && isolatedInts[field] === inIsolated;
  if (
    differs(ISOLATED, 0, 1) && differs(USE_ENVIRONMENT, 1, 0) &&
    differs(INSTALL_SIGNAL_HANDLERS, 1, 0)
  ) {
    ints[INSTALL_SIGNAL_HANDLERS] = 0;
  }
  symbols.PyConfig_Clear(isolated);
}

/** A `PyStatus` by value: `int _type`, padding, `const char *func`, `const char *err_msg`, `int exitcode`. */
function check(status: Uint8Array, python: PythonInfo): void {
  const view = new DataView(status.buffer, status.byteOffset, status.byteLength);
  if (view.getInt32(0, true) === 0) return;
  const text = (offset: number) =>
    readCString(Deno.UnsafePointer.create(view.getBigUint64(offset, true)));
  const function_ = text(8);
  const reason = text(16) || `exit status ${view.getInt32(24, true)}`;
  throw new PythonNotUsableError(
    `Python ${python.version} ("${python.executable}", "${python.library}") can't be started: ` +
      `${function_ === "" ? "" : `${function_}: `}${reason}. Try "${python.executable}" itself; ` +
      "if it fails too, mend it or give another Python with --python PATH" +
      (Deno.env.has("PYTHONHOME") ? ". PYTHONHOME is set, which must name this Python" : ""),
  );
}
