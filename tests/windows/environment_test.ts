/** The virtual environments of Windows (bpo-22213), and where a Python is found. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { Folder, run, startServer } from "../blackbox/harness.ts";
import { benchTest, DRIVE, FACTS, fromC, onZ, pythonOf, VERSIONS } from "./bench.ts";

/** Facts that `tests/apps/facts.wsgi` tells. */
interface Facts {
  readonly prefix: string;
  readonly base_prefix: string;
  readonly executable: string;
  readonly base_executable: string;
  readonly version: string;
  readonly from_environment: number | null;
  readonly from_system: number | null;
}

/** How an environment is laid out. */
type Layout =
  /** `python -m venv`, uv: `Scripts\python.exe` is a launcher. */
  | "launcher"
  /** virtualenv: `Scripts\python.exe` is a copy of the interpreter, with its library. */
  | "copy";

/** Makes an environment in a folder, and gives its path as Windows sees it. */
function makeEnvironment(folder: Folder, version: string, layout: Layout, system = false): string {
  const tag = version.replace(".", "");
  const path = folder.file("an environment");
  Deno.mkdirSync(`${path}/Scripts`, { recursive: true });
  Deno.mkdirSync(`${path}/Lib/site-packages`, { recursive: true });
  Deno.writeTextFileSync(
    `${path}/pyvenv.cfg`,
    `home = ${
      pythonOf(version)
    }\r\ninclude-system-site-packages = ${system}\r\nversion = ${version}\r\n`,
  );
  if (layout === "launcher") {
    Deno.copyFileSync(`${DRIVE}/venvlauncher.exe`, `${path}/Scripts/python.exe`);
  } else {
    for (
      const name of ["python.exe", `python${tag}.dll`, "vcruntime140.dll", "vcruntime140_1.dll"]
    ) {
      Deno.copyFileSync(fromC(`${pythonOf(version)}\\${name}`), `${path}/Scripts/${name}`);
    }
  }
  return onZ(path);
}

async function factsOf(python: string): Promise<Facts> {
  await using server = await startServer({ app: FACTS, python });
  return (await server.request("/facts")).json;
}

function launcherTest(name: string, test: () => Promise<void>): void {
  if (DRIVE === undefined || existsSync(`${DRIVE}/venvlauncher.exe`)) benchTest(name, test);
  else console.error(`NOT TESTED: "${name}", the bench has no launcher (it is built by Go)`);
}

for (const version of VERSIONS) {
  for (const layout of ["launcher", "copy"] as const) {
    const define = layout === "launcher" ? launcherTest : benchTest;
    define(
      `sys.prefix is the environment and sys._base_executable the installation: ${layout} [${version}]`,
      async () => {
        using folder = new Folder();
        const environment = makeEnvironment(folder, version, layout);
        const facts = await factsOf(environment);
        assert.equal(facts.version, version);
        assert.equal(facts.prefix, environment);
        assert.equal(facts.base_prefix, pythonOf(version));
        assert.equal(facts.executable, `${environment}\\Scripts\\python.exe`);
        assert.equal(facts.base_executable, `${pythonOf(version)}\\python.exe`);
      },
    );
  }
}

benchTest("multiprocessing starts the environment's Python", async () => {
  using folder = new Folder();
  const python = makeEnvironment(folder, "3.14", "copy");
  await using server = await startServer({ app: FACTS, python });
  const { text } = await server.request("/multiprocessing", { deadline: 30_000 });
  assert.equal(text, "[3.0, 4.0]");
});

benchTest("packages of the environment are found, those of .pth files too", async () => {
  using folder = new Folder();
  const python = makeEnvironment(folder, "3.14", "copy");
  Deno.mkdirSync(folder.file("elsewhere"));
  folder.write("elsewhere/only_in_environment.py", "VALUE = 5\n");
  folder.write(
    "an environment/Lib/site-packages/elsewhere.pth",
    `${onZ(folder.file("elsewhere"))}\n`,
  );
  assert.equal((await factsOf(python)).from_environment, 5);
});

for (const system of [false, true]) {
  const what = system ? "seen where that was asked for" : "not seen";
  benchTest(`packages of the installation are ${what}`, async () => {
    using folder = new Folder();
    const packages = fromC(`${pythonOf("3.14")}\\Lib\\site-packages`);
    Deno.mkdirSync(packages, { recursive: true });
    Deno.writeTextFileSync(`${packages}/only_in_system.py`, "VALUE = 6\n");
    const python = makeEnvironment(folder, "3.14", "copy", system);
    assert.equal((await factsOf(python)).from_system, system ? 6 : null);
  });
}

benchTest(
  "an environment whose installation is gone ends with status 4 and one clear line",
  async () => {
    using folder = new Folder();
    const python = makeEnvironment(folder, "3.14", "copy");
    folder.write("an environment/pyvenv.cfg", "home = C:\\Python399\r\nversion = 3.99\r\n");
    const { status, stderr } = await run([
      "start-server",
      FACTS,
      "--port",
      "0",
      "--python",
      python,
    ]);
    assert.equal(status, 4);
    assert.match(stderr, /home = C:\\Python399/);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  },
);

benchTest("a Python is taken by its interpreter, its folder or its library", async () => {
  const folder = pythonOf("3.13");
  for (const python of [`${folder}\\python.exe`, folder, `${folder}\\python313.dll`]) {
    const facts = await factsOf(python);
    assert.equal(facts.version, "3.13", python);
    assert.equal(facts.prefix, folder);
    assert.equal(facts.executable, `${folder}\\python.exe`);
  }
});

benchTest("VIRTUAL_ENV and .venv beside the application are found", async () => {
  using folder = new Folder();
  const environment = makeEnvironment(folder, "3.12", "copy");
  await using named = await startServer({
    app: FACTS,
    python: null,
    env: { VIRTUAL_ENV: environment },
  });
  assert.equal((await named.request("/facts")).json.prefix, environment);
  Deno.renameSync(folder.file("an environment"), folder.file(".venv"));
  const script = folder.write("facts.wsgi", Deno.readTextFileSync(FACTS));
  await using beside = await startServer({ app: script, python: null });
  assert.equal((await beside.request("/facts")).json.prefix, onZ(folder.file(".venv")));
});

benchTest("a Python of the registry is found (PEP 514)", async () => {
  using folder = new Folder();
  const key = "HKCU\\Software\\Python\\PythonCore\\3.11\\InstallPath";
  const reg = async (...words: string[]) => {
    const wine = new URL("wine.sh", import.meta.url).pathname;
    const { success } = await new Deno.Command(wine, { args: ["reg", ...words], stdout: "null" })
      .output();
    assert.ok(success);
  };
  await reg("add", key, "/v", "ExecutablePath", "/d", `${pythonOf("3.11")}\\python.exe`, "/f");
  try {
    const script = folder.write("facts.wsgi", Deno.readTextFileSync(FACTS));
    await using server = await startServer({ app: script, python: null });
    assert.equal((await server.request("/facts")).json.prefix, pythonOf("3.11"));
  } finally {
    await reg("delete", "HKCU\\Software\\Python", "/f");
  }
});
