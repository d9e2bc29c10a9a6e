/**
 * Mixed load while application processes are killed.
 *
 * `WSGI_EXPRESS_SOAK_SECONDS` sets the duration: 20 by default, 600 for the full run.
 */

import assert from "node:assert/strict";
import { Folder, forEachMode, type Server, startServer, until } from "../blackbox/harness.ts";
import { isRunning } from "../blackbox/processes.ts";
import { resourcesAtRest, returnsTo } from "../blackbox/resources.ts";
import { MixedLoad } from "./mixed_load.ts";

const SECONDS = Number(Deno.env.get("WSGI_EXPRESS_SOAK_SECONDS") ?? 20);
const KILL_EVERY = SECONDS >= 60 ? 10 : 4;
const THREADS = 3;
/** So long, in milliseconds, a killed process may seem alive on a busy machine. */
const UNNOTICED = 100;

/** Warms the server up, so that what is made once per process is there. */
async function warmUp(server: Server): Promise<void> {
  await using load = new MixedLoad(server.url, 12);
  await until(() => load.answered > 500, "warm-up");
}

forEachMode(`${SECONDS} seconds of mixed load with processes killed`, async (mode) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "mixed.wsgi",
    // Above --max-clients idle connections are closed, which a kept client can't tell from a loss.
    args: [...mode.args, "--max-clients", "500"].concat(
      mode.name === "direct" ? [] : ["--processes", "2", "--threads", String(THREADS)],
    ),
    env: folder.env,
  });
  const count = server.applicationPids().length;
  const threads = mode.name === "direct" ? 1 : THREADS;
  await warmUp(server);
  const before = await resourcesAtRest(server);

  const kills: number[] = [];
  const load = new MixedLoad(server.url, 12);
  const end = performance.now() + SECONDS * 1000;
  try {
    while (performance.now() + KILL_EVERY * 1000 < end) {
      await new Promise((resolve) => setTimeout(resolve, KILL_EVERY * 1000));
      const victim = await until(() => {
        const pids = server.applicationPids();
        return pids[Math.floor(Math.random() * pids.length)];
      }, "process to kill");
      kills.push(performance.now());
      Deno.kill(victim, "SIGKILL");
      await until(
        () => !isRunning(victim) && server.applicationPids().length === count,
        "replacement of the killed process",
      );
    }
  } finally {
    await load.stop();
  }

  const { answered, aborted, failures } = load;
  console.log(
    `${answered} answered, ${aborted} aborted by the client, ${kills.length} kills, ` +
      `${failures.length} lost`,
  );
  assert.ok(kills.length > 0);
  assert.ok(answered > SECONDS * 20, `only ${answered} requests were answered`);
  for (const failure of failures) {
    // In embedded mode a process that dies takes its connections with it, idle ones too.
    const since = mode.embedded ? failure.opened : failure.begin;
    // Until the server sees the sockets of the dead process closed, it hands it requests.
    const at = kills.findIndex((kill) => since <= kill + UNNOTICED && kill <= failure.end);
    assert.ok(at >= 0, `lost without being in flight at a kill: ${failure.text}`);
  }
  if (!mode.embedded) {
    assert.ok(failures.length <= kills.length * threads, `${failures.length} requests were lost`);
  }

  // The processes started meanwhile have not all done everything that is made once.
  await warmUp(server);
  await returnsTo(server, before);
  assert.equal(server.processes().length, count + 1);
  assert.equal(server.log.matches(/Traceback|panic/).length, 0, server.log.tail());
});
