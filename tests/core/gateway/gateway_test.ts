import assert from "node:assert/strict";
import { Channel } from "../../../core/gateway/channel.ts";
import {
  BodyEnd,
  FRAME_HEADER_SIZE,
  FrameType,
  HEAD_COMPLETE,
  HEAD_LINGERS,
} from "../../../core/gateway/frames.ts";
import { FakeStream } from "../http/fake_stream.ts";
import { FakeProcess, frame, TestGateway, wholeResponse } from "./fake_process.ts";

Deno.test("a request goes over the trunk, and its answer comes back", () => {
  const test = new TestGateway();
  const process = test.start(1, 1);
  const request = test.submit("a", "body");
  test.endRound();
  assert.deepEqual(process.received(), ["a [body]"]);
  process.answer("a");
  assert.deepEqual(request.events, ["started", "head 200 -1 1 answer to a"]);
  assert.deepEqual(test.gateway.status, { waiting: 0, running: 0, idle: 1 });
});

Deno.test("requests of one round go out with one write", () => {
  const test = new TestGateway();
  const process = test.start(1, 5);
  for (const name of ["a", "b", "c"]) test.submit(name);
  test.endRound();
  assert.equal(process.trunk.writes, 1);
  assert.deepEqual(process.received(), ["a", "b", "c"]);
});

Deno.test("requests larger than the batch's usual room go out whole", () => {
  const test = new TestGateway();
  const process = test.start(1, 3);
  const body = "x".repeat(60_000);
  for (const name of ["a", "b", "c"]) test.submit(name, body);
  test.endRound();
  assert.deepEqual(process.received(), ["a", "b", "c"].map((name) => `${name} [${body}]`));
});

Deno.test("a process has as many requests as threads; the others wait in order of arrival", () => {
  const test = new TestGateway();
  const process = test.start(1, 2);
  for (const name of ["a", "b", "c", "d"]) test.submit(name);
  test.endRound();
  assert.deepEqual(process.received(), ["a", "b"]);
  process.answer("b");
  test.endRound();
  assert.deepEqual(process.received(), ["c"]);
  process.answer("a");
  process.answer("c");
  test.endRound();
  assert.deepEqual(process.received(), ["d"]);
});

Deno.test("a process that answers quickly is given requests ahead, until it stalls", () => {
  const test = new TestGateway({ ahead: 3 });
  const process = test.start(1, 2);
  const names = Array.from({ length: 12 }, (_, index) => String(index));
  for (const name of names) test.submit(name);
  test.endRound();
  assert.deepEqual(process.received(), ["0", "1"]);
  // Two threads can end long requests at one moment; a third answer shows that they are short.
  for (const name of ["0", "1"]) process.answer(name);
  test.endRound();
  assert.deepEqual(process.received(), ["2", "3"]);
  process.answer("2");
  test.endRound();
  assert.deepEqual(process.received(), ["4", "5", "6", "7"]);
  test.pass(5);
  process.answer("3");
  test.endRound();
  assert.deepEqual(process.received(), []);
});

Deno.test("a thread that lingers behind its response counts as one that serves", () => {
  const test = new TestGateway();
  const process = test.start(1, 2);
  const request = test.submit("a");
  test.endRound();
  process.answer("a", wholeResponse("done", HEAD_COMPLETE | HEAD_LINGERS));
  assert.deepEqual(request.events, ["started", "head 200 -1 17 done"]);
  assert.equal(test.gateway.status.running, 1);
  test.submit("b");
  test.submit("c");
  test.endRound();
  process.received();
  // The one thread that was awake is not free: another has to be woken for what waits.
  test.pass(5);
  assert.equal(process.threads.some((thread) => thread.sent().startsWith("P")), true);
  process.answer("a", frame(FrameType.FINISH));
  assert.equal(test.gateway.status.running, 2);
});

Deno.test("requests go to the process that has the fewest", () => {
  const test = new TestGateway();
  const [first, second] = [test.start(1, 3), test.start(2, 3)];
  for (const name of ["a", "b", "c", "d"]) test.submit(name);
  test.endRound();
  assert.deepEqual([first.received(), second.received()], [["a", "c"], ["b", "d"]]);
  second.answer("b");
  second.answer("d");
  test.submit("e");
  test.endRound();
  assert.deepEqual(second.received(), ["e"]);
});

