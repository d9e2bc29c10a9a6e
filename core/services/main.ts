/**
 * The role `__service__`: opens the log as the server's user, becomes the service's user, then Python.
 *
 * @module
 */
import { assumeIdentity } from "../../ffi/accounts.ts";
import { execute } from "../../ffi/execute.ts";
import { platform } from "../platform/platform.ts";
import { SERVICE_VARIABLE, type ServiceSummons } from "./command.ts";

/** Exit status of a process that can't become what it should. */
const NOT_ALLOWED = 1;

main();

function main(): void {
  const text = Deno.env.get(SERVICE_VARIABLE);
  if (text === undefined) {
    console.error("wsgi-express: this command starts service scripts and is not for use by hand");
    Deno.exit(2);
  }
  Deno.env.delete(SERVICE_VARIABLE);
  const summons: ServiceSummons = JSON.parse(text);
  if (summons.logPath !== null) platform.redirectOutput(summons.logPath);
  const refused = assumeIdentity(summons.identity);
  if (refused !== undefined) {
    fail(`can't become the service's user: ${refused.call}: ${refused.text}`);
  }
  const failure = execute(summons.program, summons.arguments);
  fail(`can't start "${summons.program}": ${failure.text}`);
}

function fail(message: string): never {
  console.error(`wsgi-express: error: ${message}`);
  platform.exitNow(NOT_ALLOWED);
}
