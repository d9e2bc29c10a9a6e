import assert from "node:assert/strict";
import { FrameType } from "../../../core/gateway/frames.ts";
import {
  controlHello,
  newSecret,
  type ProcessControl,
  Reception,
  SECRET_LENGTH,
} from "../../../core/gateway/reception.ts";
import { decodeLatin1 } from "../../../core/wsgi/latin1.ts";
import { FakeStream } from "../http/fake_stream.ts";
import { frame, TestGateway, uint32 } from "./fake_process.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

class TestReception {
  readonly gateway = new TestGateway();
  readonly controls: [number, ProcessControl<string>][] = [];
  readonly reception = new Reception<string>(
    SECRET,
    this.gateway.gateway,
    (instance, control) => this.controls.push([instance, control]),
  );

  connect(): FakeStream {
    const stream = new FakeStream();
    this.reception.receive(stream);
    return stream;
  }
}

function hello(secret: string, instance: number, thread: number): string {
  return frame(FrameType.HELLO, secret + uint32(instance) + uint32(thread) + uint32(0));
}

function control(secret: string, instance: number): string {
  const bytes = controlHello(secret, instance);
  return decodeLatin1(bytes, 0, bytes.length);
}

for (const size of [Infinity, 1, 7]) {
  Deno.test(`threads and control connections are received, in reads of ${size} bytes`, () => {
    const test = new TestReception();
    test.gateway.gateway.announce(3);
    test.gateway.gateway.accept(3);
    for (const thread of [0, 1]) test.connect().receive(hello(SECRET, 3, thread), size);
    assert.equal(test.gateway.gateway.status.idle, 1);
    test.connect().receive(control(SECRET, 4), size);
    assert.deepEqual(test.controls.map(([instance]) => instance), [4]);
  });
}

Deno.test("whoever does not know the secret is closed", () => {
  const test = new TestReception();
  test.gateway.gateway.announce(3);
  const wrong = [
    "f".repeat(SECRET_LENGTH),
    SECRET.slice(1) + "0",
    "\0".repeat(SECRET_LENGTH),
  ];
  for (const secret of wrong) {
    for (const first of [hello(secret, 3, 1), control(secret, 3)]) {
      const stream = test.connect();
      stream.receive(first);
      assert.equal(stream.closed, true);
    }
  }
  assert.equal(test.gateway.gateway.status.idle, 0);
  assert.deepEqual(test.controls, []);
});

Deno.test("whoever speaks something else is closed, whatever comes and in what parts", () => {
  const junk = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    frame(FrameType.HELLO, SECRET),
    frame(FrameType.CONTROL, SECRET + uint32(1) + "more"),
    frame(FrameType.MESSAGE, SECRET + uint32(1)),
    frame(FrameType.REQUEST, "x".repeat(100)),
    String.fromCharCode(FrameType.HELLO) + "\xff\xff\xff\x03",
    "\0".repeat(100),
  ];
  for (const text of junk) {
    for (const size of [Infinity, 1, 40]) {
      const test = new TestReception();
      const stream = test.connect();
      stream.receive(text, size);
      assert.equal(stream.closed, true, JSON.stringify(text));
      assert.deepEqual(test.controls, []);
    }
  }
});

Deno.test("a thread of a process that is not announced is closed", () => {
  const test = new TestReception();
  const stream = test.connect();
  stream.receive(hello(SECRET, 9, 1));
  assert.equal(stream.closed, true);
});

Deno.test("a connection that ends before it said who it is is closed", () => {
  const test = new TestReception();
  const stream = test.connect();
  stream.receive("I");
  stream.receiveEnd();
  assert.equal(stream.closed, true);
});

Deno.test("newSecret() makes 32 characters, different ones each time", () => {
  const secrets = new Set(Array.from({ length: 100 }, newSecret));
  assert.equal(secrets.size, 100);
  for (const secret of secrets) assert.match(secret, /^[0-9a-f]{32}$/);
});
