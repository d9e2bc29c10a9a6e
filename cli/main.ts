/**
 * Entry point of the program. Application processes, and those of service scripts that run as another user, are the same
 * program, started with a first argument of their own; they load nothing of the command line.
 *
 * @module
 */

if (Deno.args[0] === "__application__") {
  await import("../core/application/main.ts");
} else if (Deno.args[0] === "__service__") {
  await import("../core/services/main.ts");
} else {
  const { runCommandLine } = await import("./command_line.ts");
  Deno.exit(await runCommandLine(Deno.args));
}
