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
inbox = Inbox(trunk, EnvironShapes({}))
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

testEach("a paced worker serves requests, and tells how long they take", async (python) => {
  const result = await pythonResult(
    python,
    `
from itertools import count
from types import SimpleNamespace
from _wsgi_express.environ import EnvironShapes
from _wsgi_express.pace import paced
from _wsgi_express.request_handler import RequestHandler

def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "4")])
    return [b"body"] if environ["PATH_INFO"] == "/list" else iter([b"body"])

process = SimpleNamespace(
    inbox=None,
    shapes=EnvironShapes({"REQUEST_SCHEME": "http", "REQUEST_METHOD": "GET", "wsgi.url_scheme": ""}),
    is_daemon=False,
    loader=SimpleNamespace(watches=False, application=application),
    events=SimpleNamespace(callbacks={}),
    metrics=SimpleNamespace(recording=False),
    next_total=count(1).__next__,
    total_requests=0,
    log=None,
    active_requests={},
)
noted = []
worker = paced(RequestHandler, SimpleNamespace(note=noted.append))(
    process, 1, SimpleNamespace(bound=False)
)
frames = []
for path in ("/list", "/iterator"):
    text = "PATH_INFO\\0%s\\0mod_wsgi.request_id\\0id" % path
    frames.append(worker.handle(text, 0, b""))
    noted.append(len(frames))
    if worker._rest is not None:
        worker.serve_rest(None)
result = {
    "bodies": [frame[-4:].decode() for frame in frames],
    "noted": [type(each).__name__ for each in noted],
    "finished": worker.finished,
}
`,
  );
  assert.deepEqual(result, {
    bodies: ["body", "body"],
    noted: ["float", "int", "int", "float"],
    finished: 2,
  });
});
