/**
 * What is printed before a server starts: the summary of `mod_wsgi-express`, label by label.
 *
 * @module
 */

import type { LogPlan, LogTarget, Plan } from "../core/plan.ts";

/** Characters of a label, before the colon. */
const LABEL_WIDTH = 19;

/** The banner, without a newline at its end. */
export function banner(plan: Plan): string {
  const { listener, server, log, debug } = plan;
  return [
    line("Server URL", listener.url),
    line("Server Root", server.root),
    line("Server Conf", server.configurationFile),
    line("Error Log File", `${targetText(log.error)} (${levelText(log)})`),
    log.access && line("Access Log File", targetText(log.access)),
    debug?.coverageDirectory && line("Coverage Output", `${debug.coverageDirectory}/index.html`),
    debug?.profilerDirectory && line("Profiler Output", debug.profilerDirectory),
    debug?.recorderDirectory && line("Recorder Output", debug.recorderDirectory),
    line("Operating Mode", plan.mode),
    line("Request Capacity", capacityText(plan)),
    ...(plan.mode === "daemon" ? daemonLines(plan) : []),
    line("Server Backlog", `${listener.backlog} (connections)`),
    line("Locale Setting", plan.locale),
  ].filter((text) => text).join("\n");
}

function daemonLines({ timeouts, limits }: Plan): (string | false)[] {
  const { maxClients } = limits;
  return [
    line("Request Timeout", `${timeouts.request} (seconds)`),
    timeouts.startup > 0 && line("Startup Timeout", `${timeouts.startup} (seconds)`),
    line("Queue Backlog", `${limits.queueLength} (connections)`),
    line("Queue Timeout", `${timeouts.queue} (seconds)`),
    line(
      "Server Capacity",
      `${workerCapacity(maxClients)} (event/worker), ${maxClients} (prefork)`,
    ),
  ];
}

/** Clients in whole worker processes of Apache, as mod_wsgi-express makes them: of 10 threads, or of at most 20. */
export function workerCapacity(maxClients: number): number {
  const threads = maxClients > 20 ? Math.trunc(maxClients / (Math.trunc(maxClients / 20) + 1)) : 10;
  return Math.ceil(maxClients / threads) * threads;
}

function line(label: string, value: string): string {
  return `${label.padEnd(LABEL_WIDTH)}: ${value}`;
}

function targetText(target: LogTarget): string {
  return target.kind === "file" ? target.path : `/dev/${target.stream}`;
}

function levelText({ level, partLevels }: LogPlan): string {
  const parts = Object.entries(partLevels).map(([part, level]) => `${part}:${level}`);
  return [level, ...parts].join(" ");
}

function capacityText({ processes: { count, threads } }: Plan): string {
  return `${count * threads} (${counted(count, "process", "es")} * ${
    counted(threads, "thread", "s")
  })`;
}

function counted(count: number, noun: string, plural: string): string {
  return `${count} ${noun}${count === 1 ? "" : plural}`;
}
