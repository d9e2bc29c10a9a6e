import assert from "node:assert/strict";
import { makePlan } from "../../../core/options/make_plan.ts";
import { optionEntries, type Settings } from "../../../core/options/table.ts";
import { linux, planOf, settings, windows } from "./fixtures.ts";

Deno.test("makePlan() makes plain data that survives JSON and can't be changed", () => {
  const plan = planOf({ setenv: [["A", "b"]], accessLog: true, enableDebugger: true });
  assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
  assert.throws(() => Object.assign(plan.environ, { A: "c" }), TypeError);
  assert.throws(() => Object.assign(plan.processes, { count: 2 }), TypeError);
});

Deno.test("makePlan() doesn't freeze what it was given", () => {
  const pythonPath = ["lib"];
  const setenv: [string, string][] = [["A", "b"]];
  const ignoreActivity = ["/health"];
  planOf({ pythonPath, setenv, ignoreActivity });
  assert.equal([pythonPath, setenv, ignoreActivity].some(Object.isFrozen), false);
});

Deno.test("makePlan() looks at each option that is said to be carried out", () => {
  const read = new Set<string>();
  const cases: Partial<Settings>[] = [
    { accessLog: true, serviceScript: [["a", "b"]] },
    { embeddedMode: true },
    {
      enableDebugger: true,
      enableCoverage: true,
      enableProfiler: true,
      enableRecorder: true,
      enableGdb: true,
    },
  ];
  for (const values of cases) {
    // Not frozen: a proxy of a frozen object can't be watched more than the object itself.
    const watched = new Proxy({ ...settings({ entryPoint: "a", ...values }) }, {
      get(target, name, receiver) {
        read.add(String(name));
        return Reflect.get(target, name, receiver);
      },
    });
    makePlan(watched, linux({ uid: 0 }));
  }
  for (const [name, { effect = "full" }] of optionEntries) {
    if (effect === "full") assert.ok(read.has(name), name);
  }
});

Deno.test("makePlan() makes paths absolute from where the command was given", () => {
  const plan = planOf({
    entryPoint: "sub/app.wsgi",
    workingDirectory: "work",
    pidFile: "run.pid",
    socketPrefix: "sockets",
    serverRoot: "root",
    serviceScript: [["mail", "mail.py"]],
  });
  assert.equal(plan.application.entryPoint, "/srv/site/sub/app.wsgi");
  assert.equal(plan.python.applicationFolder, "/srv/site/sub");
  assert.equal(plan.application.workingDirectory, "/srv/site/work");
  assert.equal(plan.server.root, "/srv/site/root");
  assert.equal(plan.server.pidFile, "/srv/site/run.pid");
  assert.equal(plan.server.socketPrefix, "/srv/site/sockets");
  assert.equal(plan.services[0]!.script, "/srv/site/mail.py");
  assert.equal(planOf({ serverRoot: "root" }).server.pidFile, "/srv/site/root/httpd.pid");
});

Deno.test("makePlan() uses the paths of the system", () => {
  const plan = planOf({}, windows());
  assert.equal(plan.application.entryPoint, "C:\\site\\app.wsgi");
  assert.equal(plan.server.root, "C:\\Temp\\mod_wsgi-localhost-8000-ann");
  assert.equal(plan.server.pidFile, "C:\\Temp\\mod_wsgi-localhost-8000-ann\\httpd.pid");
});

Deno.test("makePlan() keeps the name of a module, and looks for its .venv in the working directory", () => {
  const plan = planOf({
    applicationType: "module",
    entryPoint: "site.wsgi",
    workingDirectory: "/srv/app",
    callableObject: "app",
  });
  assert.equal(plan.application.type, "module");
  assert.equal(plan.application.entryPoint, "site.wsgi");
  assert.equal(plan.application.callable, "app");
  assert.equal(plan.python.applicationFolder, "/srv/app");
});

Deno.test("makePlan() puts the defaults of mod_wsgi-express into the time limits of daemon mode", () => {
  assert.deepEqual(planOf().timeouts, {
    header: { first: 15, most: 30, rate: 500 },
    body: { first: 15, most: 0, rate: 500 },
    keepAlive: 2,
    socket: 60,
    responseSocket: 60,
    connect: 15,
    queue: 45,
    request: 60,
    interrupt: 0,
    slow: 0,
    startup: 15,
    deadlock: 60,
    inactivity: 0,
    graceful: 15,
    eviction: 15,
    shutdown: 5,
  });
});

Deno.test("makePlan() lets a time limit of 0 take the one it stands for", () => {
  const { timeouts } = planOf({ socketTimeout: 7, gracefulTimeout: 9 });
  assert.equal(timeouts.responseSocket, 7);
  assert.equal(timeouts.eviction, 9);
  const given = planOf({ responseSocketTimeout: 3, evictionTimeout: 4 }).timeouts;
  assert.equal(given.responseSocket, 3);
  assert.equal(given.eviction, 4);
});