Deno.test("requests wait until a process takes requests", () => {
  const test = new TestGateway();
  const request = test.submit("a");
  test.gateway.announce(1);
  const process = new FakeProcess(test, 1, 1);
  test.endRound();
  assert.deepEqual(request.events, []);
  test.gateway.accept(1);
  test.endRound();
  assert.deepEqual(process.received(), ["a"]);
});

Deno.test("a process that takes requests before its threads are connected gets them then", () => {
  const test = new TestGateway();
  test.gateway.announce(1);
  test.gateway.accept(1);
  test.submit("a");
  const process = new FakeProcess(test, 1, 1);
  test.endRound();
  assert.deepEqual(process.received(), ["a"]);
});

Deno.test("a thread is promoted for a request, a second one only when the first takes long", () => {
  const test = new TestGateway();
  const process = test.start(1, 3);
  const promoted = (order: number) =>
    process.threads.filter((each) => each.sent() === frame(order)).length;
  test.submit("a");
  test.submit("b");
  test.endRound();
  assert.equal(promoted(FrameType.PROMOTE), 1);
  test.pass(1);
  assert.equal(promoted(FrameType.VISIT), 1);
  test.pass(100);
  assert.equal(promoted(FrameType.VISIT), 0, "one for each request");
});

Deno.test("no second thread is promoted beside one that computes, until it has had its turn", () => {
  const test = new TestGateway();
  const process = test.start(1, 3);
  const promoted = () =>
    process.threads.filter((each) => each.sent() === frame(FrameType.PROMOTE)).length;
  for (const thread of [11, 12, 13]) test.computing.add(thread);
  for (const name of ["a", "b", "c"]) test.submit(name);
  test.endRound();
  assert.equal(promoted(), 1);
  for (let time = 1; time <= 4; time++) {
    test.pass(1);
    assert.equal(promoted(), 0, `after ${time} ms`);
  }
  test.pass(1);
  assert.deepEqual(process.threads.map((each) => each.sent()).filter((sent) => sent !== ""), [
    frame(FrameType.VISIT),
    frame(FrameType.VISIT),
  ]);
});

Deno.test("where requests wait for something, each gets a thread as soon as it comes", () => {
  const test = new TestGateway();
  const process = test.start(1, 3);
  const promoted = () =>
    process.threads.filter((each) => each.sent() === frame(FrameType.PROMOTE)).length;
  test.submit("a");
  test.submit("b");
  test.endRound();
  assert.equal(promoted(), 1);
  // Answers come all the time, so that nothing looks stuck: only a look at the thread tells.
  for (let count = 0; count < 12; count++) {
    const name = count % 2 === 0 ? "a" : "b";
    process.received();
    process.answer(name);
    test.submit(name);
    test.endRound();
    test.pass(0.5);
  }
  assert.equal(promoted(), 1);
  test.submit("c");
  test.endRound();
  assert.equal(promoted(), 1, "at once");
});

Deno.test("where a process says that requests are long, each gets a thread as soon as it comes", () => {
  const test = new TestGateway();
  const process = test.start(1, 3);
  const promoted = () =>
    process.threads.filter((each) => each.sent() === frame(FrameType.PROMOTE)).length;
  process.trunk.receive(frame(FrameType.PACE, "\x01"));
  for (const name of ["a", "b"]) test.submit(name);
  test.endRound();
  assert.equal(promoted(), 2);
  process.trunk.receive(frame(FrameType.PACE, "\0"));
  test.submit("c");
  test.endRound();
  assert.equal(promoted(), 0);
});

Deno.test("a second thread is promoted when the first waits after it has computed", () => {
  const test = new TestGateway();
  const process = test.start(1, 3);
  const promoted = (order: number) =>
    process.threads.filter((each) => each.sent() === frame(order)).length;
  for (const thread of [11, 12, 13]) test.computing.add(thread);
  for (const name of ["a", "b"]) test.submit(name);
  test.endRound();
  test.pass(1);
  assert.equal(promoted(FrameType.PROMOTE), 1);
  test.computing.clear();
  test.pass(1);
  assert.equal(promoted(FrameType.VISIT), 1);
});

