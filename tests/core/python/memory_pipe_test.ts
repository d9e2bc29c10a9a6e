import assert from "node:assert/strict";
import { MemoryStream } from "../../../core/net/memory_stream.ts";
import { pythonResult } from "./python_code.ts";
import { testEach } from "./python_half.ts";

/** Bytes that both sides see. */
const SIZE =
  new MemoryStream({ ringReader() {}, after() {}, running: 0, answered: 0 }).memory.length;

/** A pipe over plain memory, with pipes for bells; `pump()` is the event loop's side. */
const SETUP = `
import os, threading
from _wsgi_express import memory_pipe
from _wsgi_express.memory_pipe import MemoryPipe

memory = memoryview(bytearray(${SIZE}))
words = memory[:512].cast("I")
reader_bell, ring_reader = os.pipe()
loop_bell, ring_loop = os.pipe()
pipe = MemoryPipe(memory, reader_bell, ring_loop)
RING = 262144

def put(data):
    at = words[0] % RING
    end = at + len(data)
    inward = memory[512 : 512 + RING]
    inward[at : min(end, RING)] = data[: RING - at]
    if end > RING:
        inward[: end - RING] = data[RING - at :]
    words[0] = (words[0] + len(data)) & 0xFFFFFFFF
    if words[64]:
        words[64] = 0
        os.write(ring_reader, b"12345678")

def taken():
    start, end = words[48], words[32]
    outward = bytes(memory[512 + RING + 16 : 512 + 2 * RING + 16])
    words[48] = end
    return bytes(outward[i % RING] for i in range(start, start + ((end - start) & 0xFFFFFFFF)))
`;

testEach(
  "bytes come out of the pipe as they went in, around the end of the ring",
  async (python) => {
    const result = await pythonResult(
      python,
      SETUP + `
sent = bytes(range(251)) * 400
got = []
for step in range(8):
    put(sent[step:])
    got.append(pipe.recv(1) == sent[step:])
    pipe.sendall(sent[step:])
    got.append(taken() == sent[step:])
result = [all(got), pipe.receive_now() == b"", words[0] > RING]
`,
    );
    assert.deepEqual(result, [true, true, true]);
  },
);

testEach(
  "a thread that receives waits until it is woken, and ends at shutdown()",
  async (python) => {
    const result = await pythonResult(
      python,
      SETUP + `
received = []
def receive():
    data = pipe.recv(1)
    while data:
        received.append(data.decode())
        data = pipe.recv(1)
thread = threading.Thread(target=receive)
thread.start()
for text in (b"one", b"two"):
    while not words[64]:
        pass
    put(text)
while not words[64]:
    pass
pipe._reader_bell, bell = ring_reader, pipe._reader_bell  # shutdown() writes to what is an eventfd
pipe.shutdown(0)
pipe._reader_bell = bell
thread.join(10)
result = [received, thread.is_alive()]
`,
    );
    assert.deepEqual(result, [["one", "two"], false]);
  },
);

testEach("the event loop is woken only where it waits", async (python) => {
  const result = await pythonResult(
    python,
    SETUP + `
os.set_blocking(loop_bell, False)
def rung():
    try:
        return len(os.read(loop_bell, 64)) // 8
    except BlockingIOError:
        return 0
counts = []
pipe.sendall(b"a")
counts.append(rung())
words[80] = 1
pipe.sendall(b"b")
pipe.sendall(b"c")
counts.append(rung())
result = [counts, words[80], taken().decode()]
`,
  );
  assert.deepEqual(result, [[0, 1], 0, "abc"]);
});

testEach("what is larger than the ring is sent as the loop takes it", async (python) => {
  const result = await pythonResult(
    python,
    SETUP + `
data = bytes(range(256)) * 4096
collected = []
def loop():
    while sum(map(len, collected)) < len(data):
        words[80] = 1
        if words[32] == words[48]:
            os.read(loop_bell, 8)
        words[80] = 0
        collected.append(taken())
thread = threading.Thread(target=loop)
thread.start()
pipe.sendall(data)
thread.join(20)
result = [thread.is_alive(), b"".join(collected) == data]
`,
  );
  assert.deepEqual(result, [false, true]);
});
