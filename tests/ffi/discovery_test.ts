import assert from "node:assert/strict";
import { join } from "node:path";
import { discoverPython, surveyPythons } from "../../ffi/discovery.ts";
import { PythonNotUsableError } from "../../ffi/errors.ts";
import { newestPython, testPythons } from "../pythons.ts";
import { fakeHost, type FakeSystem, probeText } from "./fake_host.ts";

const LIBRARY = "/opt/py/lib/libpython3.12.so.1.0";

async function failure(
  request: Parameters<typeof discoverPython>[0],
  system?: FakeSystem,
): Promise<PythonNotUsableError> {
  try {
    await discoverPython(request, system === undefined ? undefined : fakeHost(system));
  } catch (error) {
    assert.ok(error instanceof PythonNotUsableError, String(error));
    assert.equal(error.exitStatus, 4);
    return error;
  }
  throw new Error("a Python was found");
}

Deno.test("discoverPython() starts one interpreter and describes it as plain data", async () => {
  const runs: string[] = [];
  const system: FakeSystem = {
    env: { PATH: "/opt/py/bin:/usr/bin" },
    files: { "/opt/py/bin/python3": "", "/usr/bin/python3": "", [LIBRARY]: "" },
    answers: { "/opt/py/bin/python3": {}, "/usr/bin/python3": {} },
    onRun: (command) => runs.push(command),
  };
  const { python, candidates } = await discoverPython({}, fakeHost(system));
  assert.deepEqual(runs, ["/opt/py/bin/python3"]);
  assert.deepEqual(JSON.parse(JSON.stringify(python)), {
    origin: "PATH",
    executable: "/opt/py/bin/python3",
    baseExecutable: "/opt/py/bin/python3",
    version: "3.12.1",
    versionNumbers: [3, 12, 1],
    build: "3.12.1 (main) [GCC]",
    prefix: "/opt/py",
    basePrefix: "/opt/py",
    virtualEnvironment: false,
    library: LIBRARY,
    soabi: "cpython-312-x86_64-linux-gnu",
    freeThreaded: false,
  });
  assert.deepEqual(candidates.map(({ verdict }) => verdict), ["chosen"]);
});

Deno.test("discoverPython() finds the prefix of a virtual environment without its site module", async () => {
  const { python } = await discoverPython(
    { python: "/env" },
    fakeHost({
      files: {
        "/env/bin/python": "",
        "/env/pyvenv.cfg": "home = /opt/py/bin",
        "/opt/py/bin/python3": "",
        [LIBRARY]: "",
      },
      answers: { "/env/bin/python": { executable: "/env/bin/python" } },
    }),
  );
  assert.equal(python.prefix, "/env");
  assert.equal(python.basePrefix, "/opt/py");
  assert.equal(python.virtualEnvironment, true);
});

Deno.test("discoverPython() never passes over a Python that was asked for", async () => {
  const usable: FakeSystem = {
    env: { PATH: "/opt/py/bin" },
    files: { "/opt/py/bin/python3": "", [LIBRARY]: "" },
    answers: { "/opt/py/bin/python3": {} },
  };
  assert.match(
    (await failure({ python: "/nope" }, usable)).message,
    /^The Python of --python "\/nope" can't be used: there is no such file or folder$/,
  );
  const active = { ...usable, env: { ...usable.env, VIRTUAL_ENV: "/gone" } };
  const error = await failure({}, active);
  assert.match(error.message, /VIRTUAL_ENV\) "\/gone" can't be used: there is no such folder/);
  assert.match(error.message, /--python PATH/);
  assert.deepEqual(error.candidates.map(({ origin, verdict }) => [origin, verdict]), [
    ["VIRTUAL_ENV", "absent"],
  ]);
});

Deno.test("discoverPython() passes over what does not answer on PATH", async () => {
  const system: FakeSystem = {
    env: { PATH: "/shims:/broken:/opt/py/bin" },
    files: {
      "/shims/python3": "",
      "/broken/python3": "",
      "/opt/py/bin/python3": "",
      [LIBRARY]: "",
    },
    answers: {
      "/shims/python3": { code: 127, stdout: "", stderr: "pyenv: python3: command not found\n" },
      "/broken/python3": new Error("exec format error"),
      "/opt/py/bin/python3": {},
    },
  };
  const { python, candidates } = await discoverPython({}, fakeHost(system));
  assert.equal(python.executable, "/opt/py/bin/python3");
  assert.deepEqual(candidates.map(({ verdict }) => verdict), [
    "not usable",
    "not usable",
    "chosen",
  ]);
  assert.match(candidates[0]?.reason ?? "", /exit status 127, "pyenv: python3: command not found"/);
  assert.match(candidates[1]?.reason ?? "", /exec format error/);
});

