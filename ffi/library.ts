/**
 * Loads libpython into this process.
 *
 * `Deno.dlopen` keeps a library's symbols to itself, and extension modules that don't link
 * libpython (those of Debian, pyenv and many wheels) would miss them. So the system's `dlopen`
 * loads it first, globally. Windows has no such rule, but doesn't search the DLL's own folder for
 * the DLLs beside it unless told to.
 *
 * @module
 */
import { openCLibrary } from "./c_library.ts";
import { pathsOf } from "./paths.ts";
import type { PythonInfo } from "./discovery/info.ts";
import { PythonNotUsableError } from "./errors.ts";
import { kernel32Symbols, type LoaderFlags, loaderFlags, loaderSymbols } from "./libc.ts";
import { type PythonSymbols, pythonSymbols } from "./symbols.ts";
import { cString, readCString, wideString } from "./texts.ts";

/** What loading needs to know of a Python. */
export type LoadablePython = Pick<
  PythonInfo,
  "library" | "version" | "versionNumbers" | "executable" | "baseExecutable"
>;

/**
 * Loads a Python's shared library and gives its functions. It stays loaded: libpython can't be
 * unloaded safely.
 *
 * @throws {PythonNotUsableError} when it can't be loaded, lacks a function, or is another version
 * than its interpreter.
 */
export function openPythonLibrary(python: LoadablePython): PythonSymbols {
  const flags = loaderFlags(Deno.build.os);
  if (flags === undefined) searchDllsOf(python);
  else loadGlobally(flags, python);
  let symbols: PythonSymbols;
  try {
    symbols = Deno.dlopen(python.library, pythonSymbols).symbols;
  } catch (error) {
    throw cannotLoad(python, error instanceof Error ? error.message : String(error), error);
  }
  checkVersion(python, readCString(symbols.Py_GetVersion()));
  return symbols;
}

function loadGlobally({ RTLD_NOW, RTLD_GLOBAL }: LoaderFlags, python: LoadablePython): void {
  const { dlopen, dlerror } = openLoader(python);
  if (dlopen(cString(python.library), RTLD_NOW | RTLD_GLOBAL) !== null) return;
  throw cannotLoad(python, readCString(dlerror()));
}

function openLoader(python: LoadablePython) {
  try {
    return openCLibrary(loaderSymbols);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw cannotLoad(python, `this system's dlopen was not found (${reason})`, error);
  }
}

function searchDllsOf(python: LoadablePython): void {
  const kernel32 = Deno.dlopen("kernel32.dll", kernel32Symbols);
  kernel32.symbols.SetDllDirectoryW(
    wideString(pathsOf("windows").dirname(python.library), "windows"),
  );
  kernel32.close();
}

function checkVersion(python: LoadablePython, build: string): void {
  const [major, minor] = python.versionNumbers;
  if (build.startsWith(`${major}.${minor}.`)) return;
  throw new PythonNotUsableError(
    `The shared library "${python.library}" is Python ${build.split(" ", 1)[0]}, but the ` +
      `interpreter "${python.executable}" is Python ${python.version}. Give another Python with ` +
      "--python PATH, or mend this one's installation",
  );
}

function cannotLoad(python: LoadablePython, reason: string, cause?: unknown): PythonNotUsableError {
  return new PythonNotUsableError(
    `The shared library "${python.library}" of Python ${python.version} ` +
      `("${python.executable}") can't be loaded: ${reason}. It must be built for this system ` +
      `(${Deno.build.target}) and be complete; give another Python with --python PATH`,
    { cause },
  );
}
