/** Whether requests that wait for something are served side by side. */

import assert from "node:assert/strict";
import { type Server, until } from "./harness.ts";
import { Load } from "./load.ts";

/** Fails unless a quarter of two clients' requests, which wait for half a millisecond, begin beside the other's. */
export async function checkSideBySide(server: Server): Promise<void> {
  const beside = async () => (await server.request("/concurrency?seconds=0")).json.beside;
  // Of two clients' requests one in twenty begins beside the other where each waits for the thread of the one before.
  // A thread that waits for a processor looks as if it computed: a busy machine may take several tries.
  const shares: number[] = [];
  do {
    const before = await beside();
    await using load = new Load(server.url, "/concurrency?seconds=0.0005", 2, true);
    await until(() => load.answered >= 1000 || load.failures.length > 0, "answers", 60_000);
    const { answered, failures } = await load.stop();
    assert.deepEqual(failures, []);
    shares.push((await beside() - before) / answered);
  } while (shares.at(-1)! < 0.25 && shares.length < 20);
  assert.ok(shares.at(-1)! >= 0.25, `${shares}`);
}
