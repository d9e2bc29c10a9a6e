/** What one Ctrl-C on a terminal does, whatever starts the program. */

import assert from "node:assert/strict";
import { Folder, type ServerOptions, startServer } from "./harness.ts";

/** Checks that the running request is finished, no new one is taken, and the server ends with status 0. */
export async function checkCtrlC(options: ServerOptions = {}): Promise<void> {
  using folder = new Folder();
  await using server = await startServer({
    ...options,
    app: "process.wsgi",
    terminal: true,
    env: folder.env,
    args: ["--shutdown-timeout", "60"],
  });
  const waiting = server.request("/wait");
  await folder.waitForNotes("started");
  await server.type("\x03");
  await server.waitForEndOfListening();
  folder.write("go");
  assert.match((await waiting).text, /^waited True/);
  assert.deepEqual(await server.waitForExit(), { code: 0, signal: null });
}
