import assert from "node:assert/strict";
import { type Place, places, type PythonRequest } from "../../../ffi/discovery/places.ts";
import { fakeHost, type FakeSystem } from "../fake_host.ts";

async function all(request: PythonRequest, system: FakeSystem): Promise<Place[]> {
  return await Array.fromAsync(places(request, fakeHost(system)));
}

function commandOf(place: Place | undefined): readonly string[] {
  assert.ok(place !== undefined && "command" in place.found, JSON.stringify(place));
  return place.found.command;
}

function whyOf(place: Place | undefined): string {
  assert.ok(place !== undefined && "why" in place.found, JSON.stringify(place));
  return place.found.why;
}

Deno.test("places() come in the order --python, VIRTUAL_ENV, .venv, PATH", async () => {
  const found = await all({ python: "/given/bin/python3", applicationFolder: "/app" }, {
    env: { VIRTUAL_ENV: "/active", PATH: "/usr/bin:/usr/local/bin" },
    files: {
      "/given/bin/python3": "",
      "/active/bin/python": "",
      "/active/pyvenv.cfg": "home = /usr/bin\n",
      "/app/.venv/bin/python": "",
      "/app/.venv/pyvenv.cfg": "home = /usr/bin\n",
      "/usr/bin/python3": "",
      "/usr/local/bin/python3": "",
    },
  });
  assert.deepEqual(found.map((place) => [place.origin, commandOf(place)[0], place.must]), [
    ["--python", "/given/bin/python3", true],
    ["VIRTUAL_ENV", "/active/bin/python", true],
    [".venv", "/app/.venv/bin/python", true],
    ["PATH", "/usr/bin/python3", false],
    ["PATH", "/usr/local/bin/python3", false],
  ]);
});

Deno.test("--python takes a folder: an environment or an installation", async () => {
  const [place] = await all({ python: "env" }, {
    files: { "/cwd/env/bin/python3": "", "/cwd/env/pyvenv.cfg": "" },
  });
  assert.deepEqual(commandOf(place), ["/cwd/env/bin/python3"]);
});

Deno.test("--python takes the name of a command on PATH", async () => {
  const [place] = await all({ python: "python3.12" }, {
    env: { PATH: "relative:/usr/bin" },
    files: { "/usr/bin/python3.12": "", "relative/python3.12": "" },
  });
  assert.deepEqual(commandOf(place), ["/usr/bin/python3.12"]);
});

Deno.test("--python takes a shared library and finds its interpreter", async () => {
  const inLib = "/opt/py/lib/libpython3.12.so.1.0";
  const [first] = await all({ python: inLib }, {
    files: { [inLib]: "", "/opt/py/bin/python3.12": "", "/opt/py/bin/python3": "" },
  });
  assert.deepEqual(commandOf(first), ["/opt/py/bin/python3.12"]);
  assert.equal(first?.library, inLib);
  const multiarch = "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1";
  const [second] = await all({ python: multiarch }, {
    files: { [multiarch]: "", "/usr/bin/python3.11": "" },
  });
  assert.deepEqual(commandOf(second), ["/usr/bin/python3.11"]);
  const framework = "/Library/Frameworks/Python.framework/Versions/3.13/Python";
  const [third] = await all({ python: framework }, {
    os: "darwin",
    files: {
      [framework]: "",
      "/Library/Frameworks/Python.framework/Versions/3.13/bin/python3.13": "",
    },
  });
  assert.equal(third?.library, framework);
  const [alone] = await all({ python: inLib }, { files: { [inLib]: "" } });
  assert.match(whyOf(alone), /interpreter was not found in .*\/opt\/py\/bin/);
});

Deno.test("--python says what is wrong with what it was given", async () => {
  const [missing] = await all({ python: "/no/python" }, {});
  assert.match(whyOf(missing), /no such file or folder$/);
  const [command] = await all({ python: "python9" }, {});
  assert.match(whyOf(command), /no command of that name on PATH/);
  const [text] = await all({ python: "/a/notes" }, {
    files: { "/a/notes": "" },
    plain: ["/a/notes"],
  });
  assert.match(whyOf(text), /not an executable/);
  const [empty] = await all({ python: "/a" }, { folders: ["/a"] });
  assert.match(whyOf(empty), /no Python environment/);
});

