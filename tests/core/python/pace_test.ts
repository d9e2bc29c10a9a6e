import assert from "node:assert/strict";
import { FrameType } from "../../../core/gateway/frames.ts";
import { pythonResult } from "./python_code.ts";
import { testEach } from "./python_half.ts";

testEach("requests count as long when many take long, as short when few do", async (python) => {
  const result = await pythonResult(
    python,
    `
from _wsgi_express.pace import Pace

class Inbox:
    def __init__(self):
        self.told = []
    def set_pace(self, long):
        self.told.append(long)

def told(*seconds):
    inbox = Inbox()
    pace = Pace(inbox)
    for each in seconds * 100:
        pace.note(each)
    return inbox.told

SHORT, LONG = 0.00005, 0.005
inbox = Inbox()
pace = Pace(inbox)
for each in [LONG] * 20 + [SHORT] * 50 + [LONG] * 20:
    pace.note(each)
result = [told(SHORT), told(LONG), told(*[SHORT] * 19, LONG), told(SHORT, LONG), inbox.told]
`,
  );
  assert.deepEqual(result, [[], [true], [], [true], [true, false, true]]);
});

testEach("threads take turns at the trunk while requests are long", async (python) => {
  const result = await pythonResult(
    python,
    `
import socket, threading
from _wsgi_express.environ import EnvironShapes
from _wsgi_express.frames import REQUEST, REQUEST_PREFIX
from _wsgi_express.inbox import Inbox

gateway, trunk = socket.socketpair()
inbox = Inbox(trunk, EnvironShapes())
inbox.set_pace(True)
answers = []
threads = [threading.Thread(target=lambda: answers.append(inbox.next())) for _ in range(3)]
for thread in threads:
    thread.start()
for number in (1, 2, 3):
    gateway.sendall(REQUEST_PREFIX.pack(REQUEST, 9, number, 0, 0))
for thread in threads:
    thread.join(10)
frames = gateway.recv(6)
inbox.set_pace(False)
reader = threading.Thread(target=inbox.next)
reader.start()
while not inbox._reading.locked():
    pass
beside = inbox.next()
inbox.stop()
reader.join(10)
result = [sorted(number for number, *_ in answers), list(frames), beside]
`,
  );
  assert.deepEqual(result, [[1, 2, 3], [FrameType.PACE, 1, 0, 0, 0, 1], null]);
});
