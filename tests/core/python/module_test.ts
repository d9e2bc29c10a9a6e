import assert from "node:assert/strict";
import { latin1, pairs, testEach, withApplication } from "./python_half.ts";

testEach("the modules mod_wsgi, mod_wsgi.server and apache are as in 4.8.0", async (python) => {
  const source = `
import mod_wsgi, mod_wsgi.server, apache, types
from mod_wsgi import version
assert version == (4, 8, 0)
assert (mod_wsgi.process_group, mod_wsgi.application_group) == ("localhost:8000", "")
assert (mod_wsgi.maximum_processes, mod_wsgi.threads_per_process) == (2, 1)
assert type(mod_wsgi.FileWrapper) is type
assert type(mod_wsgi.active_requests) is dict
assert type(mod_wsgi.event_callbacks) is type(mod_wsgi.shutdown_callbacks) is list
assert mod_wsgi.server_metrics() is None
assert issubclass(mod_wsgi.RequestTimeout, BaseException)
assert not issubclass(mod_wsgi.RequestTimeout, Exception)
assert callable(mod_wsgi.server.start_reloader) and callable(mod_wsgi.server.track_changes)
assert type(apache.version) is tuple
assert {"build_date", "description", "maximum_processes", "mpm_name", "threads_per_process",
        "version"} <= set(dir(apache))
for name in ("process_metrics", "request_metrics", "server_metrics", "subscribe_events",
             "subscribe_shutdown", "request_data", "start_recording_metrics"):
    assert callable(getattr(mod_wsgi, name)), name
try:
    mod_wsgi.request_data()
except RuntimeError:
    pass
else:
    raise AssertionError
try:
    mod_wsgi.subscribe_events(1)
except TypeError:
    pass
else:
    raise AssertionError
def application(environ, start_response):
    data = mod_wsgi.request_data()
    assert mod_wsgi.active_requests == {"request-1": data}
    assert mod_wsgi.active_requests["request-1"] is data
    start_response("200 OK", [])
    return [b"well"]
`;
  const files = { "mod_wsgi/__init__.py": "raise ImportError('the wrong one')\n" };
  const settings = { python, source, files, plan: { processes: 2, pythonPath: ["."] } };
  await withApplication(settings, async (client, half) => {
    await client.request(pairs());
    const frame = await client.frame();
    assert.equal(frame.type, "H", half.log);
  });
});

const EVENTS = `
import json, mod_wsgi
events = []
def record(name, **payload):
    events.append((name, payload))
    if name == "request_started":
        return {"extra": 1}
def second(name, **payload):
    if name == "request_started":
        assert payload["extra"] == 1
        if payload["request_environ"]["PATH_INFO"] == "/replace":
            return {"application_object": replacement}
    if name == "response_started":
        raise ValueError("in a callback")
assert mod_wsgi.subscribe_events(record) is record
mod_wsgi.subscribe_events(second)
def replacement(environ, start_response):
    start_response("200 OK", [])
    return [b"replaced"]
def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/events":
        shown = [[name, {key: value if isinstance(value, (str, int, float, type(None))) else
                  type(value).__name__ for key, value in payload.items()}]
                 for name, payload in events]
        events.clear()
        start_response("200 OK", [])
        return [json.dumps(shown).encode()]
    if path == "/error":
        raise KeyError("x")
    environ["wsgi.input"].read(3)
    environ["wsgi.input"].readlines()
    mod_wsgi.request_data()["mine"] = 1
    start_response("200 OK", [("A", "b")])
    return iter([b"first", b"second"])
`;

testEach("the events of a request, with every key", async (python) => {
  await withApplication({ python, source: EVENTS }, async (client, half) => {
    const events = async () => {
      await client.request(pairs({ PATH_INFO: "/events" }));
      return JSON.parse((await client.response()).body.toString());
    };
    await client.request(pairs(), 1, latin1("body\nlines\n"));
    assert.equal((await client.response()).body.toString(), "firstsecond");
    await half.logged(/ValueError: in a callback/);
    const [started, response, finished] = await events();
    assert.equal(started[0], "request_started");
    const { application_start, daemon_start, ...rest } = started[1];
    assert.ok(application_start >= daemon_start && daemon_start > 1.7e9);
    assert.deepEqual(rest, {
      application_object: "function",
      daemon_connects: 1,
      daemon_restarts: 0,
      queue_start: 1795426945.136509,
      request_data: "dict",
      request_environ: "dict",
      request_id: "request-1",
      request_start: 1795426945.136315,
      thread_id: 1,
    });
    assert.deepEqual(response, ["response_started", {
      exception_info: null,
      request_data: "dict",
      request_id: "request-1",
      response_headers: "list",
      response_status: "200 OK",
    }]);
    assert.equal(finished[0], "request_finished");
    const names = "application_finish application_time input_length input_reads input_time " +
      "output_length output_time output_writes request_data request_id";
    const cpu = Deno.build.os === "linux" ? ["cpu_system_time", "cpu_user_time"] : [];
    assert.deepEqual(Object.keys(finished[1]).sort(), [...names.split(" "), ...cpu].sort());
    assert.equal(finished[1].input_length, 11);
    assert.equal(finished[1].output_length, 11);
    assert.equal(finished[1].output_writes, 2);
    assert.equal(finished[1].application_finish, application_start + finished[1].application_time);

    await client.request(pairs({ PATH_INFO: "/error" }));
    assert.equal(await client.abort(), 500);
    const after = await events();
    assert.deepEqual(
      after.map(([name]: [string]) => name),
      ["request_finished", "request_started", "request_exception", "request_finished"]
        .toSpliced(0, 0, "response_started")
        .concat("request_started"),
    );
    assert.equal(after[3][1].exception_info, "tuple");

    await client.request(pairs({ PATH_INFO: "/replace" }));
    assert.equal((await client.response()).body.toString(), "replaced");
  });
});

