import assert from "node:assert/strict";
import { testEach } from "./python_half.ts";
import { pythonResult } from "./python_code.ts";

/** A process with workers whose state and clock the test sets, and a monitor that looks at them. */
const MONITOR = `
from types import SimpleNamespace
from _wsgi_express import recycling

logged = []
asked = []

def worker(number, request=None, started=0.0, taken=1, ended=0.0):
    return SimpleNamespace(number=number, request=request, started=started, taken=taken,
                           ended=ended, thread_id=number, field=lambda name: name)

def monitor(rules, workers, activity=None, loading_since=0.0):
    process = SimpleNamespace(
        plan={"threads": len(workers), "processes": 1},
        workers=workers,
        workers_by_thread={},
        activity=activity,
        loader=SimpleNamespace(loading_since=loading_since),
        log=SimpleNamespace(text=lambda level, text: logged.append([level, text])),
        restart=lambda reason, handover: asked.append([reason, handover]),
    )
    made = recycling.Monitor(process, rules)
    made._began = 0.0
    return made
`;

testEach("request_limit() grows with the logarithm of the threads", async (python) => {
  const found = await pythonResult(
    python,
    `from _wsgi_express.recycling import request_limit
result = [request_limit(60, 1), round(request_limit(2, 5), 3)]`,
  );
  assert.deepEqual(found, [60, 5.219]);
});

testEach("request_maximum() spreads several processes below the maximum", async (python) => {
  const found = await pythonResult(
    python,
    `from _wsgi_express.recycling import request_maximum as maximum
result = [maximum(200, 1, 0.9), maximum(200, 4, 0.0), maximum(200, 4, 0.5), maximum(1, 4, 0.99),
          min(maximum(200, 4, i / 100) for i in range(100))]`,
  );
  assert.deepEqual(found, [200, 200, 190, 1, 181]);
});

testEach("counter() calls once, at the maximum", async (python) => {
  const found = await pythonResult(
    python,
    `from _wsgi_express.recycling import counter
calls = []
count = counter(3, lambda: calls.append(len(result)))
result = []
for _ in range(5):
    result.append(count())
result.append(calls)`,
  );
  assert.deepEqual(found, [1, 2, 3, 4, 5, [2]]);
});

testEach("the monitor looks again when something is due, once a second else", async (python) => {
  const found = await pythonResult(
    python,
    MONITOR + `
idle = monitor({"requestTimeout": 60}, [worker(1)]).look(5.0)
running = monitor({"requestTimeout": 10}, [worker(1, "x", 5.0)])
result = [idle, running.look(6.0), running.look(14.75), asked]`,
  );
  assert.deepEqual(found, [1, 1, 0.25, []]);
});

testEach("a request beyond the limit is logged and the process replaced, once", async (python) => {
  const found = await pythonResult(
    python,
    MONITOR + `
made = monitor({"requestTimeout": 10}, [worker(1, "x", 5.0)])
made.look(14.999)
before = len(logged)
made.look(15.0)
made.look(30.0)
result = [before, len(logged), logged[0][0], logged[0][1], asked]`,
  );
  assert.deepEqual([found[0], found[1], found[2], found[4]], [
    0,
    1,
    "error",
    [["request_timeout", true]],
  ]);
  assert.match(found[3], /worker thread 1 has been serving REQUEST_METHOD REQUEST_URI for 10\.000/);
});

testEach("an interrupted request has the process replaced only if it goes on", async (python) => {
  const found = await pythonResult(
    python,
    MONITOR + `
from _wsgi_express import interrupt
interrupted = []
interrupt.interrupt = lambda worker, request: interrupted.append(list(request)) or True
rules = {"requestTimeout": 10, "interruptTimeout": 3}
one = worker(1, "x", 5.0)
made = monitor(rules, [one])
waits = [made.look(15.0), made.look(17.5)]
one.request = None
made.look(18.0)
one.request, one.taken, one.started = "y", 2, 19.0
waits.append(made.look(20.0))
ended = list(asked)
made.look(29.0)
made.look(32.0)
result = [waits, interrupted, ended, asked]`,
  );
  assert.deepEqual(found, [[1, 0.5, 1], [[1, 1], [1, 2]], [], [["request_timeout", true]]]);
});

