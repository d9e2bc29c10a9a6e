/** A client that leaves concerns nobody else: other requests are answered as if it had not been there. */

import assert from "node:assert/strict";
import { MixedLoad } from "../soak/mixed_load.ts";
import { ABORTS } from "./aborts.ts";
import { Folder, forEachMode, startServer } from "./harness.ts";

/** How many leave, and how many others are answered at least. */
const LEAVING = 300;
const ANSWERED = 50;

for (const [stage, leave] of Object.entries(ABORTS)) {
  forEachMode(`clients that leave ${stage} disturb no other's request`, async (mode) => {
    using folder = new Folder();
    await using server = await startServer({
      app: "mixed.wsgi",
      args: [...mode.args, "--max-clients", "500"],
      env: folder.env,
    });
    await using load = new MixedLoad(server.url, 4);
    for (let left = 0; left < LEAVING || load.answered <= ANSWERED; left++) {
      if (load.failures.length > 0) break;
      using connection = await server.connect();
      await leave(connection, server);
      // Breath for the other clients of this process.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await load.stop();
    assert.deepEqual(load.failures.map(({ text }) => text).slice(0, 5), []);
    assert.ok(load.answered > ANSWERED);
  });
}
