/**
 * The HTTP side of a process together with the queue behind it: what the server process has in daemon mode, and each
 * application process in embedded mode.
 *
 * @module
 */
import { Gateway, type GatewayEvents } from "../gateway/gateway.ts";
import type { Logs } from "../log/open.ts";
import type { Transport } from "../net/transport.ts";
import type { Plan } from "../plan.ts";
import { platform } from "../platform/platform.ts";
import { HttpService } from "./service.ts";

/** How often time limits of the queue are looked at. */
const TICK_MS = 250;
/** Where no other process could take them, requests wait in the process rather than in the queue before it. */
export const AHEAD = 32;

/** Client connections and the queue that their requests go through. */
export class Front {
  readonly http: HttpService;
  readonly gateway: Gateway;
  #ticker: ReturnType<typeof setInterval>;

  constructor(plan: Plan, transport: Transport, logs: Logs, events: GatewayEvents) {
    const { timeouts, limits } = plan;
    this.gateway = new Gateway(
      {
        queueTimeout: timeouts.queue,
        connectTimeout: timeouts.connect,
        backlog: limits.queueLength,
        ahead: plan.mode === "embedded" ? AHEAD : 0,
      },
      events,
      transport,
      platform.isRunnable,
    );
    this.http = new HttpService(plan, transport, this.gateway, logs.errorLog, logs.accessLog);
    this.#ticker = setInterval(() => this.gateway.tick(), TICK_MS);
  }

  /** Closes all connections and stops. */
  close(): void {
    clearInterval(this.#ticker);
    this.gateway.refuseWaiting(503);
    this.http.close();
  }
}
