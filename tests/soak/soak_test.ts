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

/** An application process that the test killed: when, and when the server said so, by `performance.now()`. */
interface Kill {
  readonly at: number;
  readonly noticed: number;
}

/** Warms the server up, so that what is made once per process is there. */
async function warmUp(server: Server): Promise<void> {
  await using load = new MixedLoad(server.url, 12);
  await until(() => load.answered > 500, "warm-up", 60_000);
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

  const kills: Kill[] = [];
  const load = new MixedLoad(server.url, 12);
  const end = performance.now() + SECONDS * 1000;
  try {
    while (performance.now() + KILL_EVERY * 1000 < end) {
      await new Promise((resolve) => setTimeout(resolve, KILL_EVERY * 1000));
      const victim = await until(() => {
        const pids = server.applicationPids();
        return pids[Math.floor(Math.random() * pids.length)];
      }, "process to kill");
      const at = performance.now(), from = server.log.position;
      Deno.kill(victim, "SIGKILL");
      await server.log.waitFor(new RegExp(`application process ${victim} .*SIGKILL`), 60_000, from);
      kills.push({ at, noticed: performance.now() });
      await until(
        () => !isRunning(victim) && server.applicationPids().length === count,
        "replacement of the killed process",
      );
      const seen = load.answered;
      await until(() => load.answered > seen + 100, "answers after the kill", 60_000);
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
  for (const failure of failures) {
    // In embedded mode a process that dies takes its connections with it, idle ones too.
    const since = mode.embedded ? failure.opened : failure.begin;
    // Until the server sees the sockets of the dead process closed, it hands it requests.
    const meets = (kill: Kill) => since <= kill.noticed && kill.at <= failure.end;
    assert.ok(kills.some(meets), `lost without being in flight at a kill: ${failure.text}`);
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