testEach("where a request can't be interrupted the process is replaced at once", async (python) => {
  const found = await pythonResult(
    python,
    MONITOR + `
from _wsgi_express import interrupt
interrupt.interrupt = lambda worker, request: False
monitor({"requestTimeout": 10, "interruptTimeout": 3}, [worker(1, "x", 5.0)]).look(15.0)
result = asked`,
  );
  assert.deepEqual(found, [["request_timeout", true]]);
});

testEach("a slow request is reported once, and nothing else is done about it", async (python) => {
  const found = await pythonResult(
    python,
    MONITOR + `
one = worker(1, "x", 5.0)
made = monitor({"slowRequests": 1.5}, [one])
waits = [made.look(6.0)]
for now in (6.5, 7.5, 8.5):
    made.look(now)
one.taken, one.started = 2, 9.0
made.look(11.0)
result = [waits, asked, len(logged), logged[0]]`,
  );
  assert.deepEqual(found.slice(0, 3), [[0.5], [], 2]);
  assert.equal(found[3][0], "warn");
  assert.match(found[3][1], /Slow request \(--slow-requests 1\.5\): .* for 1\.500 seconds\./);
});

testEach("idleness counts from the last request, and only where there was one", async (python) => {
  const found = await pythonResult(
    python,
    MONITOR + `
rules = {"inactivityTimeout": 10}
fresh = monitor(rules, [worker(1, taken=0)])
busy = monitor(rules, [worker(1, "x", 5.0), worker(2, ended=1.0)])
idle = monitor(rules, [worker(1, started=5.0, ended=6.5), worker(2, started=2.0, ended=3.0)])
waits = [fresh.look(100.0), busy.look(100.0), idle.look(16.0)]
before = list(asked)
idle.look(16.5)
result = [waits, before, asked]`,
  );
  assert.deepEqual(found, [[1, 1, 0.5], [], [["inactivity_timeout", true]]]);
});

testEach("what is no activity is told by path, with all that lies below", async (python) => {
  const found = await pythonResult(
    python,
    MONITOR + `
from _wsgi_express.activity import Activity
activity = Activity(["/health", "/status/"])
paths = ["/health", "/health/deep", "/healthy", "/status", "/status/x", "/", ""]
ignored = [path for path in paths if activity.ignores(path)]
made = monitor({"inactivityTimeout": 10}, [worker(1, started=50.0, ended=60.0)], activity)
made.look(100.0)
before = list(asked)
activity.last = 90.0
made.look(100.0)
result = [ignored, before, asked]`,
  );
  assert.deepEqual(found, [
    ["/health", "/health/deep", "/status", "/status/x"],
    [],
    [["inactivity_timeout", true]],
  ]);
});

testEach("age and a load that takes too long have the process replaced", async (python) => {
  const found = await pythonResult(
    python,
    MONITOR + `
old = monitor({"restartInterval": 20}, [worker(1)])
waits = [old.look(19.5)]
old.look(20.0)
loading = monitor({"startupTimeout": 15}, [worker(1)], loading_since=5.0)
waits.append(loading.look(19.75))
loading.look(20.0)
result = [waits, asked, "Startup timeout" in logged[0][1]]`,
  );
  assert.deepEqual(found, [
    [0.5, 0.25],
    [["restart_interval", true], ["startup_timeout", true]],
    true,
  ]);
});

testEach("a monitor is needed for each of its rules and for none else", async (python) => {
  const found = await pythonResult(
    python,
    MONITOR + `
names = ["requestTimeout", "slowRequests", "startupTimeout", "inactivityTimeout", "restartInterval"]
result = [monitor({name: 1}, [worker(1)]).is_needed for name in names]
result += [monitor({"maximumRequests": 5, "interruptTimeout": 1}, [worker(1)]).is_needed]`,
  );
  assert.deepEqual(found, [true, true, true, true, true, false]);
});
