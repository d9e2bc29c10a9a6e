/** `wsgi-express start-server SCRIPT-PATH [OPTIONS]` */

import { planForLayer } from "../../core/options/create_plan.ts";
import { currentHost, type Host } from "../../core/options/host.ts";
import type { Plan } from "../../core/plan.ts";
import { platform } from "../../core/platform/platform.ts";
import { serverArguments } from "../arguments.ts";
import { banner } from "../banner.ts";
import { type ManagerEnvironment, takeManagerEnvironment } from "../service_manager/environment.ts";
import { inheritedDescriptor } from "../service_manager/inherited_listener.ts";
import { openNotifier } from "../service_manager/notifier.ts";
import { tellManager } from "../service_manager/told_server.ts";
import { followSignals, type SignalAction, signalActions, type SignalTarget } from "../signals.ts";

/** Serves the application until the server is stopped; gives the exit status. */
export async function run(words: readonly string[]): Promise<number> {
  // Before the environment is looked at for anything else, and passed on.
  const manager = takeManagerEnvironment(Deno.env, Deno.pid);
  const host = currentHost();
  const layer = serverArguments(words, host);
  if (layer === null) {
    const { helpOf } = await import("./help.ts");
    console.log(helpOf("start-server"));
    return 0;
  }
  const { plan, warnings } = planForLayer(layer, host);
  for (const warning of warnings) console.error(`wsgi-express: warning: ${warning}`);
  return await serve(plan, host, manager);
}

async function serve(plan: Plan, host: Host, manager: ManagerEnvironment): Promise<number> {
  if (host.terminal) platform.prepareTerminal();
  const { startServer } = await import("../../core/server.ts");
  const descriptor = inheritedDescriptor(manager);
  const notifier = await openNotifier(manager);
  const started = Promise.withResolvers<SignalTarget>();
  // Before the start, which makes files: a stop in the middle of it is to remove them.
  const unfollow = followSignals(started.promise, actionsFor(plan, host));
  try {
    const server = await startServer(plan, [], descriptor);
    started.resolve(tellManager(server, notifier));
    platform.onTerminalEnd(() => {
      if (!server.stopping) void server.stop();
    });
    console.log(banner(server.plan));
    // A start that fails is told by `finished`.
    server.ready.then(sayReady, () => {});
    return await server.finished;
  } finally {
    unfollow();
    notifier.close();
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