Deno.test("a request that was given back goes first, with its body, to another process", () => {
  const test = new TestGateway();
  const old = test.start(1, 1);
  const request = test.submit("a", "body");
  test.submit("b");
  test.endRound();
  old.answer("a", frame(FrameType.NOT_TAKEN, "script_reload"));
  assert.deepEqual(test.events, ["replace 1: script_reload", "drained 1"]);
  test.endRound();
  assert.deepEqual(old.received(), []);
  const next = test.start(2, 2);
  assert.deepEqual(next.received(), [
    "a mod_wsgi.daemon_connects 2 mod_wsgi.daemon_restarts 1 [body]",
    "b",
  ]);
  assert.deepEqual(request.events, ["started", "returned", "started"]);
});

Deno.test("a withdrawn request is not started", () => {
  const test = new TestGateway();
  const process = test.start(1, 1);
  const requests = ["a", "b", "c"].map((name) => test.submit(name));
  test.endRound();
  test.gateway.withdraw(requests[1]!);
  process.answer("a");
  test.endRound();
  assert.deepEqual(process.received(), ["c"]);
});

Deno.test("the answer to a withdrawn request is dropped, and its place is free then", () => {
  const test = new TestGateway();
  const process = test.start(1, 1);
  const request = test.submit("a");
  test.endRound();
  test.gateway.withdraw(request);
  test.submit("b");
  test.endRound();
  assert.deepEqual(process.received(), ["a"]);
  process.answer("a");
  test.endRound();
  assert.deepEqual(process.received(), ["b"]);
  assert.deepEqual(request.events, ["started"]);
});

Deno.test("a thread that streams for a client that is gone is told, and is free when it stops", () => {
  const test = new TestGateway();
  const process = test.start(1, 2);
  const request = test.submit("a");
  test.endRound();
  test.gateway.withdraw(request);
  const thread = process.threads[0]!;
  thread.sent();
  const take = process.take("a");
  thread.receive(take);
  assert.equal(thread.sent(), frame(FrameType.ABANDON, take.slice(FRAME_HEADER_SIZE)));
  assert.equal(test.gateway.status.running, 1);
  thread.receive(frame(FrameType.DATA, "nobody reads this") + frame(FrameType.ABORT, "\xf4\x01"));
  assert.equal(thread.closed, false);
  assert.equal(test.gateway.status.running, 0);
});

Deno.test("a thread that waits for the body of a client that is gone loses its channel", () => {
  const test = new TestGateway();
  const process = test.start(1, 2);
  const request = test.submit("a");
  test.endRound();
  const thread = process.threads[0]!;
  thread.receive(process.take("a") + frame(FrameType.WANT_BODY, ""));
  request.sink!.abandon();
  assert.equal(thread.closed, true);
  assert.equal(test.gateway.status.running, 0);
});

Deno.test("a request that waits too long is answered with 504", () => {
  const test = new TestGateway({ queueTimeout: 45 });
  test.start(1, 1);
  const running = test.submit("a");
  const waiting = test.submit("b");
  test.pass(45_000);
  test.gateway.tick();
  assert.deepEqual(waiting.events, []);
  test.pass(1);
  test.gateway.tick();
  assert.deepEqual(waiting.events, ["abort 504"]);
  assert.match(waiting.abortReason!, /^Queue timeout expired: .*--queue-timeout \(45 s\)/);
  assert.deepEqual(running.events, ["started"]);
  assert.equal(test.gateway.status.waiting, 0);
});

Deno.test("while no process takes requests, a request that waits is answered with 503", () => {
  const test = new TestGateway({ connectTimeout: 15, queueTimeout: 45 });
  const request = test.submit("a");
  test.pass(15_000);
  test.gateway.tick();
  assert.deepEqual(request.events, []);
  test.pass(1);
  test.gateway.tick();
  assert.deepEqual(request.events, ["abort 503"]);
  assert.match(request.abortReason!, /^No process took requests .*--connect-timeout \(15 s\)/);
});

