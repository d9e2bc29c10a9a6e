/** `wsgi-express start-server SCRIPT-PATH [OPTIONS]` */

import { planForLayer } from "../../core/options/create_plan.ts";
import { currentHost, type Host } from "../../core/options/host.ts";
import type { Plan } from "../../core/plan.ts";
import { platform } from "../../core/platform/platform.ts";
import { serverArguments } from "../arguments.ts";
import { banner } from "../banner.ts";
import { followSignals, type SignalAction, signalActions } from "../signals.ts";

/** Serves the application until the server is stopped; gives the exit status. */
export async function run(words: readonly string[]): Promise<number> {
  const host = currentHost();
  const layer = serverArguments(words, host);
  if (layer === null) {
    const { helpOf } = await import("./help.ts");
    console.log(helpOf("start-server"));
    return 0;
  }
  const { plan, warnings } = planForLayer(layer, host);
  for (const warning of warnings) console.error(`wsgi-express: warning: ${warning}`);
  return await serve(plan, host);
}

async function serve(plan: Plan, host: Host): Promise<number> {
  if (host.terminal) platform.prepareTerminal();
  const { startServer } = await import("../../core/server.ts");
  const server = await startServer(plan);
  const unfollow = followSignals(server, actionsFor(plan, host));
  console.log(banner(server.plan));
  // A start that fails is told by `finished`.
  server.ready.then(sayReady, () => {});
  try {
    return await server.finished;
  } finally {
    unfollow();
  }
}

/** Ctrl-C belongs to gdb where the process runs under it, which shares the terminal with the server. */
function actionsFor(plan: Plan, host: Host): ReadonlyMap<Deno.Signal, SignalAction> {
  const actions = signalActions(host.system, host.interactive);
  if ((plan.debug?.gdb ?? null) === null) return actions;
  return new Map([...actions, ["SIGINT", "ignore"]]);
}

/** The clock of `performance` starts with the process. */
function sayReady(): void {
  console.log(`ready in ${Math.round(performance.now())} ms`);
}
