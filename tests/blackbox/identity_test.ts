/** Users, groups, names and the files that belong to them. Most of it needs root. */

import assert from "node:assert/strict";
import { hasMapped } from "./processes.ts";
import { Folder, run, startServer, until } from "./harness.ts";
import { newestPython, testPythons } from "../pythons.ts";

const byRoot = Deno.uid() === 0;
const NOBODY = byRoot ? accountNumbers("nobody") : { uid: 0, gid: 0, group: "" };

/** The newest Python that `nobody` can start: those in a home folder can't be reached by others. */
function publicPython(): string | undefined {
  if (!byRoot) return undefined;
  const found = [
    ...testPythons().map(({ executable }) => executable).reverse(),
    "/usr/bin/python3",
  ];
  return found.find((executable) => {
    try {
      const { uid, gid } = NOBODY;
      return new Deno.Command(executable, {
        args: ["-c", "import os; assert os.getuid()"],
        cwd: "/",
        uid,
        gid,
        stdout: "null",
        stderr: "null",
      }).outputSync().success;
    } catch {
      return false;
    }
  });
}

function accountNumbers(name: string): { uid: number; gid: number; group: string } {
  const id = (...args: string[]) => {
    const { stdout } = new Deno.Command("id", { args: [...args, name] }).outputSync();
    return new TextDecoder().decode(stdout).trim();
  };
  return { uid: Number(id("-u")), gid: Number(id("-g")), group: id("-gn") };
}

const python = publicPython();

/** A test that needs root and a Python for everybody. */
function rootTest(name: string, test: (python: string) => Promise<void>): void {
  Deno.test({ name, ignore: python === undefined, fn: () => test(python!) });
}

/** A folder that the account `nobody` can write to. */
function openFolder(): Folder {
  const folder = new Folder();
  Deno.chmodSync(folder.path, 0o777);
  return folder;
}

