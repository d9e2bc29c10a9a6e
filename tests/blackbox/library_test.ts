/** The example script that uses the library. */

import assert from "node:assert/strict";
import { cleanEnvironment, ROOT } from "./command.ts";
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