Deno.test("discoverPython() lets the first Python on PATH decide, usable or not", async () => {
  const error = await failure({}, {
    env: { PATH: "/old:/opt/py/bin" },
    files: { "/old/python3": "", "/opt/py/bin/python3": "", [LIBRARY]: "" },
    answers: { "/old/python3": { version: "3.7.3" }, "/opt/py/bin/python3": {} },
  });
  assert.match(error.message, /"\/old\/python3" can't be used: it is Python 3\.7\.3/);
});

Deno.test("discoverPython() says how to get a shared library", async () => {
  const error = await failure({ python: "/opt/py/bin/python3" }, {
    files: { "/opt/py/bin/python3": "" },
    answers: { "/opt/py/bin/python3": { shared: "0", LDLIBRARY: "libpython3.12.a" } },
  });
  assert.match(error.message, /no shared library \(built without --enable-shared\)/);
  assert.match(error.message, /Looked for \/opt\/py\/lib\/libpython3\.12\.so\.1\.0/);
  assert.match(error.message, /uv python install 3\.12/);
});

Deno.test("discoverPython() takes the library it was given", async () => {
  const library = "/opt/py/lib/libpython3.12.so";
  const { python } = await discoverPython(
    { python: library },
    fakeHost({
      files: { [library]: "", [LIBRARY]: "", "/opt/py/bin/python3.12": "" },
      answers: { "/opt/py/bin/python3.12": {} },
    }),
  );
  assert.equal(python.library, library);
});

Deno.test("discoverPython() refuses a virtual environment on Windows before Python 3.11", async () => {
  const windows = (version: string): FakeSystem => ({
    os: "windows",
    files: {
      "C:\\env\\Scripts\\python.exe": "",
      "C:\\env\\pyvenv.cfg": "home = C:\\Py\r\n",
      "C:\\Py\\python.dll": "",
    },
    answers: {
      "C:\\env\\Scripts\\python.exe": {
        version,
        executable: "C:\\env\\Scripts\\python.exe",
        baseExecutable: "C:\\Py\\python.exe",
        basePrefix: "C:\\Py",
        dll: "C:\\Py\\python.dll",
      },
    },
  });
  const error = await failure({ python: "C:\\env" }, windows("3.10.11"));
  assert.match(error.message, /Python 3\.11 or newer/);
  const { python } = await discoverPython({ python: "C:\\env" }, fakeHost(windows("3.11.0")));
  assert.equal(python.prefix, "C:\\env");
});

Deno.test("discoverPython() without any Python says where it looked", async () => {
  const error = await failure({ applicationFolder: "/app" }, { env: { PATH: "/usr/bin" } });
  assert.match(error.message, /^No Python was found\. Looked at \.venv "\/app\/\.venv".*PATH/);
  assert.match(error.message, /--python PATH$/);
});

Deno.test("surveyPythons() looks at every candidate and gives failure as a value", async () => {
  const survey = await surveyPythons(
    { python: "/nope", applicationFolder: "/app" },
    fakeHost({
      env: { PATH: "/opt/py/bin" },
      files: { "/opt/py/bin/python3": "", [LIBRARY]: "" },
      answers: { "/opt/py/bin/python3": {} },
    }),
  );
  assert.equal(survey.python, undefined);
  assert.match(survey.error?.message ?? "", /--python "\/nope"/);
  assert.deepEqual(survey.candidates.map(({ origin, verdict }) => [origin, verdict]), [
    ["--python", "absent"],
    [".venv", "absent"],
    ["PATH", "passed over"],
  ]);
});

for (const { minor, executable } of testPythons()) {
  Deno.test(`discoverPython() finds the library of Python ${minor}`, async () => {
    const { python } = await discoverPython({ python: executable });
    assert.ok(python.version.startsWith(`${minor}.`));
    assert.ok((await Deno.stat(python.library)).isFile);
    const again = await discoverPython({ python: python.library });
    assert.equal(again.python.version, python.version);
  });
}

Deno.test({
  name: "discoverPython() reports an interpreter that is really static",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const answer = probeText({
        shared: "0",
        LDLIBRARY: "libpython3.12.a",
        INSTSONAME: "libpython3.12.a",
        executable: join(folder, "bin", "python3"),
        baseExecutable: join(folder, "bin", "python3"),
        basePrefix: folder,
        LIBDIR: join(folder, "lib"),
      });
      const fake = join(folder, "python3");
      const octal = answer.replaceAll("\\", "\\\\").replaceAll("\0", "\\000").replaceAll("%", "%%");
      await Deno.writeTextFile(fake, `#!/bin/sh\nprintf '${octal}'\n`, { mode: 0o755 });
      const error = await failure({ python: fake });
      assert.match(error.message, /no shared library/);
      assert.equal(error.candidates[0]?.version, "3.12.1");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "discoverPython() resolves a shim to the interpreter behind it",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const { executable } = newestPython();
      const shim = join(folder, "python3");
      await Deno.writeTextFile(shim, `#!/bin/sh\nexec "${executable}" "$@"\n`, { mode: 0o755 });
      const { python } = await discoverPython({ python: shim });
      assert.equal(python.executable, executable);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
