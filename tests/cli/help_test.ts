import assert from "node:assert/strict";
import { commands } from "../../cli/commands.ts";
import { commandHelp, isShown, programHelp, serverCommandHelp, wrap } from "../../cli/help.ts";
import { optionEntries } from "../../core/options/table.ts";

const startServer = commands.find(({ name }) => name === "start-server")!;

/** The flags that a help text lists. */
function listedFlags(help: string): string[] {
  return [...help.matchAll(/^ {2}(?:-h, )?(--[a-z0-9-]+)/gm)].map(([, flag]) => flag!).sort();
}

for (const system of ["unix", "windows"] as const) {
  Deno.test(`help of start-server on ${system} lists exactly the options to be shown there`, () => {
    const shown = optionEntries.filter(([, option]) => isShown(option, system));
    const expected = ["--help", ...shown.map(([, { flag }]) => flag)].sort();
    assert.deepEqual(listedFlags(serverCommandHelp(startServer, system, 80)), expected);
  });
}

Deno.test("isShown() hides what is hidden, and on Windows what is for Unix", () => {
  const option = optionEntries[0]![1];
  assert.equal(isShown({ ...option, hidden: true }, "unix"), false);
  assert.equal(isShown({ ...option, platform: "unix" }, "unix"), true);
  assert.equal(isShown({ ...option, platform: "unix" }, "windows"), false);
  const shown = optionEntries.filter(([, option]) => isShown(option, "unix"));
  assert.equal(shown.some(([, { flag }]) => flag === "--with-php5"), false);
  assert.equal(shown.some(([, { flag }]) => flag === "--processes"), true);
});

Deno.test("help of start-server keeps to the width of the terminal", () => {
  for (const columns of [60, 80, 100]) {
    const lines = serverCommandHelp(startServer, "unix", columns).split("\n");
    const texts = lines.filter((line) => line.startsWith("      "));
    const tooLong = texts.filter((line) => line.length > columns && line.trim().includes(" "));
    assert.deepEqual(tooLong, []);
  }
});

Deno.test("help of start-server shows defaults, choices, and what has no effect yet", () => {
  const help = serverCommandHelp(startServer, "unix", 200);
  assert.match(help, /--threads NUMBER\n.*\[5\]/);
  assert.match(help, /--auth-type TYPE\n.*One of Basic, Digest\..*\[Basic\]/);
  assert.match(help, /--http2\n.*Has no effect in this version\./);
  assert.match(help, /--https-only\n.*Refused in this version\./);
  assert.match(
    help,
    /--allow-override DIRECTIVE-TYPE\n.*Has no effect: there are no \.htaccess files\./,
  );
  assert.match(help, /--setenv KEY VALUE\n.*May be repeated\./);
});

Deno.test("help of the program lists the commands, and start-server on Windows in a line of its own", () => {
  assert.match(programHelp("unix"), /^ {2}start-server {5}Serve a WSGI application$/m);
  const windows = programHelp("windows");
  assert.doesNotMatch(windows, /^ {2}start-server/m);
  assert.match(windows, /start-server runs on Windows too, experimentally; see .* --help/);
  for (const help of [programHelp("unix"), windows]) {
    assert.match(help, /^ {2}doctor/m);
    assert.doesNotMatch(help, /install-module|setup-server|__application__/);
  }
});

Deno.test("commandHelp() shows how a command is called", () => {
  const usages = commands.map((command) => commandHelp(command).split("\n")[0]);
  assert.ok(usages.includes("Usage: wsgi-express module-config"));
  assert.ok(usages.includes("Usage: wsgi-express completions bash|zsh|fish"));
});

Deno.test("wrap() breaks at spaces only", () => {
  assert.deepEqual(wrap("aa bb cc", 5), ["aa bb", "cc"]);
  assert.deepEqual(wrap("aaaaaaa b", 3), ["aaaaaaa", "b"]);
  assert.deepEqual(wrap("aa bb", 4), ["aa", "bb"]);
});
