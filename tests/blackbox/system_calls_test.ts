/**
 * What one request costs, in system calls: they are counted, not timed, so that a busy machine changes nothing.
 *
 * Needs `strace`, which `.ci/run` installs; without it the tests are left out, and say so.
 */

import assert from "node:assert/strict";
import { type Connection, requestBytes, type Server, startServer, until } from "./harness.ts";

const REQUESTS = 400;
/** So often it is counted, until it is little enough. */
const ROUNDS = 5;
/** Whatever happens beside requests: the garbage collector, the compiler's threads. */
const BESIDE = new Set(["futex", "mprotect", "madvise", "brk", "mmap", "munmap"]);
/** Calls of which there are fewer belong to no request: timers, and what is done once. */
const FEWEST = REQUESTS / 2;

/** Most calls a request, of the processes that serve it together. */
const CASES = [
  // recv, send, epoll_wait
  { name: "direct", args: ["--embedded-mode", "--threads", "1"], most: 3.2 },
  // recv, send, epoll_wait, and the write that wakes the thread; the thread: read, and at times a write.
  { name: "threaded", args: ["--embedded-mode"], most: 7.2 },
  // To the client and the thread: recv, send and epoll_wait; the thread: recv and send.
  { name: "daemon", args: [], most: 8.3 },
];

const canTrace = await new Deno.Command("strace", { args: ["-V"], stdout: "null", stderr: "null" })
  .output().then(({ success }) => success, () => false);
if (!canTrace) {
  console.warn("NOT TESTED: what a request costs in system calls, because strace is not installed");
}

for (const { name, args, most } of CASES) {
  const title = `a request costs at most ${most} system calls [${name}]`;
  Deno.test({ name: title, ignore: !canTrace }, async () => {
    await using server = await startServer({
      app: "plain",
      args: ["--application-type", "module", ...args],
    });
    using connection = await server.connect();
    // What is done once, or until the compiler has seen enough, is not counted.
    await ask(server, connection);
    const pids = name === "daemon"
      ? [server.pid, ...server.applicationPids()]
      : server.applicationPids();
    // While an answer is awaited there are looks at the sockets: on a busy machine, more of them.
    const rounds: Round[] = [];
    while (rounds.length < ROUNDS && !rounds.some(({ each }) => each <= most)) {
      const tracer = await Tracer.attach(pids);
      await ask(server, connection);
      rounds.push(summary(await tracer.stop()));
    }
    const least = rounds.reduce((best, round) => round.each < best.each ? round : best);
    assert.ok(least.each >= 2, "the calls were not seen");
    assert.ok(least.each <= most, `${least.each.toFixed(2)} a request: ${least.calls}`);
  });
}

/** Calls a request, and of which kinds they are. */
interface Round {
  readonly each: number;
  readonly calls: string;
}

function summary(calls: Map<string, number>): Round {
  const counted = [...calls].filter(([call, count]) => !BESIDE.has(call) && count >= FEWEST);
  return {
    each: counted.reduce((total, [, count]) => total + count, 0) / REQUESTS,
    calls: counted.map(([call, count]) => `${call} ${(count / REQUESTS).toFixed(2)}`).join(", "),
  };
}

async function ask(server: Server, connection: Connection): Promise<void> {
  const request = requestBytes(server.url, "/", { keepAlive: true });
  for (let number = 0; number < REQUESTS; number++) {
    await connection.send(request);
    assert.equal((await connection.readResponse())?.status, 200);
  }
}

/** `strace` at running processes. */
class Tracer {
  #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  /** Counts the calls of all threads of these processes from when it returns. */
  static async attach(pids: number[]): Promise<Tracer> {
    const child = new Deno.Command("strace", {
      args: ["-q", "-f", "-c", ...pids.flatMap((pid) => ["-p", String(pid)])],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    await until(() => pids.every(isTraced), "tracing of every thread: may this user trace?");
    return new Tracer(child);
  }

  /** Ends the counting. Number of calls by name. */
  async stop(): Promise<Map<string, number>> {
    this.#child.kill("SIGINT");
    const { stderr } = await this.#child.output();
    const calls = new Map<string, number>();
    // % time, seconds, usecs/call, calls, errors (or nothing), syscall
    const line = /^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?([a-z]\w*)$/gm;
    for (const [, count, call] of new TextDecoder().decode(stderr).matchAll(line)) {
      if (call !== "total") calls.set(call!, Number(count));
    }
    return calls;
  }
}

/** Whether every thread of a process has a tracer. */
function isTraced(pid: number): boolean {
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const status = Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`);
    if (/^TracerPid:\t0$/m.test(status)) return false;
  }
  return true;
}