Deno.test("an environment whose Python is gone is named as such", async () => {
  const [place] = await all({}, {
    env: { VIRTUAL_ENV: "/env" },
    files: { "/env/pyvenv.cfg": "version = 3.12\nhome = /gone/bin\n", "/env/bin/activate": "" },
  });
  assert.match(
    whyOf(place),
    /the Python it was made from is gone \(pyvenv\.cfg: home = \/gone\/bin\)/,
  );
  assert.equal(place?.must, true);
});

Deno.test("an interpreter of an environment whose Python is gone is named as such", async () => {
  const files = { "/env/pyvenv.cfg": "home = /gone/bin\n" };
  const [link] = await all({ python: "/env/bin/python" }, { files });
  assert.match(whyOf(link), /the Python it was made from is gone/);
  const [copy] = await all({ python: "/env/bin/python" }, {
    files: { ...files, "/env/bin/python": "" },
  });
  assert.match(whyOf(copy), /the Python it was made from is gone/);
});

Deno.test("an environment around the current folder has no say in a command on PATH", async () => {
  const [place] = await all({ python: "python3.12" }, {
    env: { PATH: "/usr/bin" },
    files: { "/cwd/pyvenv.cfg": "home = /gone/bin\n", "/usr/bin/python3.12": "" },
  });
  assert.deepEqual(commandOf(place), ["/usr/bin/python3.12"]);
});

Deno.test("an environment whose interpreter is a broken link is named as such", async () => {
  const [place] = await all({ python: "/env" }, {
    folders: ["/usr/bin"],
    files: { "/env/pyvenv.cfg": "home = /usr/bin\n" },
    links: { "/env/bin/python": "/usr/bin/python3.9" },
  });
  assert.match(whyOf(place), /is a link to \/usr\/bin\/python3\.9/);
});

Deno.test("a .venv that is no environment is passed over", async () => {
  const [absent] = await all({ applicationFolder: "/app" }, {});
  assert.deepEqual([absent?.origin, absent?.must, absent?.absent], [".venv", false, true]);
  const [other] = await all({ applicationFolder: "app" }, { folders: ["/cwd/app/.venv"] });
  assert.deepEqual([other?.path, other?.must], ["/cwd/app/.venv", false]);
});

Deno.test("PATH without python3 is one absent place", async () => {
  const found = await all({}, { env: { PATH: "/usr/bin" } });
  assert.deepEqual(found.map(({ origin, absent }) => [origin, absent]), [["PATH", true]]);
});

Deno.test("a folder that two entries of PATH lead to counts once", async () => {
  const found = await all({}, {
    env: { PATH: "/usr/bin:/bin:/usr/bin" },
    files: { "/usr/bin/python3": "", "/bin/python3": "" },
    links: { "/bin": "/usr/bin" },
  });
  assert.deepEqual(found.map((place) => commandOf(place)[0]), ["/usr/bin/python3"]);
});

Deno.test("Windows has python on PATH, the py launcher and the registry", async () => {
  const registry = "HKEY_CURRENT_USER\\Software\\Python\\PythonCore\\3.13\\InstallPath\r\n" +
    "    ExecutablePath    REG_SZ    C:\\Python313\\python.exe\r\n";
  const found = await all({ python: "C:\\env" }, {
    os: "windows",
    env: { PATH: '"C:\\Programs (x)";C:\\Windows' },
    files: {
      "C:\\env\\Scripts\\python.exe": "",
      "C:\\env\\pyvenv.cfg": "home = C:\\Python313\r\n",
      "C:\\Programs (x)\\python.exe": "",
      "C:\\Windows\\py.exe": "",
      "C:\\Python313\\python.exe": "",
    },
    answers: { reg: { code: 0, stdout: registry, stderr: "" } },
  });
  assert.deepEqual(found.map((place) => [place.origin, ...commandOf(place)]), [
    ["--python", "C:\\env\\Scripts\\python.exe"],
    ["PATH", "C:\\Programs (x)\\python.exe"],
    ["py launcher", "C:\\Windows\\py.exe", "-3"],
    ["registry", "C:\\Python313\\python.exe"],
  ]);
});

Deno.test("Windows without any Python says so for each source", async () => {
  const found = await all({}, { os: "windows" });
  assert.deepEqual(found.map(({ origin, absent }) => [origin, absent]), [
    ["PATH", true],
    ["py launcher", true],
    ["registry", true],
  ]);
});
