/** Programs that use the library. */

import assert from "node:assert/strict";
import { APPS, cleanEnvironment, ROOT } from "./command.ts";
import { ORDINARY_DEADLINE, within } from "./deadline.ts";
import { Connection, requestBytes } from "./http_client.ts";
import { LogLines } from "./log_lines.ts";
import { newestPython } from "../pythons.ts";

Deno.test("examples/embed.ts starts a server, serves and stops it", async () => {
  const python = newestPython().executable;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}/examples/embed.ts`],
    env: cleanEnvironment({
      PATH: `${python.replace(/\/[^/]+$/, "")}:${Deno.env.get("PATH")}`,
    }),
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const log = new LogLines();
  const output = Promise.all([
    log.collect("stdout", child.stdout),
    log.collect("stderr", child.stderr),
  ]);
  try {
    const [, url] = await log.waitFor(/serving (http:\/\/\S+)/);
    using connection = await Connection.open(url!);
    await connection.send(requestBytes(url!, "/"));
    assert.equal((await connection.readResponse())?.status, 200);
    child.kill("SIGTERM");
    const { code } = await within(child.status, ORDINARY_DEADLINE, "end of the script");
    assert.equal(code, 0, log.tail());
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await child.status;
    await output;
  }
});

/** Starts and stops a server with an option that has no effect; what the program and the server write. */
async function writtenBy(options: string): Promise<string> {
  const program = `
    import { startServer } from ${JSON.stringify(`file://${ROOT}/mod.ts`)};
    const server = await startServer({
      entryPoint: ${JSON.stringify(`${APPS}/hello.wsgi`)},
      python: ${JSON.stringify(newestPython().executable)},
      port: 0,
      httpdExecutable: "/usr/sbin/httpd",
    }${options});
    await server.ready;
    await server.stop();`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
    env: cleanEnvironment({}),
    clearEnv: true,
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(code, 0, text);
  return text;
}

Deno.test("warnings about the settings are in the error log, or go to onWarning alone", async () => {
  const logged = await writtenBy("");
  assert.match(logged, /^\[.*\[wsgi:warn\] .* --httpd-executable is accepted and has no effect: /m);
  const told = await writtenBy(", { onWarning: (text) => console.log(`told: ${text}`) }");
  assert.match(told, /^told: --httpd-executable is accepted and has no effect: /m);
  assert.doesNotMatch(told, /wsgi:warn/);
});
