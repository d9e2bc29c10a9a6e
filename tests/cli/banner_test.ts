import assert from "node:assert/strict";
import { banner, workerCapacity } from "../../cli/banner.ts";
import { planOf } from "../core/options/fixtures.ts";

Deno.test("banner() is that of mod_wsgi-express in daemon mode, line by line", () => {
  const plan = planOf({
    port: 8104,
    serverRoot: "/run/site",
    accessLog: true,
    locale: "en_US.UTF-8",
  });
  assert.equal(
    banner(plan),
    `\
Server URL         : http://localhost:8104/
Server Root        : /run/site
Server Conf        : /run/site/wsgi-express.json
Error Log File     : /run/site/error_log (warn)
Access Log File    : /run/site/access_log
Operating Mode     : daemon
Request Capacity   : 5 (1 process * 5 threads)
Request Timeout    : 60 (seconds)
Startup Timeout    : 15 (seconds)
Queue Backlog      : 100 (connections)
Queue Timeout      : 45 (seconds)
Server Capacity    : 20 (event/worker), 20 (prefork)
Server Backlog     : 500 (connections)
Locale Setting     : en_US.UTF-8`,
  );
});

Deno.test("banner() leaves out in embedded mode what is for daemon mode, and has no access log unasked", () => {
  const plan = planOf({
    embeddedMode: true,
    processes: 3,
    threads: 2,
    logToTerminal: true,
    logLevel: "error wsgi:info",
    port: 80,
    serverRoot: "/run/site",
  });
  assert.equal(
    banner(plan),
    `\
Server URL         : http://localhost/
Server Root        : /run/site
Server Conf        : /run/site/wsgi-express.json
Error Log File     : /dev/stderr (error wsgi:info)
Operating Mode     : embedded
Request Capacity   : 6 (3 processes * 2 threads)
Server Backlog     : 500 (connections)
Locale Setting     : en_GB.UTF-8`,
  );
});

Deno.test("banner() shows where debugging tools put their output", () => {
  const plan = planOf({
    enableCoverage: true,
    enableProfiler: true,
    enableRecorder: true,
    embeddedMode: true,
    serverRoot: "/run",
    profilerDirectory: "/stats",
  });
  assert.deepEqual(banner(plan).split("\n").slice(4, 9), [
    "Coverage Output    : /run/htmlcov/index.html",
    "Profiler Output    : /stats",
    "Recorder Output    : /run/archive",
    "Operating Mode     : debug",
    "Request Capacity   : 1 (1 process * 1 thread)",
  ]);
});

Deno.test("banner() shows no startup timeout when there is none", () => {
  assert.doesNotMatch(banner(planOf({ startupTimeout: 0 })), /Startup Timeout/);
});

Deno.test("banner() shows where the access log goes on a terminal", () => {
  assert.match(
    banner(planOf({ accessLog: true, logToTerminal: true })),
    /^Access Log File {4}: \/dev\/stdout$/m,
  );
});

Deno.test("workerCapacity() is that of mod_wsgi-express 4.8.0", () => {
  const cases = [
    [1, 10],
    [10, 10],
    [20, 20],
    [21, 30],
    [24, 24],
    [25, 36],
    [40, 52],
    [55, 72],
    [115, 133],
    [150, 162],
    [1000, 1007],
  ] as const;
  for (const [clients, capacity] of cases) assert.equal(workerCapacity(clients), capacity);
});
