/** `install.sh` with releases that are made up: what it installs, and what it refuses. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Folder } from "../blackbox/folder.ts";

const SCRIPT = fileURLToPath(new URL("../../install.sh", import.meta.url));
const POSIX = Deno.build.os !== "windows";
const SYSTEM = Deno.build.os === "darwin" ? "apple-darwin" : "unknown-linux-gnu";
const NAME = `wsgi-express-${Deno.build.arch}-${SYSTEM}`;

const binary = (version: string) => `#!/bin/sh\necho "wsgi-express ${version}"\n`;
const sumOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** Releases as a web server has them: path below the releases, and text. */
function release(path: string, text: string, sums = `${sumOf(text)}  ${NAME}\n`) {
  return { [`/${path}/${NAME}`]: text, [`/${path}/SHA256SUMS`]: sums };
}

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the script with `HOME` in the folder, and nothing of the environment that concerns it. */
async function install(
  folder: Folder,
  args: string[],
  env: Record<string, string> = {},
): Promise<Result> {
  Deno.mkdirSync(folder.file("tmp"), { recursive: true });
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: [SCRIPT, ...args],
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: folder.file("a home"),
      TMPDIR: folder.file("tmp"),
      ...env,
    },
    stdin: "null",
  }).output();
  assert.deepEqual([...Deno.readDirSync(folder.file("tmp"))], [], "temporary files are left");
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A test with a web server that has these files. */
function testWith(
  name: string,
  files: Record<string, string>,
  test: (url: string, folder: Folder) => Promise<void>,
): void {
  Deno.test({
    name: `install.sh: ${name}`,
    ignore: !POSIX,
    async fn() {
      using folder = new Folder();
      const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
      const server = Deno.serve(options, (request) => {
        const text = files[new URL(request.url).pathname];
        return text === undefined ? new Response("none", { status: 404 }) : new Response(text);
      });
      try {
        await test(`http://127.0.0.1:${server.addr.port}`, folder);
      } finally {
        await server.shutdown();
      }
    },
  });
}

async function says(program: string): Promise<string> {
  const { stdout } = await new Deno.Command(program).output();
  return new TextDecoder().decode(stdout).trim();
}

const INSTALLED = "a home/.local/bin/wsgi-express";

testWith(
  "the latest release goes to ~/.local/bin, and what is to be done for PATH is said",
  release("latest/download", binary("the latest")),
  async (url, folder) => {
    const { code, stdout } = await install(folder, ["--from", url]);
    assert.equal(code, 0);
    assert.equal(await says(folder.file(INSTALLED)), "wsgi-express the latest");
    assert.match(stdout, /^Installed .*\/a home\/\.local\/bin\/wsgi-express\n.* is not on PATH/);
  },
);

testWith(
  "a version of one's own choice replaces the one that is there",
  {
    ...release("download/v4.8.0", binary("4.8.0")),
    ...release("download/v4.8.1", binary("4.8.1")),
  },
  async (url, folder) => {
    const to = folder.file("programs");
    const env = { WSGI_EXPRESS_RELEASES: url };
    for (const version of ["v4.8.0", "4.8.1"]) {
      const { code } = await install(folder, ["--version", version, "--to", to], env);
      assert.equal(code, 0);
      assert.equal(await says(`${to}/wsgi-express`), `wsgi-express ${version.replace("v", "")}`);
    }
    assert.deepEqual([...Deno.readDirSync(to)].map(({ name }) => name), ["wsgi-express"]);
  },
);

testWith(
  "a sum written in binary mode counts too",
  release("latest/download", binary("it"), `${sumOf(binary("it"))} *${NAME}\n`),
  async (url, folder) => {
    assert.equal((await install(folder, ["--from", url])).code, 0);
  },
);

const REFUSED: [name: string, files: Record<string, string>, reason: RegExp][] = [
  [
    "a wrong checksum",
    release("latest/download", binary("it"), `${"0".repeat(64)}  ${NAME}\n`),
    /checksum of wsgi-express-\S+ is [0-9a-f]{64} and should be 0{64}: nothing was installed/,
  ],
  [
    "no checksum of this file",
    release("latest/download", binary("it"), `${sumOf(binary("it"))}  ${NAME}.old\n`),
    /SHA256SUMS has no line for wsgi-express-/,
  ],
  [
    "no checksums at all",
    { [`/latest/download/${NAME}`]: binary("it") },
    /can't get http:.*\/latest\/download\/SHA256SUMS/,
  ],
  [
    "a file that does not run",
    release("latest/download", "#!/bin/sh\necho deno 2.9.6\n"),
    /wsgi-express-\S+ does not run here: nothing was installed/,
  ],
  ["no binary", {}, /can't get http:.*\/latest\/download\/wsgi-express-/],
];

for (const [name, files, reason] of REFUSED) {
  testWith(`${name} ends with status 1, and leaves what was there`, files, async (url, folder) => {
    Deno.mkdirSync(folder.file("a home/.local/bin"), { recursive: true });
    folder.write(INSTALLED, "what was there");
    const { code, stdout, stderr } = await install(folder, ["--from", url]);
    assert.equal(code, 1);
    assert.match(stderr, reason);
    assert.equal(stdout, "");
    assert.equal(folder.read(INSTALLED), "what was there");
    assert.equal([...Deno.readDirSync(folder.file("a home/.local/bin"))].length, 1);
  });
}

testWith("a folder with the files does as well", {}, async (_url, folder) => {
  folder.write(NAME, binary("from a folder"));
  folder.write("SHA256SUMS", `${sumOf(binary("from a folder"))}  ${NAME}\n`);
  assert.equal((await install(folder, ["--from", folder.path])).code, 0);
  assert.equal(await says(folder.file(INSTALLED)), "wsgi-express from a folder");
});

testWith("the releases of another repository are asked for by its name", {}, async (_, folder) => {
  // No program that could fetch anything: what would have been fetched is in the error.
  const programs = ["sh", "uname", "mktemp", "rm"];
  Deno.mkdirSync(folder.file("bin"));
  for (const program of programs) {
    const path = ["/bin", "/usr/bin"].map((bin) => `${bin}/${program}`).find(existsSync);
    Deno.symlinkSync(path!, folder.file(`bin/${program}`));
  }
  folder.write("bin/curl", '#!/bin/sh\necho "asked: $*" >&2\nexit 22\n');
  Deno.chmodSync(folder.file("bin/curl"), 0o755);
  const env = { PATH: folder.file("bin"), WSGI_EXPRESS_REPOSITORY: "somebody/elsewhere" };
  const { code, stderr } = await install(folder, [], env);
  assert.equal(code, 1);
  assert.match(stderr, /asked: .*\/somebody\/elsewhere\/releases\/latest\/download\/wsgi-express-/);
});

testWith("wrong options are told", {}, async (_url, folder) => {
  const unknown = await install(folder, ["--form", "x"]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /unknown option --form; options: --version/);
  const without = await install(folder, ["--version"]);
  assert.notEqual(without.code, 0);
  assert.match(without.stderr, /--version needs a version/);
});
