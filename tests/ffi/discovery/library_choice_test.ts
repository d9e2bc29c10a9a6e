import assert from "node:assert/strict";
import { howToGetLibrary, libraryCandidates } from "../../../ffi/discovery/library_choice.ts";
import { parseProbe, type Probe } from "../../../ffi/discovery/probe.ts";
import { fakeHost, probeText } from "../fake_host.ts";

function probe(values: Record<string, string> = {}): Probe {
  const parsed = parseProbe(probeText(values));
  assert.ok(parsed);
  return parsed;
}

const linux = fakeHost({});
const mac = fakeHost({ os: "darwin" });
const windows = fakeHost({ os: "windows" });

Deno.test("libraryCandidates() begins with the folder and name that the build was given", () => {
  assert.equal(libraryCandidates(probe(), linux)[0], "/opt/py/lib/libpython3.12.so.1.0");
});

Deno.test("libraryCandidates() has Debian's multiarch folder", () => {
  const debian = probe({ basePrefix: "/usr", LIBDIR: "/usr/lib" });
  assert.ok(
    libraryCandidates(debian, linux).includes("/usr/lib/x86_64-linux-gnu/libpython3.12.so.1.0"),
  );
});

Deno.test("libraryCandidates() finds the library of a Python that was moved (uv)", () => {
  const moved = probe({ LIBDIR: "/install/lib", basePrefix: "/home/u/uv/cpython-3.12" });
  assert.ok(
    libraryCandidates(moved, linux).includes("/home/u/uv/cpython-3.12/lib/libpython3.12.so.1.0"),
  );
});

Deno.test("libraryCandidates() looks for a shared library beside a static interpreter (conda)", () => {
  const conda = probe({
    shared: "0",
    LDLIBRARY: "libpython3.12.a",
    INSTSONAME: "libpython3.12.a",
    LIBDIR: "/conda/lib",
    basePrefix: "/conda",
  });
  const candidates = libraryCandidates(conda, linux);
  assert.equal(candidates[0], "/conda/lib/libpython3.12.so.1.0");
  assert.ok(candidates.every((path) => !path.endsWith(".a")));
});

Deno.test("libraryCandidates() never takes the stub of the stable ABI", () => {
  const stub = probe({ LDLIBRARY: "libpython3.so" });
  assert.ok(libraryCandidates(stub, linux).every((path) => !path.endsWith("/libpython3.so")));
});

Deno.test("libraryCandidates() takes the suffix of a free-threaded or debug build", () => {
  const names = probe({ LDVERSION: "3.14t", LDLIBRARY: "", INSTSONAME: "" });
  assert.equal(libraryCandidates(names, linux)[0], "/opt/py/lib/libpython3.14t.so.1.0");
});

Deno.test("libraryCandidates() finds a macOS framework's library", () => {
  const framework = probe({
    PYTHONFRAMEWORK: "Python",
    PYTHONFRAMEWORKPREFIX: "/opt/homebrew/opt/python@3.12/Frameworks",
    LDLIBRARY: "Python.framework/Versions/3.12/Python",
    INSTSONAME: "Python.framework/Versions/3.12/Python",
    basePrefix: "/opt/homebrew/opt/python@3.12/Frameworks/Python.framework/Versions/3.12",
  });
  assert.equal(
    libraryCandidates(framework, mac)[0],
    "/opt/homebrew/opt/python@3.12/Frameworks/Python.framework/Versions/3.12/Python",
  );
});

Deno.test("libraryCandidates() has the dylib of a Python without framework on macOS", () => {
  const plain = probe({ LDLIBRARY: "libpython3.12.dylib", INSTSONAME: "" });
  assert.equal(libraryCandidates(plain, mac)[0], "/opt/py/lib/libpython3.12.dylib");
});

Deno.test("libraryCandidates() on Windows begins with the DLL that the interpreter uses", () => {
  const python = probe({
    dll: "C:\\Py\\python312.dll",
    executable: "C:\\venv\\Scripts\\python.exe",
    baseExecutable: "C:\\Base\\python.exe",
    basePrefix: "C:\\Base",
  });
  assert.deepEqual(libraryCandidates(python, windows), [
    "C:\\Py\\python312.dll",
    "C:\\Base\\python312.dll",
    "C:\\venv\\Scripts\\python312.dll",
  ]);
});

Deno.test("howToGetLibrary() knows what to do by how a Python was installed", () => {
  const pyenv = probe({ basePrefix: "/home/u/.pyenv/versions/3.12.1" });
  assert.match(howToGetLibrary(pyenv, "linux"), /--enable-shared pyenv install --force 3\.12\.1/);
  const debian = probe({ basePrefix: "/usr" });
  assert.match(howToGetLibrary(debian, "linux"), /apt install libpython3\.12 /);
  assert.match(
    howToGetLibrary(probe(), "linux"),
    /uv python install 3\.12.*conda.*--enable-shared/,
  );
});
