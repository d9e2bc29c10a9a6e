/** `service` with `schtasks`. That of wine keeps a part of a task's definition, and runs none. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cleanEnvironment, command } from "../blackbox/command.ts";
import { benchTest, environmentOf, FACTS, fromC } from "./bench.ts";

const NAME = "wsgi-express-test";
/** Where the Task Scheduler keeps it. */
const TASK = `C:\\windows\\system32\\tasks\\${NAME}`;

/** The exit status of `service ACTION`. What the service of wine that it starts inherits is not waited for. */
async function service(action: string, ...words: string[]): Promise<number> {
  const [program, ...first] = command();
  const child = new Deno.Command(program, {
    args: [...first, "service", action, "--name", NAME, ...words],
    env: cleanEnvironment(),
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return (await child.status).code;
}

benchTest("service install makes a task of the Task Scheduler, and remove deletes it", async () => {
  assert.equal(await service("install", FACTS, "--python", environmentOf("3.14")), 0);
  const text = new TextDecoder().decode(Deno.readFileSync(fromC(TASK)));
  assert.match(text, /<Description>WSGI application wsgi-express-test \(wsgi-express\)<\/Descr/);
  assert.equal(await service("remove"), 0);
  assert.ok(!existsSync(fromC(TASK)));
});