const METRICS = `
import json, mod_wsgi, time
def application(environ, start_response):
    path = environ["PATH_INFO"]
    start_response("200 OK", [])
    if path == "/process":
        return [json.dumps(mod_wsgi.process_metrics()).encode()]
    if path == "/request":
        return [json.dumps(mod_wsgi.request_metrics()).encode()]
    time.sleep(float(environ["QUERY_STRING"]))
    return [b""]
`;

testEach("request_metrics() drains per period, with 16 buckets", async (python) => {
  await withApplication({ python, source: METRICS, plan: { threads: 1 } }, async (client) => {
    const now = () => String(Math.round((performance.timeOrigin + performance.now()) * 1000));
    const send = (path: string, seconds = "0") => {
      const times = { "mod_wsgi.request_start": now(), "mod_wsgi.queue_start": now() };
      return client.request(pairs({ PATH_INFO: path, QUERY_STRING: seconds, ...times }));
    };
    const metrics = async (path: string) => {
      await send(path);
      return JSON.parse((await client.response()).body.toString());
    };
    assert.deepEqual(await metrics("/request"), {});
    for (const seconds of ["0.001", "0.001", "0.001", "0.03", "0.03", "0.2"]) {
      await send("/", seconds);
      await client.response();
    }
    const first = await metrics("/request");
    assert.equal(first.request_count, 6);
    const buckets = first.application_time_buckets;
    assert.equal(buckets.length, 16);
    // On a busy machine a request may take longer than it asks for, never shorter.
    const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
    assert.equal(sum(buckets), 6);
    assert.ok(sum(buckets.slice(0, 3)) <= 3 && sum(buckets.slice(6)) >= 1);
    assert.ok(buckets[0] >= 1 && buckets[15] === 0);
    for (const stage of ["server", "queue", "daemon"]) {
      const counts: number[] = first[stage + "_time_buckets"];
      assert.equal(counts.length, 16);
      assert.equal(sum(counts), 6);
      assert.equal(typeof first[stage + "_time"], "number");
    }
    assert.ok(first.application_time > 0.04 && first.application_time < 4);
    assert.deepEqual(first.request_threads_buckets, [6]);
    assert.equal(first.request_threads_active, 1);
    assert.equal(first.request_threads_maximum, 1);
    const busy = first.capacity_utilization * first.sample_period;
    assert.ok(busy >= 3 * 0.001 + 2 * 0.03 + 0.2 && first.capacity_utilization <= 1);
    assert.ok(Math.abs(first.request_throughput * first.sample_period - 6) < 1e-6);
    const second = await metrics("/request");
    assert.equal(second.request_count, 1); // the call before
    assert.deepEqual(Object.keys(second).sort(), Object.keys(first).sort());
  });
});

testEach("process_metrics() has the keys and types of 4.8.0", async (python) => {
  await withApplication(
    { python, source: METRICS, plan: { threads: 1 } },
    async (client, half) => {
      await client.request(pairs({ QUERY_STRING: "0.02" }));
      await client.response();
      await client.request(pairs({ PATH_INFO: "/process" }));
      const metrics = JSON.parse((await client.response()).body.toString());
      assert.deepEqual(
        Object.keys(metrics).sort(),
        ("active_requests cpu_system_time cpu_user_time current_time memory_max_rss memory_rss pid " +
          "request_busy_time request_count request_threads restart_time running_time threads")
          .split(" "),
      );
      assert.equal(metrics.pid, half.pid);
      assert.equal(metrics.request_count, 1);
      assert.equal(metrics.active_requests, 1);
      assert.equal(metrics.request_threads, 1);
      assert.deepEqual(metrics.threads.map((each: Record<string, number>) => each.request_count), [
        2,
      ]);
      assert.ok(metrics.request_busy_time >= 0.02 && metrics.request_busy_time < 2);
      assert.ok(metrics.memory_rss > 1e6 && metrics.memory_max_rss >= 1e6);
      assert.equal(metrics.running_time, Math.floor(metrics.current_time - metrics.restart_time));
    },
  );
});

testEach(
  "mod_wsgi.server asks for a restart when a loaded or tracked file changes",
  async (python) => {
    const source = `
import helper, mod_wsgi.server
mod_wsgi.server.track_changes("settings.ini")
mod_wsgi.server.start_reloader(interval=0.05)
def application(environ, start_response):
    start_response("200 OK", [])
    return []
`;
    for (const name of ["helper.py", "settings.ini"]) {
      const files = { "helper.py": "", "settings.ini": "" };
      await withApplication({ python, source, files }, async (_client, half) => {
        await Deno.writeTextFile(half.path(name), "# changed\n");
        await Deno.utime(half.path(name), 1, 1);
        const { type, reason } = await half.message();
        assert.deepEqual([type, reason], ["restart", "script_reload"]);
        assert.equal(await half.stop("script_reload"), 0);
      });
    }
  },
);
