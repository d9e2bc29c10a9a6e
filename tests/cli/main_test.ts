/** The real command: what it prints and how it ends. */

import assert from "node:assert/strict";
import { APPS, run } from "../blackbox/command.ts";

/** Runs the command, and checks exit status and what it says on stderr. */
async function ends(words: string[], status: number, stderr: RegExp): Promise<string> {
  const result = await run(words);
  assert.match(result.stderr, stderr);
  assert.equal(result.status, status, result.stderr);
  return result.stdout;
}

Deno.test("no command: the help on stderr, and exit status 2", async () => {
  assert.equal(await ends([], 2, /^Usage: wsgi-express COMMAND/m), "");
});

Deno.test("--help, -h and help: the help on stdout, and exit status 0", async () => {
  for (const word of ["--help", "-h", "help"]) {
    assert.match(await ends([word], 0, /^$/), /^Usage: wsgi-express COMMAND/m);
  }
});

Deno.test("an unknown command: exit status 2 and the nearest name", async () => {
  await ends(
    ["start-sever"],
    2,
    /^wsgi-express: error: Invalid command 'start-sever' \(did you mean start-server\?\)/,
  );
  await ends(["constructor"], 2, /Invalid command 'constructor'/);
});

Deno.test("--version prints the version", async () => {
  const text = await ends(["--version"], 0, /^$/);
  assert.match(text, /^wsgi-express \d+\.\d+\.\d+\S*\nDeno \S+\nV8 \S+\nCommit \S+\nTarget \S+/);
});

Deno.test("each command has help", async () => {
  const commands = ["start-server", "setup-server", "doctor", "module-config", "module-location"];
  for (const name of [...commands, "install-module", "completions"]) {
    assert.match(await ends([name, "--help"], 0, /^$/), new RegExp(`^Usage: wsgi-express ${name}`));
  }
  assert.match(await ends(["help", "doctor"], 0, /^$/), /^Usage: wsgi-express doctor/);
  assert.match(await ends(["service", "stop", "--help"], 0, /^$/), /^Usage: wsgi-express service/);
});

Deno.test("start-server: --isatty is no option any more", async () => {
  await ends(
    ["start-server", "--isatty", "app.wsgi"],
    2,
    /^wsgi-express: error: no such option: --isatty/,
  );
});

Deno.test("start-server: a bad value and an ambiguous prefix end with exit status 2", async () => {
  await ends(
    ["start-server", "a.wsgi", "--threads", "x"],
    2,
    /error: option --threads: invalid integer value: 'x'/,
  );
  await ends(
    ["start-server", "a.wsgi", "--process", "2"],
    2,
    /error: ambiguous option: --process \(/,
  );
  await ends(["start-server", "a.wsgi", "b.wsgi"], 2, /'b.wsgi' follows 'a.wsgi'/);
  await ends(["start-server"], 2, /error: no application to serve/);
});

Deno.test("start-server: what can't be carried out ends with exit status 3", async () => {
  await ends(
    ["start-server", "a.wsgi", "--https-only"],
    3,
    /error: --https-only is not carried out/,
  );
  await ends(
    ["start-server", "/nowhere/a.wsgi"],
    3,
    /error: the script '.*a\.wsgi' does not exist/,
  );
  await ends(
    ["start-server", "--application-type", "static", "."],
    3,
    /error: --application-type static/,
  );
  await ends(
    ["start-server", "a.wsgi", "--embedded-mode", "--server-mpm", "event", "--threads", "2"],
    3,
    /error: .*three threads/,
  );
});

Deno.test("start-server: words go through environment variables", async () => {
  const { status, stderr } = await run(["start-server", "${FOLDER}/a.wsgi"], {
    env: { FOLDER: "/nowhere-at-all" },
  });
  assert.equal(status, 3);
  assert.match(stderr, /'\/nowhere-at-all\/a\.wsgi'/);
});

Deno.test("setup-server and install-module say why they don't do it", async () => {
  await ends(
    ["setup-server", "a.wsgi"],
    3,
    /error: setup-server is not carried out in this version/,
  );
  await ends(["setup-server", "--nonsense"], 2, /error: no such option/);
  assert.match(await ends(["setup-server", "--help"], 0, /^$/), /; refused in this version\.$/m);
  await ends(
    ["install-module", "--modules-directory", "/x"],
    1,
    /error: install-module: there is no Apache module/,
  );
});

Deno.test("module-config and module-location take no arguments", async () => {
  await ends(["module-config", "x"], 2, /module-config takes no arguments/);
  await ends(["module-location", "--x"], 2, /module-location takes no arguments/);
});

Deno.test("module-config and module-location name the library that doctor names", async () => {
  const doctor = await ends(["doctor"], 0, /^$/);
  const library = /^ {2}Library {5}: (.*)$/m.exec(doctor)?.[1];
  assert.ok(library);
  assert.equal(await ends(["module-location"], 0, /^$/), `${library}\n`);
  const config = await ends(["module-config"], 0, /^$/);
  assert.equal(config.split("\n")[0], `PythonLibrary "${library}"`);
  assert.match(config, /^WSGIPythonHome ".+"$/m);
});

Deno.test("doctor ends as a start would: 4 without a usable Python, 3 with a wrong configuration", async () => {
  const noPython = await ends(["doctor", "--python", "/nowhere-at-all"], 4, /^$/);
  assert.match(noPython, /No Python can be used:\n.*\/nowhere-at-all/);
  const noScript = await ends(["doctor", "/nowhere/a.wsgi"], 3, /^$/);
  assert.match(noScript, /Problems:\n {2}the script/);
  const format = ["--access-log", "--access-log-format", "%h %Q"];
  const noFormat = await ends(["doctor", `${APPS}/hello.wsgi`, ...format], 3, /^$/);
  assert.match(noFormat, /Problems:\n {2}--access-log-format "%h %Q": the directive "%Q" is not/);
  const both = ["doctor", "/nowhere/a.wsgi", "--python", "/nowhere-at-all"];
  assert.match(await ends(both, 3, /^$/), /No Python can be used:[^]*Problems:\n {2}the script/);
});

Deno.test("completions needs the name of a shell it knows", async () => {
  await ends(
    ["completions", "tcsh"],
    2,
    /completions needs the name of one shell: bash, zsh, fish/,
  );
  assert.match(await ends(["completions", "fish"], 0, /^$/), /complete -c wsgi-express/);
});