Deno.test("the time without a process begins when the last one drains", () => {
  const test = new TestGateway({ connectTimeout: 15 });
  test.start(1, 1);
  test.submit("a");
  const request = test.submit("b");
  test.pass(20_000);
  test.gateway.tick();
  assert.deepEqual(request.events, [], "a process takes requests");
  test.gateway.drain(1);
  test.pass(14_000);
  test.gateway.tick();
  assert.deepEqual(request.events, []);
  test.pass(2000);
  test.gateway.tick();
  assert.deepEqual(request.events, ["abort 503"]);
});

Deno.test("requests behind a full queue are answered with 503, those in it not", () => {
  const test = new TestGateway({ connectTimeout: 15, backlog: 2 });
  test.start(1, 1);
  const requests = ["a", "b", "c", "d"].map((name) => test.submit(name));
  test.pass(15_001);
  test.gateway.tick();
  assert.deepEqual(requests.map(({ events }) => events.at(-1)), [
    "started",
    undefined,
    undefined,
    "abort 503",
  ]);
  assert.match(requests[3]!.abortReason!, /--daemon-backlog 2\) .*--connect-timeout \(15 s\)/);
});

Deno.test("0 is no limit", () => {
  const test = new TestGateway({ connectTimeout: 0, queueTimeout: 0 });
  const request = test.submit("a");
  test.pass(1e9);
  test.gateway.tick();
  assert.deepEqual(request.events, []);
});

Deno.test("refuseWaiting answers what waits and what is still to come", () => {
  const test = new TestGateway();
  const process = test.start(1, 1);
  const requests = ["a", "b", "c"].map((name) => test.submit(name));
  test.endRound();
  test.gateway.refuseWaiting(503);
  requests.push(test.submit("d"));
  process.answer("a", frame(FrameType.NOT_TAKEN, "shutting_down"));
  assert.deepEqual(requests.map(({ events }) => events.at(-1)), new Array(4).fill("abort 503"));
});

Deno.test("drain tells when the running requests are done", () => {
  const test = new TestGateway();
  const process = test.start(1, 2);
  test.submit("a");
  test.submit("b");
  test.endRound();
  test.gateway.drain(1);
  process.answer("a");
  assert.deepEqual(test.events, []);
  process.answer("b");
  assert.deepEqual(test.events, ["drained 1"]);
  test.submit("c");
  test.endRound();
  assert.deepEqual(process.received(), []);
});

Deno.test("drain of a process without requests, connected or not, is done at once", () => {
  const test = new TestGateway();
  test.start(1, 2);
  test.gateway.announce(2);
  test.gateway.drain(1);
  test.gateway.drain(2);
  assert.deepEqual(test.events, ["drained 1", "drained 2"]);
  const late = new FakeProcess(test, 2, 1);
  test.submit("a");
  test.endRound();
  assert.deepEqual(late.received(), []);
});

Deno.test("requests of a process that dies are answered with 500, those that wait go on", () => {
  const test = new TestGateway();
  const process = test.start(1, 2);
  const requests = ["a", "b", "c"].map((name) => test.submit(name));
  test.endRound();
  process.threads[0]!.receive(process.take("a") + frame(FrameType.WANT_BODY));
  process.die();
  assert.deepEqual(requests[0]!.events, ["started", "bound", "want", "abort 500"]);
  assert.deepEqual(requests[1]!.events, ["started", "abort 500"]);
  assert.deepEqual(requests[2]!.events, []);
  test.gateway.remove(1);
  assert.deepEqual(test.start(2, 1).received(), ["c"]);
});

Deno.test("a process that is removed before its sockets close answers 500, once for each request", () => {
  const test = new TestGateway();
  const process = test.start(1, 2);
  const requests = ["a", "b"].map((name) => test.submit(name));
  test.endRound();
  process.threads[0]!.receive(process.take("a") + frame(FrameType.WANT_BODY));
  test.gateway.remove(1);
  assert.deepEqual(requests[1]!.events, ["started", "abort 500"]);
  assert.deepEqual([process.trunk.closed, process.threads[1]!.closed], [true, true]);
  test.gateway.tick();
  assert.deepEqual(requests[0]!.events, ["started", "bound", "want", "abort 500"]);
  assert.equal(process.threads[0]!.closed, true);
  assert.deepEqual(test.events, []);
});

