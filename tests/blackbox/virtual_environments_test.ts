/**
 * Virtual environments (PEP 405) on POSIX, as eight cases on each CPython. What an environment must look like to the
 * application is what its own interpreter says of itself. The same cases on Windows: `tests/windows/environment_test.ts`.
 */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { newestPython, type TestPython } from "../pythons.ts";
import { venvOf } from "../venvs.ts";
import { APPS, Folder, forEachPython, run, startServer } from "./harness.ts";

const FACTS = `${APPS}/facts.wsgi`;

/** What `facts.wsgi` tells. */
interface Facts {
  readonly prefix: string;
  readonly base_prefix: string;
  readonly executable: string;
  readonly base_executable: string;
  readonly path: string[];
  readonly from_environment: number | null;
}

/** The same, asked of an interpreter. */
const OWN_FACTS = `import json, sys
print(json.dumps({"prefix": sys.prefix, "base_prefix": sys.base_prefix, "executable": sys.executable,
                  "base_executable": sys._base_executable}))`;

async function python(executable: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(executable, { args, stdin: "null" })
    .output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

/** Makes an environment without packages, and gives its folder. */
async function makeEnvironment(
  base: string,
  folder: string,
  ...options: string[]
): Promise<string> {
  await python(base, "-m", "venv", "--without-pip", ...options, folder);
  return folder;
}

/** The same as virtualenv makes it. */
async function makeVirtualenv(base: string, folder: string, cache: string): Promise<string> {
  const tools = await venvOf(newestPython(), ["virtualenv==20.29.3"]);
  await python(
    tools.executable,
    ...["-m", "virtualenv", "--quiet", "--no-seed", "--no-download", "--app-data", cache],
    ...["--python", base, folder],
  );
  return folder;
}

async function factsOf(environment: string): Promise<Facts> {
  // What a launcher of Python on macOS or Windows leaves to its children; it must not count.
  const env = { __PYVENV_LAUNCHER__: "/usr/bin/python3" };
  await using server = await startServer({ app: FACTS, python: environment, env });
  return (await server.request("/facts")).json;
}

/** An environment looks to an application as to its own interpreter. */
async function looksAsToItsInterpreter(environment: string, base: TestPython): Promise<void> {
  const own: Facts = JSON.parse(await python(`${environment}/bin/python`, "-c", OWN_FACTS));
  const { prefix, base_prefix, executable, base_executable } = await factsOf(environment);
  assert.deepEqual({ prefix, base_prefix, executable, base_executable }, own);
  assert.equal(prefix, environment);
  assert.equal(base_prefix, await python(base.executable, "-c", "import sys; print(sys.prefix)"));
  assert.equal(executable, `${environment}/bin/python`);
}

forEachPython("virtual environments 1: one of python -m venv is sys.prefix", async (base) => {
  using folder = new Folder();
  await looksAsToItsInterpreter(
    await makeEnvironment(base.executable, folder.file("env")),
    base,
  );
});

forEachPython("virtual environments 2: one of virtualenv is sys.prefix", async (base) => {
  using folder = new Folder();
  const environment = folder.file("env");
  await makeVirtualenv(base.executable, environment, folder.file("cache"));
  await looksAsToItsInterpreter(environment, base);
});

forEachPython(
  "virtual environments 3: sys._base_executable is the real Python, and children are the environment's",
  async (base) => {
    using folder = new Folder();
    const environment = await makeEnvironment(base.executable, folder.file("env"));
    await using server = await startServer({ app: FACTS, python: environment });
    const facts: Facts = (await server.request("/facts")).json;
    // Before 3.11 CPython has no other name for it than the environment's on POSIX.
    if (Number(base.minor.split(".")[1]) >= 11) {
      assert.equal(dirname(facts.base_executable), dirname(base.executable));
    } else {
      assert.equal(facts.base_executable, `${environment}/bin/python`);
    }
    const { text } = await server.request("/multiprocessing", { deadline: 30_000 });
    assert.equal(text, "[3.0, 4.0]");
    const child = (await server.request("/child", { deadline: 30_000 })).json;
    assert.deepEqual(child, [environment, `${environment}/bin/python`]);
  },
);

forEachPython("virtual environments 4: its .pth files are honoured", async (base) => {
  using folder = new Folder();
  const environment = await makeEnvironment(base.executable, folder.file("env"));
  Deno.mkdirSync(folder.file("elsewhere"));
  folder.write("elsewhere/only_in_environment.py", "VALUE = 5\n");
  folder.write(
    `env/lib/python${base.minor}/site-packages/elsewhere.pth`,
    `${folder.file("elsewhere")}\n`,
  );
  assert.equal((await factsOf(environment)).from_environment, 5);
});

forEachPython(
  "virtual environments 5: packages of the installation are seen where that was asked for",
  async (base) => {
    using folder = new Folder();
    const ask = `import json, os, pkgutil, site
folders = [folder for folder in site.getsitepackages() if os.path.isdir(folder)]
print(json.dumps([folders, [module.name for module in pkgutil.iter_modules(folders)]]))`;
    const [folders, modules]: [string[], string[]] = JSON.parse(
      await python(base.executable, "-I", "-c", ask),
    );
    assert.notEqual(folders.length, 0);
    for (const seen of [false, true]) {
      const name = `env-${seen}`;
      const environment = await makeEnvironment(
        base.executable,
        folder.file(name),
        ...(seen ? ["--system-site-packages"] : []),
      );
      await using server = await startServer({ app: FACTS, python: environment });
      const { path }: Facts = (await server.request("/facts")).json;
      assert.deepEqual(folders.map((folder) => path.includes(folder)), folders.map(() => seen));
      if (modules.length === 0) continue;
      const { text } = await server.request(`/find?module=${modules[0]}`);
      assert.equal(text !== "none", seen, `${modules[0]}: ${text}`);
    }
  },
);

forEachPython(
  "virtual environments 6: one whose Python is gone ends the start with one line and status 4",
  async (base) => {
    using folder = new Folder();
    const prefix = await python(base.executable, "-c", "import sys; print(sys.prefix)");
    const name = base.executable.slice(base.executable.lastIndexOf("/"));
    for (const kind of ["links", "copies"]) {
      const installation = folder.file("installation");
      Deno.symlinkSync(prefix, installation);
      const environment = await makeEnvironment(
        `${installation}/bin${name}`,
        folder.file(kind),
        ...(kind === "copies" ? ["--copies"] : []),
      );
      Deno.removeSync(installation);
      const beside = folder.file(`beside-${kind}`);
      Deno.mkdirSync(beside);
      Deno.symlinkSync(environment, `${beside}/.venv`);
      Deno.copyFileSync(FACTS, `${beside}/facts.wsgi`);
      const ways: [args: string[], env: Record<string, string>][] = [
        [[FACTS, "--python", environment], {}],
        [[FACTS, "--python", `${environment}/bin/python`], {}],
        [[FACTS], { VIRTUAL_ENV: environment }],
        [[`${beside}/facts.wsgi`], {}],
      ];
      for (const [args, env] of ways) {
        const { status, stderr } = await run(
          ["start-server", ...args, "--port", "0", "--log-to-terminal", "--log-level", "warn"],
          { env },
        );
        const what = `${kind}, ${args.slice(1)}: ${stderr}`;
        assert.equal(status, 4, what);
        const lines = stderr.trim().split("\n").filter((line) => !/: started by root/.test(line));
        assert.equal(lines.length, 1, what);
        assert.match(lines[0]!, /^wsgi-express: error: .*made from is gone/, what);
        assert.ok(lines[0]!.includes(`home = ${installation}/bin`), what);
      }
    }
  },
);

forEachPython(
  "virtual environments 7: named by --python, by VIRTUAL_ENV, or .venv beside the application",
  async (base) => {
    using folder = new Folder();
    const environment = await makeEnvironment(base.executable, folder.file(".venv"));
    const script = folder.write("facts.wsgi", Deno.readTextFileSync(FACTS));
    const ways: [python: string | null, env: Record<string, string>][] = [
      [environment, {}],
      [`${environment}/bin/python`, {}],
      [null, { VIRTUAL_ENV: environment }],
      [null, {}],
    ];
    for (const [python, env] of ways) {
      await using server = await startServer({ app: script, python, env });
      const { prefix }: Facts = (await server.request("/facts")).json;
      assert.equal(prefix, environment, `${python} ${JSON.stringify(env)}`);
    }
    // A library belongs to an installation; an environment has none of its own.
    const { stdout } = await run(["doctor", "--python", base.executable]);
    const library = /^ {2}Library {5}: (.*)$/m.exec(stdout)?.[1];
    assert.ok(library, stdout);
    const { prefix } = await factsOf(library);
    assert.equal(prefix, await python(base.executable, "-c", "import sys; print(sys.prefix)"));
  },
);

forEachPython(
  "virtual environments 8: paths with spaces and letters of any script",
  async (base) => {
    using folder = new Folder();
    const environment = folder.file("über uns/环境 é");
    Deno.mkdirSync(dirname(environment));
    await looksAsToItsInterpreter(await makeEnvironment(base.executable, environment), base);
    const script = folder.write("über uns/facts.wsgi", Deno.readTextFileSync(FACTS));
    folder.write("über uns/.venv", "");
    await using server = await startServer({ app: script, python: `${environment}/bin/python` });
    assert.equal((await server.request("/facts")).json.prefix, environment);
    assert.equal(
      (await server.request("/multiprocessing", { deadline: 30_000 })).text,
      "[3.0, 4.0]",
    );
  },
);
