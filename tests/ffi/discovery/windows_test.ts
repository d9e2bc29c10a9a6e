import assert from "node:assert/strict";
import { interpretersOf, parseRegistry } from "../../../ffi/discovery/windows.ts";

const REGISTRY = [
  "",
  "HKEY_CURRENT_USER\\Software\\Python\\PythonCore",
  "    DisplayName    REG_SZ    Python Software Foundation",
  "",
  "HKEY_CURRENT_USER\\Software\\Python\\PythonCore\\3.11",
  "    SysVersion    REG_SZ    3.11",
  "",
  "HKEY_CURRENT_USER\\Software\\Python\\PythonCore\\3.11\\InstallPath",
  "    (Default)    REG_SZ    C:\\Users\\Jürgen Groß\\Python311\\",
  "    ExecutablePath    REG_SZ    C:\\Users\\Jürgen Groß\\Python311\\python.exe",
  "    WindowedExecutablePath    REG_SZ    C:\\Users\\Jürgen Groß\\Python311\\pythonw.exe",
  "",
  "HKEY_CURRENT_USER\\Software\\Python\\PythonCore\\3.13\\InstallPath",
  "    (Default)    REG_SZ    C:\\Python313\\",
  "",
  "HKEY_LOCAL_MACHINE\\Software\\Python\\PythonCore\\3.12-32\\InstallPath",
  "    (Default)    REG_SZ    C:\\Python312-32\\",
  "HKEY_LOCAL_MACHINE\\Software\\Python\\Astral\\CPython3.14.0\\InstallPath",
  "    (Standard)    REG_SZ    C:\\uv\\3.14\\",
  "",
].join("\r\n");

Deno.test("parseRegistry() reads install paths with spaces, letters beyond ASCII and translated names", () => {
  assert.deepEqual(parseRegistry(REGISTRY), [
    {
      company: "PythonCore",
      tag: "3.11",
      executable: "C:\\Users\\Jürgen Groß\\Python311\\python.exe",
    },
    { company: "PythonCore", tag: "3.13", executable: "C:\\Python313\\python.exe" },
    { company: "PythonCore", tag: "3.12-32", executable: "C:\\Python312-32\\python.exe" },
    { company: "Astral", tag: "CPython3.14.0", executable: "C:\\uv\\3.14\\python.exe" },
  ]);
});

Deno.test("parseRegistry() finds nothing in an error message", () => {
  assert.deepEqual(parseRegistry("ERROR: The system was unable to find the specified key\r\n"), []);
});

Deno.test("interpretersOf() prefers python.org's, then the newest, and leaves 32-bit ones out", () => {
  assert.deepEqual(interpretersOf(parseRegistry(REGISTRY)), [
    "C:\\Python313\\python.exe",
    "C:\\Users\\Jürgen Groß\\Python311\\python.exe",
    "C:\\uv\\3.14\\python.exe",
  ]);
});
