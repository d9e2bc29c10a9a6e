/** Starts a server in a process group of its own, waits until it answers, and stops it with everything it started. */

import { get } from "./http_client.ts";
import { allProcesses, type ProcessStat, processTree } from "./process_tree.ts";
import type { Server, Workspace } from "./servers.ts";

const READY_SECONDS = 30;
const STOP_SECONDS = 10;

/** A server that answers requests. */
export interface RunningServer {
  /** The process started; also the process group's id. */
  pid: number;
  port: number;
  /** Milliseconds from the command to the first response of status 200. */
  startMs: number;
}

/** What every started server and load generator is in until it has ended, for {@linkcode stopEverything}. */
const running = new Set<number>();

/** Adds a process group to what Ctrl-C ends; call the result when the group has ended. */
export function track(pid: number): () => void {
  running.add(pid);
  return () => running.delete(pid);
}

/** Set by {@linkcode stopEverything}: nothing new is started. */
let stopping = false;

/** Ends everything started here: TERM, and KILL after two seconds, or at once when called again. For Ctrl-C. */
export async function stopEverything(): Promise<void> {
  const members = () => [...running].flatMap(processTree).filter(({ state }) => state !== "Z");
  const patience = stopping ? 0 : 2000;
  if (!stopping) { for (const pid of running) signal(pid, "SIGTERM"); }
  stopping = true;
  const deadline = performance.now() + patience;
  while (performance.now() < deadline && members().length > 0) await delay(20);
  for (const { pid } of members()) signal(pid, "SIGKILL");
}

/** Once everything is being stopped, what was under way goes no further: the program is about to exit. */
async function waitForTheEnd(): Promise<void> {
  if (stopping) await new Promise<never>(() => {});
}

/**
 * Starts `server` for the application file `app`, runs `body` with it, and stops it whatever happens.
 *
 * @param path the request path whose 200 says that the server is ready.
 * @throws when the server ends or does not answer within 30 seconds; the message has the end of its log.
 */
export async function withServer<T>(
  server: Server,
  workspace: Workspace,
  app: string,
  path: string,
  body: (server: RunningServer) => Promise<T>,
): Promise<T> {
  await waitForTheEnd();
  const port = freePort();
  const log = `${workspace.scratch}/${server.name}.log`;
  const command = server.command({ ...workspace, app, port });
  const started = performance.now();
  const child = new Deno.Command("sh", {
    // Deno can't give a child a file for its output; `exec` keeps the process id.
    args: ["-c", 'log=$1; shift; exec "$@" >"$log" 2>&1', "sh", log, ...command.arguments],
    cwd: command.directory ?? workspace.apps,
    env: { ...serverEnvironment(), ...command.environment },
    clearEnv: true,
    stdin: "null",
    detached: true,
  }).spawn();
  const untrack = track(child.pid);
  let exit: Deno.CommandStatus | undefined;
  const ended = child.status.then((status) => exit = status);
  try {
    while (!await answers(port, path)) {
      if (exit !== undefined) {
        throw new Error(
          `${server.name} ended with status ${exit.code} before it answered\n${logTail(log)}`,
        );
      }
      if (performance.now() - started > READY_SECONDS * 1000) {
        throw new Error(
          `${server.name} gave no 200 for ${path} within ${READY_SECONDS} s\n${logTail(log)}`,
        );
      }
      await delay(1);
    }
    const startMs = performance.now() - started;
    return await body({ pid: child.pid, port, startMs }).catch((error) => {
      const state = exit === undefined ? "is still running" : `ended with status ${exit.code}`;
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(
        `${message}\n  ${server.name} ${state}; the end of its log:\n${logTail(log)}`,
      );
    });
  } finally {
    await waitForTheEnd();
    await stop(child.pid, ended);
    untrack();
  }
}

/** TERM to the process started, and KILL to whatever of its tree is left after ten seconds. */
async function stop(pid: number, ended: Promise<unknown>): Promise<void> {
  // Taken before the stop: a child whose parent is gone no longer shows whose it was.
  const members = new Set(processTree(pid).map(identity));
  const left = () =>
    allProcesses().filter((stat) =>
      stat.state !== "Z" && (stat.group === pid || members.has(identity(stat)))
    );
  signal(pid, "SIGTERM");
  const deadline = performance.now() + STOP_SECONDS * 1000;
  while (performance.now() < deadline && left().length > 0) await delay(20);
  for (const stat of left()) {
    console.error(
      `  had to kill ${stat.name} (${stat.pid}), ${STOP_SECONDS} s after it was told to stop`,
    );
    signal(stat.pid, "SIGKILL");
  }
  await ended;
}

function identity(stat: ProcessStat): string {
  return `${stat.pid} ${stat.startTicks}`;
}

function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch {
    // It has ended already.
  }
}

/** The environment of this process without what changes how Python behaves. */
function serverEnvironment(): Record<string, string> {
  const entries = Object.entries(Deno.env.toObject());
  return Object.fromEntries(
    entries.filter(([name]) => !name.startsWith("PYTHON") && name !== "VIRTUAL_ENV"),
  );
}

async function answers(port: number, path: string): Promise<boolean> {
  try {
    return (await get(port, path)).status === 200;
  } catch {
    return false;
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

function logTail(path: string): string {
  try {
    return Deno.readTextFileSync(path).trimEnd().split("\n").slice(-20).map((line) => `    ${line}`)
      .join("\n");
  } catch {
    return "    (no log)";
  }
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