Deno.test("what a process answered before it ended is still read, and waits for a slow client", () => {
  const test = new TestGateway();
  const process = test.start(1, 2);
  const request = test.submit("a");
  test.endRound();
  const thread = process.threads[0]!;
  const head = wholeResponse("first").replace("\xff\x01", "\xff\0");
  thread.receive(process.take("a") + head);
  request.sink!.pauseResponse();
  test.gateway.drain(1);
  process.trunk.receiveEnd();
  process.threads[1]!.receiveEnd();
  test.gateway.remove(1);
  test.gateway.tick();
  request.sink!.resumeResponse();
  thread.receive(frame(FrameType.DATA, "last") + frame(FrameType.FINISH));
  assert.deepEqual(request.events.slice(-2), ["data last", "finish"]);
  thread.receiveEnd();
  assert.deepEqual(test.gateway.status, { waiting: 0, running: 0, idle: 0 });
  assert.deepEqual(test.events, []);
});

Deno.test("a request whose process turns out to be dead is served by another", () => {
  const test = new TestGateway();
  const dead = test.start(1, 1);
  const request = test.submit("a", "body");
  dead.trunk.close();
  const alive = test.start(2, 1);
  assert.deepEqual(alive.received(), ["a [body]"]);
  assert.deepEqual(request.events, ["started", "returned", "started"]);
});

Deno.test("a request whose write finds the process dead is served by another", () => {
  const test = new TestGateway();
  const dead = test.start(1, 1);
  dead.trunk.write = () => {
    dead.trunk.close();
    return true;
  };
  const request = test.submit("a");
  test.endRound();
  const alive = test.start(2, 1);
  assert.deepEqual(alive.received(), ["a"]);
  assert.deepEqual(request.events, ["started", "returned", "started"]);
});

Deno.test("a thread that leaves in the middle of a request costs that request only", () => {
  const test = new TestGateway();
  const process = test.start(1, 2);
  const requests = ["a", "b"].map((name) => test.submit(name));
  test.endRound();
  process.threads[1]!.receive(process.take("b") + frame(FrameType.WANT_BODY));
  process.threads[1]!.receiveEnd();
  assert.deepEqual(requests[1]!.events.at(-1), "abort 500");
  process.answer("a");
  assert.deepEqual(requests[0]!.events.at(-1), "head 200 -1 1 answer to a");
  test.submit("c");
  test.submit("d");
  test.endRound();
  assert.deepEqual(process.received(), ["c"], "one thread is left");
  const again = new FakeStream();
  test.gateway.addChannel(new Channel(again, test.gateway, 1, 2));
  test.endRound();
  assert.deepEqual(process.received(), ["d"]);
});

Deno.test("a channel of an unknown process is closed", () => {
  const test = new TestGateway();
  const stream = new FakeStream();
  test.gateway.addChannel(new Channel(stream, test.gateway, 9, 1));
  assert.equal(stream.closed, true);
});

Deno.test("a body is streamed on the thread's own channel, and always ends", () => {
  const test = new TestGateway();
  const process = test.start(1, 1);
  const request = test.submit("a");
  test.endRound();
  const thread = process.threads[0]!;
  thread.sent();
  thread.receive(process.take("a") + frame(FrameType.WANT_BODY));
  const buffer = new TextEncoder().encode("     part");
  assert.equal(request.sink!.sendBody(buffer, 5, 9), true);
  assert.equal(thread.sent(), frame(FrameType.BODY, "part"));
  thread.receive(wholeResponse("done"));
  assert.equal(thread.sent(), frame(FrameType.END_OF_BODY, "\0"), "the thread waits for it");
  assert.deepEqual(request.events.at(-1), "head 200 -1 1 done");
  assert.equal(test.gateway.status.running, 0);
});

Deno.test("a body that was ended is not ended again", () => {
  const test = new TestGateway();
  const process = test.start(1, 1);
  const request = test.submit("a");
  test.endRound();
  const thread = process.threads[0]!;
  thread.receive(process.take("a") + frame(FrameType.WANT_BODY));
  thread.sent();
  request.sink!.endBody(BodyEnd.CLIENT_GONE);
  thread.receive(frame(FrameType.ABORT, "\xf4\x01"));
  assert.equal(thread.sent(), frame(FrameType.END_OF_BODY, "\x01"));
  assert.deepEqual(request.events.at(-1), "abort 500");
});

