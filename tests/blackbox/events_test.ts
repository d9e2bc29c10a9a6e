/** What callbacks of `mod_wsgi.subscribe_events` are given. */

import assert from "node:assert/strict";
import { forEachMode, forEachPython, type Server, startServer } from "./harness.ts";

type Payload = Record<string, unknown>;

/** The events of a first request, after those of earlier ones were taken. */
async function eventsOf(server: Server, path: string, body?: string): Promise<[string, Payload][]> {
  await server.request("/events");
  const options = body === undefined ? {} : { method: "POST", body };
  await server.request(path, options);
  const shown: [string, Payload][] = (await server.request("/events")).json;
  // The /events requests themselves are seen too, and may end late.
  const id = shown.find(([name]) => name === "request_started")![1].request_id;
  return shown.filter(([, payload]) => payload.request_id === id);
}

const STARTED = [
  "application_object",
  "application_start",
  "daemon_connects",
  "daemon_restarts",
  "daemon_start",
  "queue_start",
  "request_data",
  "request_environ",
  "request_id",
  "request_start",
  "thread_id",
];
const RESPONSE = [
  "exception_info",
  "request_data",
  "request_id",
  "response_headers",
  "response_status",
];
const FINISHED = [
  "application_finish",
  "application_time",
  "cpu_system_time",
  "cpu_user_time",
  "input_length",
  "input_reads",
  "input_time",
  "output_length",
  "output_time",
  "output_writes",
  "request_data",
  "request_id",
];

function checkRequest(events: [string, Payload][], embedded: boolean): void {
  assert.deepEqual(events.map(([name]) => name), [
    "request_started",
    "response_started",
    "request_finished",
  ]);
  const [started, response, finished] = events.map(([, payload]) => payload);
  assert.deepEqual(Object.keys(started!), STARTED);
  assert.deepEqual(Object.keys(response!), RESPONSE);
  assert.deepEqual(Object.keys(finished!), FINISHED);
  assert.equal(started!.request_environ, "dict");
  assert.equal(started!.request_data, "dict");
  assert.equal(typeof started!.request_id, "string");
  assert.equal(response!.request_id, started!.request_id);
  assert.equal(finished!.request_id, started!.request_id);
  assert.equal(response!.response_status, "200 OK");
  assert.equal(response!.response_headers, "list");
  assert.equal(response!.exception_info, null);
  assert.equal(finished!.input_length, 4);
  assert.equal(finished!.output_length, "4 bytes read".length);
  assert.equal(finished!.output_writes, 1);
  const times = embedded
    ? ["request_start", "application_start"]
    : ["request_start", "queue_start", "daemon_start", "application_start"];
  for (let index = 1; index < times.length; index++) {
    const [before, after] = [started![times[index - 1]!], started![times[index]!]] as number[];
    assert.ok(before! > 1e9 && before! <= after! + 0.005, `${times[index]}: ${before} ${after}`);
  }
  if (embedded) assert.deepEqual([started!.queue_start, started!.daemon_start], [0, 0]);
  assert.equal(started!.daemon_connects, embedded ? 0 : 1);
  assert.equal(started!.daemon_restarts, 0);
  const elapsed = (finished!.application_finish as number) - (started!.application_start as number);
  // One is made of the others, as far as a float of seconds since the epoch goes.
  assert.ok(Math.abs(elapsed - (finished!.application_time as number)) < 1e-5);
  // The response leaves as a whole, in one write.
  const writing = finished!.output_time as number;
  assert.ok(writing > 0 && writing < (finished!.application_time as number), `${writing} s`);
}

forEachPython("every event of a request has every key", async (python) => {
  await using server = await startServer({ app: "events.wsgi", python: python.executable });
  checkRequest(await eventsOf(server, "/", "body"), false);
});

forEachMode("every event has its keys in every mode", async (mode) => {
  await using server = await startServer({ app: "events.wsgi", args: mode.args });
  checkRequest(await eventsOf(server, "/", "body"), mode.embedded);
});

forEachPython("an exception is an event between start and finish", async (python) => {
  await using server = await startServer({
    app: "events.wsgi",
    python: python.executable,
    complaintsExpected: true,
  });
  for (const path of ["/failing", "/failing-iterable"]) {
    const events = await eventsOf(server, path);
    const names = events.map(([name]) => name).filter((name) => name !== "response_started");
    assert.deepEqual(names, ["request_started", "request_exception", "request_finished"]);
    const payload = events.find(([name]) => name === "request_exception")![1];
    assert.deepEqual(Object.keys(payload), ["exception_info", "request_data", "request_id"]);
    assert.equal(payload.exception_info, "tuple");
  }
});

forEachPython("a callback may replace the application, and results are merged", async (python) => {
  await using server = await startServer({ app: "events.wsgi", python: python.executable });
  assert.equal((await server.request("/replaced")).text, "by the replacement");
});

Deno.test("shutdown callbacks are told of the end of the process only", async () => {
  await using server = await startServer({ app: "events.wsgi" });
  await server.request("/");
  await server.stop();
  const told = server.log.matches(/shutdown callback got (.*)$/).map((match) => match[1]);
  // With what the event callbacks before them added.
  assert.deepEqual(told, ["process_stopping ['added', 'shutdown_reason']"]);
});
