import assert from "node:assert/strict";
import type { GatewayRequest } from "../../../core/gateway/request.ts";
import {
  type ProcessFacts,
  type RecordSource,
  Scoreboard,
} from "../../../core/gateway/scoreboard.ts";

/** A request of which only the description is looked at. */
function request(line: string, bytes = 0): GatewayRequest {
  return {
    describe: () => ({ client: "192.0.2.1", request: line, vhost: "localhost:8000", bytes }),
  } as Partial<GatewayRequest> as GatewayRequest;
}

const SERVING: ProcessFacts = { instance: 4, slot: 0, pid: 100, phase: "serving" };

function board(source?: RecordSource): { board: Scoreboard; clock: { now: number } } {
  const clock = { now: 1_000_000 };
  const board = new Scoreboard(2, 3, source, () => clock.now);
  board.announce(SERVING.instance);
  return { board, clock };
}

Deno.test("metrics() shows requests on the first free workers of their process", () => {
  const { board: scoreboard, clock } = board();
  scoreboard.onStart(4, 7, request("GET /a HTTP/1.1"));
  scoreboard.onStart(4, 8, request("GET /b HTTP/1.1", 20));
  clock.now += 500;
  scoreboard.onEnd(4, 7);
  scoreboard.onStart(4, 9, request("GET /c HTTP/1.1"));
  const { processes } = scoreboard.metrics([SERVING]);
  const [process] = processes;
  assert.equal(process!.pid, 100);
  assert.deepEqual(
    process!.workers.map(({ thread_num, status, request, access_count }) => [
      thread_num,
      status,
      request,
      access_count,
    ]),
    [
      [0, "W", "GET /c HTTP/1.1", 1],
      [1, "W", "GET /b HTTP/1.1", 0],
      [2, "_", "", 0],
    ],
  );
});

Deno.test("metrics() counts bytes and keeps the last request of an idle worker", () => {
  const { board: scoreboard, clock } = board();
  scoreboard.onStart(4, 1, request("GET /a HTTP/1.1", 10));
  clock.now += 250;
  scoreboard.onEnd(4, 1);
  const worker = scoreboard.metrics([SERVING]).processes[0]!.workers[0]!;
  assert.deepEqual(worker, {
    thread_num: 0,
    generation: 0,
    status: "_",
    access_count: 1,
    bytes_served: 10,
    start_time: 1000,
    stop_time: 1000.25,
    last_used: 1000.25,
    client: "192.0.2.1",
    request: "GET /a HTTP/1.1",
    vhost: "localhost:8000",
  });
});

Deno.test("a process that ends is shown as quiescing, and forgotten when it is gone", () => {
  const { board: scoreboard } = board();
  scoreboard.onStart(4, 1, request("GET / HTTP/1.1"));
  const draining = scoreboard.metrics([{ ...SERVING, phase: "draining" }]).processes[0]!;
  assert.equal(draining.quiescing, true);
  assert.deepEqual(draining.workers.map(({ status }) => status), ["G", "G", "G"]);
  scoreboard.onGone(4);
  const again = scoreboard.metrics([{ ...SERVING, phase: "starting" }]).processes[0]!;
  assert.deepEqual(again.workers.map(({ status }) => status), ["S", "S", "S"]);
});

Deno.test("restart() begins a generation, for the processes that come after it", () => {
  const { board: scoreboard, clock } = board();
  clock.now += 5700;
  scoreboard.restart();
  scoreboard.announce(5);
  clock.now += 2300;
  const metrics = scoreboard.metrics([SERVING, { ...SERVING, instance: 5, pid: 101 }]);
  assert.deepEqual(metrics.processes.map(({ generation }) => generation), [0, 1]);
  assert.equal(metrics.running_generation, 1);
  assert.equal(metrics.restart_time, 1005.7);
  assert.equal(metrics.running_time, 2);
});

Deno.test("a process that is gone is not remembered for what is still read of its answers", () => {
  const { board: scoreboard } = board();
  scoreboard.onStart(4, 1, request("GET / HTTP/1.1"));
  scoreboard.onGone(4);
  scoreboard.onEnd(4, 1);
  assert.equal(scoreboard.metrics([SERVING]).processes[0]!.workers[0]!.access_count, 0);
});

Deno.test("metrics() reads the records of processes that serve clients themselves", () => {
  const removed: number[] = [];
  const record = { accesses: 2, bytes: 30, client: "192.0.2.1", vhost: "localhost:8000" };
  const { board: scoreboard } = board({
    read: (instance) => {
      assert.equal(instance, 4);
      return [{ ...record, busy: true, started: 1000, stopped: 0, request: "GET /b HTTP/1.1" }];
    },
    remove: (instance) => removed.push(instance),
  });
  const { workers } = scoreboard.metrics([SERVING]).processes[0]!;
  assert.deepEqual(workers[0], {
    thread_num: 0,
    generation: 0,
    status: "W",
    access_count: 2,
    bytes_served: 30,
    start_time: 1,
    stop_time: 0,
    last_used: 1,
    client: "192.0.2.1",
    request: "GET /b HTTP/1.1",
    vhost: "localhost:8000",
  });
  assert.deepEqual(workers.map(({ status }) => status), ["W", "_", "_"]);
  scoreboard.onGone(4);
  assert.deepEqual(removed, [4]);
});

Deno.test("onEnd() of a request that is not there changes nothing", () => {
  const { board: scoreboard } = board();
  scoreboard.onEnd(4, 1);
  scoreboard.onStart(4, 2, request("GET / HTTP/1.1"));
  scoreboard.onEnd(4, 2);
  scoreboard.onEnd(4, 2);
  assert.equal(scoreboard.metrics([SERVING]).processes[0]!.workers[0]!.access_count, 1);
});
