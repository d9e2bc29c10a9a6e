import assert from "node:assert/strict";
import { applicationPlan } from "../../../core/application/python_plan.ts";
import { planOf } from "../options/fixtures.ts";

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
    locale: "en_GB.UTF-8",
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
