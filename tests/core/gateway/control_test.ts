import assert from "node:assert/strict";
import { ControlConnection } from "../../../core/gateway/control.ts";
import { FrameType } from "../../../core/gateway/frames.ts";
import { FakeStream } from "../http/fake_stream.ts";
import { frame } from "./fake_process.ts";

interface Message {
  readonly text: string;
}

function connection(): [ControlConnection<Message, Message>, FakeStream, Message[]] {
  const stream = new FakeStream();
  const control = new ControlConnection<Message, Message>(stream);
  const received: Message[] = [];
  control.onMessage = (message) => received.push(message);
  return [control, stream, received];
}

Deno.test("messages are JSON in frames, in both directions and in any parts", () => {
  for (const size of [Infinity, 1, 3]) {
    const [sender, line] = connection();
    const [, stream, received] = connection();
    const messages = [{ text: "größer" }, { text: "" }, { text: "x".repeat(100_000) }];
    for (const message of messages) sender.send(message);
    stream.receive(line.sent(), size);
    assert.deepEqual(received, messages);
  }
});

Deno.test("frames of another type are passed over", () => {
  const [, stream, received] = connection();
  stream.receive(frame(FrameType.WANT_BODY) + frame(FrameType.MESSAGE, '{"text":"a"}'));
  assert.deepEqual(received, [{ text: "a" }]);
});

Deno.test("a message that is no JSON is an error of the other side", () => {
  const [, stream] = connection();
  assert.throws(() => stream.receive(frame(FrameType.MESSAGE, "{")), SyntaxError);
});

Deno.test("the end of the other side closes the connection, and is told once", () => {
  const [control, stream] = connection();
  let closed = 0;
  control.onClosed = () => closed++;
  stream.receiveEnd();
  control.close();
  assert.equal(stream.closed, true);
  assert.equal(closed, 1);
  control.send({ text: "late" });
  assert.equal(stream.sent(), "");
});
