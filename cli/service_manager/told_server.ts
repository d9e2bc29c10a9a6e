/**
 * A server whose changes of state the service manager is told.
 *
 * @module
 */
import type { Plan } from "../../core/plan.ts";
import type { SignalTarget } from "../signals.ts";
import type { Notifier } from "./notifier.ts";

/** The part of a running server that is needed. */
export interface ToldServer {
  readonly plan: Plan;
  readonly ready: Promise<void>;
  stop(reason?: string): Promise<void>;
  stopGracefully(): Promise<void>;
  restart(handover: boolean): Promise<void>;
}

/** Says when the server is ready, and what is asked of it through the target that it gives. */
export function tellManager(server: ToldServer, notifier: Notifier): SignalTarget {
  let renewals = 0;
  let stopping = false;
  const sayReady = () => {
    if (!stopping && renewals === 0) notifier.ready(servingText(server.plan));
  };
  // One that never becomes ready ends, which its manager sees.
  server.ready.then(sayReady, () => {});
  return {
    stop(reason) {
      stopping = true;
      notifier.stopping("Stopping: running requests finish");
      return server.stop(reason);
    },
    stopGracefully() {
      // A manager that is told of the end gives it as long as any other; this one takes as long as its clients do.
      stopping = true;
      notifier.status("Stopping gracefully: all requests that have come are served");
      return server.stopGracefully();
    },
    restart(handover) {
      if (stopping) return;
      renewals++;
      notifier.reloading("Replacing all processes");
      void server.restart(handover).then(() => {
        renewals--;
        sayReady();
      });
    },
  };
}

function servingText({ listener, processes: { count, threads } }: Plan): string {
  return `Serving ${listener.url}, processes: ${count}, threads of each: ${threads}`;
}