Deno.test("a thread's response in parts comes part by part; a slow client pauses it", () => {
  const test = new TestGateway();
  const process = test.start(1, 1);
  const request = test.submit("a");
  test.endRound();
  const thread = process.threads[0]!;
  const head = wholeResponse("first").replace("\xff\x01", "\xff\0");
  thread.receive(process.take("a") + head + frame(FrameType.DATA, "second"));
  request.sink!.pauseResponse();
  assert.equal(thread.paused, true);
  request.sink!.resumeResponse();
  thread.receive(frame(FrameType.DATA, "third") + frame(FrameType.FINISH));
  assert.deepEqual(request.events.slice(2), [
    "head 200 -1 0 first",
    "data second",
    "data third",
    "finish",
  ]);
});

Deno.test("a paused channel is read again when its request is over", () => {
  const test = new TestGateway();
  const process = test.start(1, 1);
  const request = test.submit("a");
  test.endRound();
  const thread = process.threads[0]!;
  thread.receive(process.take("a"));
  request.sink!.pauseResponse();
  thread.paused = false; // what had been read before
  thread.receive(frame(FrameType.FINISH));
  assert.equal(thread.paused, false);
});

Deno.test("the drain of a thread's channel is told to its request", () => {
  const test = new TestGateway();
  const process = test.start(1, 1);
  const request = test.submit("a");
  test.endRound();
  process.threads[0]!.receive(process.take("a"));
  process.threads[0]!.take();
  assert.deepEqual(request.events.at(-1), "drained");
});

Deno.test("a channel that speaks something else is closed", () => {
  const test = new TestGateway();
  const process = test.start(1, 1);
  process.threads[0]!.receive(frame(FrameType.CONTROL, "?"));
  assert.equal(process.threads[0]!.closed, true);
});

Deno.test("a process that replaces its threads' channels keeps taking requests", () => {
  const test = new TestGateway();
  const process = test.start(1, 1);
  for (let round = 0; round < 2000; round++) {
    test.submit(`r${round}`);
    test.endRound();
    process.answer(`r${round}`);
  }
  assert.deepEqual(test.gateway.status, { waiting: 0, running: 0, idle: 1 });
});

Deno.test("a process knows a connection's shape until no request uses it any more", () => {
  const test = new TestGateway();
  const one = test.start(1, 1);
  const shape = test.gateway.connectionShapes.make(["NAME"], "OTHER\0value")!;
  const { definition, marker } = shape;
  assert.equal(definition, `${marker}\0NAME\0\0OTHER\0value`);
  test.submit("a", undefined, shape);
  test.endRound();
  assert.deepEqual(one.received(), [definition, "a"]);
  one.answer("a");
  const left = test.submit("b", undefined, shape);
  test.endRound();
  assert.deepEqual(one.received(), ["b"]);
  // The client of the second leaves, and the connection ends: the process may still be about to look the shape up.
  test.gateway.withdraw(left);
  shape.release();
  const two = test.start(2, 1);
  test.submit("c");
  test.endRound();
  assert.deepEqual(two.received(), ["c"]);
  assert.deepEqual(one.received(), []);
  one.answer("b");
  test.submit("d");
  test.endRound();
  // The other process never knew it.
  assert.deepEqual(one.received(), ["d", marker]);
  assert.deepEqual(two.received(), []);
});

Deno.test("a request that a process gives back takes its shape to the next process", () => {
  const test = new TestGateway();
  const one = test.start(1, 1);
  const shape = test.gateway.connectionShapes.make(["NAME"], "OTHER\0value")!;
  test.submit("a", undefined, shape);
  test.endRound();
  assert.deepEqual(one.received(), [shape.definition, "a"]);
  one.answer("a", frame(FrameType.NOT_TAKEN, "script_reload"));
  const two = test.start(2, 1);
  test.submit("b", undefined, shape);
  test.endRound();
  const [definition, retried] = two.received();
  assert.equal(definition, shape.definition);
  assert.match(retried!, /^NAME a OTHER value mod_wsgi\.daemon_connects 2 /);
  two.answer("NAME");
  test.endRound();
  assert.deepEqual(two.received(), ["b"]);
});