Deno.test("makePlan() has no limits on requests and processes outside daemon mode", () => {
  const values = {
    requestTimeout: 1,
    interruptTimeout: 1,
    inactivityTimeout: 1,
    restartInterval: 1,
    cpuTimeLimit: 1,
    maximumRequests: 100,
  };
  const embedded = planOf({ ...values, embeddedMode: true });
  const { queue, request, interrupt, startup, deadlock, inactivity } = embedded.timeouts;
  assert.deepEqual([queue, request, interrupt, startup, deadlock, inactivity], [0, 0, 0, 0, 0, 0]);
  assert.equal(embedded.processes.restartInterval, 0);
  assert.equal(embedded.processes.cpuTimeLimit, 0);
  assert.equal(embedded.processes.maximumRequests, 100);
  assert.equal(embedded.timeouts.header.first, 15);
  assert.equal(embedded.timeouts.shutdown, 5);
  assert.equal(planOf({ ...values, debugMode: true }).processes.maximumRequests, 0);
});

Deno.test("makePlan() lets a buffer size of 0 be the usual one", () => {
  const { limits } = planOf();
  assert.equal(limits.responseHeaders, 32768);
  assert.equal(limits.responseBuffer, 65536);
  const given = planOf({ headerBufferSize: 1024, responseBufferSize: 1 }).limits;
  assert.equal(given.responseHeaders, 1024);
  assert.equal(given.responseBuffer, 1);
});

Deno.test("makePlan() changes the user only when started by root", () => {
  const values = {
    user: "www",
    group: "web",
    serviceScript: [["a", "a.py"], ["b", "b.py"]],
  } as const;
  const byAnn = planOf(values);
  assert.deepEqual([byAnn.server.user, byAnn.server.group], [null, null]);
  const byRoot = planOf({ ...values, serviceUser: [["b", "mail"]] }, linux({ uid: 0 }));
  assert.deepEqual([byRoot.server.user, byRoot.server.group], ["www", "web"]);
  assert.deepEqual(byRoot.services.map(({ user, group }) => [user, group]), [
    ["www", "web"],
    ["mail", "web"],
  ]);
});

Deno.test("makePlan() takes %{GLOBAL} for the main interpreter", () => {
  assert.equal(planOf().application.applicationGroup, "");
  assert.equal(planOf({ applicationGroup: "%{GLOBAL}" }).application.applicationGroup, "");
  assert.equal(planOf({ applicationGroup: "shop" }).application.applicationGroup, "shop");
});

Deno.test("makePlan() has an access log when asked for, in the format asked for", () => {
  assert.equal(planOf().log.access, null);
  assert.deepEqual(planOf({ accessLog: true, logDirectory: "/var/log" }).log.access, {
    kind: "file",
    path: "/var/log/access_log",
    format: "common",
  });
  assert.deepEqual(
    planOf({ accessLog: true, logToTerminal: true, accessLogFormat: "combined" }).log.access,
    { kind: "terminal", stream: "stdout", format: "combined" },
  );
});

Deno.test("makePlan() sends a service to its own log file, else to the error log", () => {
  const { services } = planOf({
    logDirectory: "/var/log",
    serviceScript: [["a", "a.py"], ["b", "b.py"]],
    serviceLogFile: [["b", "b.log"]],
  });
  assert.deepEqual(services.map(({ log }) => log), [
    { kind: "file", path: "/var/log/error_log" },
    { kind: "file", path: "/var/log/b.log" },
  ]);
});

Deno.test("makePlan() sends a service to its own log file beside an error log on the terminal", () => {
  for (
    const [values, host] of [[{ logToTerminal: true }, linux()], [
      {},
      linux({ terminal: true }),
    ]] as const
  ) {
    const { services } = planOf({
      ...values,
      serverRoot: "/run/site",
      serviceScript: [["a", "a.py"], ["b", "b.py"]],
      serviceLogFile: [["b", "b.log"]],
    }, host);
    assert.deepEqual(services.map(({ log }) => log), [
      { kind: "terminal", stream: "stderr" },
      { kind: "file", path: "/run/site/b.log" },
    ]);
  }
});

Deno.test("makePlan() has debugging tools in debug mode only, with folders in the server root", () => {
  assert.equal(planOf().debug, null);
  assert.deepEqual(planOf({ debugMode: true }).debug, {
    debugger: null,
    coverageDirectory: null,
    profilerDirectory: null,
    recorderDirectory: null,
    gdb: null,
  });
  assert.deepEqual(
    planOf({
      serverRoot: "/run",
      enableDebugger: true,
      debuggerStartup: true,
      enableCoverage: true,
      enableProfiler: true,
      profilerDirectory: "stats",
      enableRecorder: true,
      enableGdb: true,
    }).debug,
    {
      debugger: { atStartup: true },
      coverageDirectory: "/run/htmlcov",
      profilerDirectory: "/srv/site/stats",
      recorderDirectory: "/run/archive",
      gdb: "gdb",
    },
  );
});