for (const mode of [[], ["--embedded-mode"]]) {
  rootTest(
    `as root with --user: all Python code runs as that user, and the server loads none [${
      mode[0] ?? "daemon"
    }]`,
    async (python) => {
      using folder = openFolder();
      folder.write("sitecustomize.py", "import os, sys\nsys.uid_of_sitecustomize = os.getuid()\n");
      folder.write("zz.pth", "import os, sys; sys.uid_of_pth = os.getuid()\n");
      await using server = await startServer({
        app: "recycling.wsgi",
        python,
        args: [...mode, "--user", "nobody", "--python-path", folder.path, "--processes", "2"],
        env: { ...folder.env, PYTHONPATH: folder.path },
      });
      const { uid, gid } = NOBODY;
      const found = (await server.request("/identity")).json;
      assert.deepEqual(found.uids, { application: uid, sitecustomize: uid, pth: uid });
      assert.deepEqual(found.ids, [uid, uid, gid, gid]);
      assert.deepEqual(found.groups, [gid]);
      const { HOME, USER, USERNAME, LOGNAME } = found.environment;
      assert.deepEqual([USER, USERNAME, LOGNAME], ["nobody", "nobody", "nobody"]);
      assert.notEqual(HOME, Deno.env.get("HOME"));
      for (const pid of server.applicationPids()) {
        assert.match(
          Deno.readTextFileSync(`/proc/${pid}/status`),
          new RegExp(`^Uid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, "m"),
        );
        assert.ok(hasMapped(pid, /libpython/));
      }
      assert.ok(!hasMapped(server.pid, /libpython/));
      assert.match(Deno.readTextFileSync(`/proc/${server.pid}/status`), /^Uid:\t0\t0/m);
    },
  );
}

rootTest(
  "--user and --group take numbers, and --group wins over the user's own",
  async (python) => {
    await using server = await startServer({
      app: "recycling.wsgi",
      python,
      args: ["--user", String(NOBODY.uid), "--group", "4242"],
    });
    const found = (await server.request("/identity")).json;
    assert.deepEqual(found.ids, [NOBODY.uid, NOBODY.uid, 4242, 4242]);
    assert.ok(found.groups.includes(4242) && !found.groups.includes(0), String(found.groups));
  },
);

rootTest("with --user, a replaced process and a log folder of root work too", async (python) => {
  using folder = openFolder();
  const logs = folder.file("logs");
  Deno.mkdirSync(logs, { mode: 0o700 });
  await using server = await startServer({
    app: "recycling.wsgi",
    python,
    logToTerminal: false,
    args: ["--user", "nobody", "--log-directory", logs],
    env: folder.env,
  });
  const before = server.applicationPids();
  assert.equal((await server.request("/say")).status, 200);
  assert.match(folder.read("logs/error_log"), /said by the application/);
  server.signal("SIGUSR1");
  await folder.waitForNotes("atexit");
  const after = (await server.request("/identity")).json;
  assert.equal(after.ids[0], NOBODY.uid);
  await until(() => !server.applicationPids().includes(before[0]!), "end of the old process");
});

rootTest("debug mode with --user writes to a log that is root's", async (python) => {
  using folder = openFolder();
  const logs = folder.file("logs");
  Deno.mkdirSync(logs, { mode: 0o700 });
  await using server = await startServer({
    app: "debugged.wsgi",
    python,
    logToTerminal: false,
    complaintsExpected: true,
    args: ["--debug-mode", "--user", "nobody", "--log-directory", logs],
  });
  assert.equal((await server.request("/failing")).status, 500);
  assert.match(folder.read("logs/error_log"), /ValueError: to be examined/);
  assert.equal(Deno.statSync(`${logs}/error_log`).uid, 0);
});

for (const threads of ["1", "2"]) {
  rootTest(
    `embedded with --user: no file of root is written where the application may write [${threads}]`,
    async (python) => {
      using folder = openFolder();
      const precious = folder.write("precious", "of root");
      Deno.chmodSync(precious, 0o600);
      using root = new Folder();
      Deno.chmodSync(root.path, 0o755);
      await using server = await startServer({
        app: "recycling.wsgi",
        python,
        args: [
          ...["--embedded-mode", "--threads", threads, "--user", "nobody", "--server-metrics"],
          ...["--server-root", root.path],
        ],
        env: folder.env,
      });
      const before = server.applicationPids();
      const sockets = [...Deno.readDirSync(root.path)].find(({ name }) =>
        name.startsWith("sockets-")
      )!;
      for (const name of ["scoreboard-2", "process-2"]) {
        Deno.symlinkSync(precious, `${root.path}/${sockets.name}/own/${name}`);
      }
      server.signal("SIGUSR1");
      await until(() => {
        const now = server.applicationPids();
        return now.length === 1 && !before.includes(now[0]!);
      }, "a new process");
      assert.equal((await server.request("/pid")).status, 200);
      assert.equal(folder.read("precious"), "of root");
      assert.equal(Deno.statSync(precious).uid, 0);
    },
  );
}
rootTest("with --user, a server root of that user works, the logs in it too", async (python) => {
  using folder = openFolder();
  const root = folder.file("root");
  Deno.mkdirSync(root);
  Deno.chownSync(root, NOBODY.uid, NOBODY.gid);
  await using server = await startServer({
    app: "recycling.wsgi",
    python,
    logToTerminal: false,
    args: ["--user", "nobody", "--server-root", root],
    env: folder.env,
  });
  assert.equal((await server.request("/say")).status, 200);
  assert.match(folder.read("root/error_log"), /said by the application/);
  assert.equal(folder.read("root/httpd.pid"), `${server.pid}\n`);
});

Deno.test({
  name: "an unknown user or group ends the start with status 3",
  ignore: !byRoot,
  async fn() {
    for (const [option, what] of [["--user", "user"], ["--group", "group"]] as const) {
      const { status, stderr } = await run([
        ...["start-server", "tests/apps/hello.wsgi", "--host", "127.0.0.1", "--port", "0"],
        ...["--python", newestPython().executable, option, "no-such-name"],
      ]);
      assert.equal(status, 3, stderr);
      assert.match(stderr, new RegExp(`${option} "no-such-name": there is no such ${what}`));
    }
  },
});

Deno.test("the file with the plan can be read by its owner alone", async () => {
  using folder = new Folder();
  const root = folder.file("root");
  Deno.mkdirSync(root);
  // One that an older start has left.
  Deno.writeTextFileSync(`${root}/wsgi-express.json`, "x".repeat(100_000), { mode: 0o644 });
  await using _server = await startServer({
    app: "hello.wsgi",
    args: ["--server-root", root, "--setenv", "PASSWORD", "secret"],
  });
  const file = `${root}/wsgi-express.json`;
  assert.equal(Deno.statSync(file).mode! & 0o777, 0o600);
  assert.equal(JSON.parse(Deno.readTextFileSync(file)).environ.PASSWORD, "secret");
});

Deno.test("--process-name names the server process", async () => {
  await using server = await startServer({
    app: "hello.wsgi",
    args: ["--process-name", "shop-server-of-production"],
  });
  assert.equal(Deno.readTextFileSync(`/proc/${server.pid}/comm`), "shop-server-of-\n".slice(0, 16));
  assert.match(
    Deno.readTextFileSync(`/proc/${server.pid}/cmdline`),
    /^shop-server-of-production\0+$/,
  );
  assert.equal((await server.request("/")).status, 200);
});
