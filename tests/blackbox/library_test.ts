/** Programs that use the library. */

import assert from "node:assert/strict";
import { APPS, cleanEnvironment, ROOT } from "./command.ts";
import { DeadlineError, ORDINARY_DEADLINE, within } from "./deadline.ts";
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

Deno.test({
  name: "a program ends by itself when its server could not be started",
  // Only root's services have users.
  ignore: Deno.uid() !== 0,
  async fn() {
    const program = `
      import { ConfigurationError, startServer } from ${JSON.stringify(`file://${ROOT}/mod.ts`)};
      const start = startServer({
        entryPoint: ${JSON.stringify(`${APPS}/hello.wsgi`)},
        python: ${JSON.stringify(newestPython().executable)},
        port: 0,
        serviceScript: [["ticker", ${JSON.stringify(`${APPS}/service.py`)}]],
        serviceUser: [["ticker", "no-such-user"]],
      });
      console.log(await start.catch((error) => error instanceof ConfigurationError));`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", program],
      env: cleanEnvironment({}),
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    try {
      const { code, stdout, stderr } = await within(
        output,
        ORDINARY_DEADLINE,
        "end of the program",
      );
      const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assert.equal(code, 0, text);
      assert.match(text, /^true$/m);
    } catch (error) {
      if (error instanceof DeadlineError) child.kill("SIGKILL");
      await output;
      throw error;
    }
  },
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
