import assert from "node:assert/strict";
import { applicationPlan, deepFreeze, withBoundPort } from "../../core/plan.ts";
import { planOf } from "./options/fixtures.ts";

const process = {
  instance: 3,
  secret: "s".repeat(32),
  gateway: { kind: "unix", path: "/run/gateway" },
  manager: { kind: "fd", fd: 5 },
} as const;

Deno.test("applicationPlan() is what the Python half of a process is told, as plain data", () => {
  const plan = planOf({ processes: 2, threads: 1, pythonPath: ["lib"], serverRoot: "/run" });
  const half = applicationPlan(plan, process);
  assert.deepEqual(half, {
    instance: 3,
    secret: "s".repeat(32),
    gateway: { kind: "unix", path: "/run/gateway" },
    manager: { kind: "fd", fd: 5 },
    threads: 1,
    processes: 2,
    multiprocess: true,
    multithread: false,
    run_once: false,
    application: { type: "script", entryPoint: "/srv/site/app.wsgi", callable: "application" },
    reloading: true,
    reloadOnChanges: false,
    recycling: {
      requestTimeout: 60,
      interruptTimeout: 0,
      slowRequests: 0,
      startupTimeout: 15,
      inactivityTimeout: 0,
      ignoreActivity: [],
      maximumRequests: 0,
      restartInterval: 0,
    },
    pythonPath: ["/srv/site/lib"],
    workingDirectory: "/srv/site",
    processGroup: "localhost:8000",
    applicationGroup: "",
    applicationGroupGil: "shared",
    debug: null,
    environ: plan.environ,
    osEnviron: plan.osEnviron,
    log: { path: "/run/error_log" },
    logLevel: "warn",
    shutdownTimeout: 5,
    serverMetrics: false,
    sysArgv: ["mod_wsgi"],
    switchInterval: null,
  });
  assert.deepEqual(JSON.parse(JSON.stringify(half)), half);
});

Deno.test("applicationPlan() logs to the terminal, at the level for wsgi where there is one", () => {
  const half = applicationPlan(
    planOf({ logToTerminal: true, logLevel: "warn wsgi:info" }),
    process,
  );
  assert.deepEqual(half.log, { fd: 2 });
  assert.equal(half.logLevel, "info");
});

Deno.test("withBoundPort() puts the chosen port wherever the port shows", () => {
  const plan = planOf({ port: 0 });
  assert.equal(plan.listener.url, "http://localhost:0/");
  const bound = withBoundPort(plan, 49152);
  assert.equal(bound.listener.port, 49152);
  assert.equal(bound.listener.url, "http://localhost:49152/");
  assert.equal(bound.application.processGroup, "localhost:49152");
  assert.equal(bound.environ["mod_wsgi.process_group"], "localhost:49152");
  assert.equal(bound.environ["mod_wsgi.listener_port"], "49152");
  assert.equal(bound.server.root, plan.server.root);
  assert.equal(JSON.stringify(bound).includes("localhost:0"), false);
});

Deno.test("withBoundPort() leaves a given process group, and embedded mode without one", () => {
  assert.equal(
    withBoundPort(planOf({ port: 0, processGroup: "shop" }), 1).application.processGroup,
    "shop",
  );
  const embedded = withBoundPort(planOf({ port: 0, embeddedMode: true }), 1);
  assert.equal(embedded.application.processGroup, "");
});

Deno.test("withBoundPort() gives the same plan where the port was known", () => {
  const plan = planOf({ port: 8000 });
  assert.equal(withBoundPort(plan, 8000), plan);
});

Deno.test("deepFreeze() freezes arrays and objects through and through", () => {
  const value = deepFreeze({ a: [{ b: 1 }], c: null });
  assert.ok(Object.isFrozen(value.a) && Object.isFrozen(value.a[0]));
});
