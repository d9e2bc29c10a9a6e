/** The npm package, installed beside a package `deno` that is made up: its starter is run by the Node.js of this machine. */
import assert from "node:assert/strict";
import { checkCtrlC } from "../blackbox/ctrl_c.ts";
import { Folder, run, startServer } from "../blackbox/harness.ts";
import { pack } from "../../tools/npm.ts";

/** Whether the program can be started here. */
function has(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

const ignore = Deno.build.os === "windows" || !["node", "npm", "tar"].every(has);
if (ignore) console.warn("NOT TESTED: the npm package, for want of Node.js, npm or tar");

/** Installs the package in the folder; returns the words that start its program. */
async function install(folder: Folder): Promise<string[]> {
  const archive = await pack(folder.file("staged"), folder.file("packed"));
  const modules = folder.file("an application/node_modules");
  Deno.mkdirSync(`${modules}/deno`, { recursive: true });
  const unpacked = await new Deno.Command("tar", { args: ["-xzf", archive, "-C", modules] })
    .output();
  assert.ok(unpacked.success);
  Deno.renameSync(`${modules}/package`, `${modules}/wsgi-express`);
  Deno.writeTextFileSync(
    `${modules}/deno/install_api.cjs`,
    `exports.runInstall = () => ${JSON.stringify(Deno.execPath())};\n`,
  );
  // Settings of another program, which must not count.
  folder.write("an application/deno.json", '{ "imports": 1 }');
  return ["node", `${modules}/wsgi-express/wsgi-express.mjs`];
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test({
    name: `the npm package serves, and hands ${signal} on`,
    ignore,
    async fn() {
      using folder = new Folder();
      const command = await install(folder);
      const cwd = folder.file("an application");
      await using server = await startServer({ app: "hello.wsgi", command, cwd });
      assert.equal((await server.request("/")).status, 200);
      server.signal(signal);
      assert.deepEqual(await server.waitForExit(), { code: 0, signal: null });
    },
  });
}

Deno.test({
  name: "the npm package on a terminal: one Ctrl-C lets the running request finish",
  ignore,
  async fn() {
    using folder = new Folder();
    const command = await install(folder);
    await checkCtrlC({ command });
  },
});

Deno.test({
  name: "the npm package passes on what the program says, and its status",
  ignore,
  async fn() {
    using folder = new Folder();
    const [program, ...words] = await install(folder);
    for (const args of [["--version"], ["start-server", "missing.wsgi"], ["nonsense"]]) {
      const output = await new Deno.Command(program!, {
        args: [...words, ...args],
        cwd: folder.path,
        env: { NO_COLOR: "1" },
      }).output();
      const direct = await run(args, { cwd: folder.path });
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      assert.deepEqual(
        { status: output.code, stdout: text(output.stdout), stderr: text(output.stderr) },
        direct,
      );
    }
  },
});
