#!/usr/bin/env node
// Starts the program with the Deno that the npm package `deno` brings, and passes on signals and the exit status.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const deno = require("deno/install_api.cjs").runInstall();
const { config } = require("./package.json");
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const child = spawn(
  deno,
  // Deno looks for the settings of the working folder, which are somebody else's, unless told otherwise.
  [
    "run",
    "-A",
    "--no-lock",
    config.v8Flags,
    "--config",
    here("deno.json"),
    here("cli/main.ts"),
    ...process.argv.slice(2),
  ],
  { stdio: "inherit" },
);
for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGQUIT"]) {
  try {
    process.on(signal, () => child.kill(signal));
  } catch {
    // Windows knows few of them.
  }
}
// A terminal sends these to the child itself.
const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
process.on("SIGINT", () => onTerminal || child.kill("SIGINT"));
child.on("error", (error) => {
  console.error(`wsgi-express: error: Deno can't be started: ${error.message}`);
  process.exitCode = 1;
});
child.on("exit", (code, signal) => {
  process.exitCode = signal === null ? code ?? 1 : 128 + constants.signals[signal];
});
