import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createPlan } from "../../../core/options/create_plan.ts";
import { linux } from "./fixtures.ts";

const entryPoint = fileURLToPath(import.meta.url);
const workingDirectory = fileURLToPath(new URL(".", import.meta.url));

Deno.test("createPlan() makes a plan from a program's own settings", () => {
  const { plan, warnings } = createPlan(
    { entryPoint, workingDirectory, port: 0, threads: 2, http2: true },
    linux(),
  );
  assert.equal(plan.processes.threads, 2);
  assert.equal(plan.listener.port, 0);
  assert.deepEqual(warnings, ["--http2 is accepted and has no effect in this version"]);
});

Deno.test("createPlan() lets the program's settings win over environment variables", () => {
  const host = linux({ uid: 0, environment: { WSGI_RUN_USER: "www", WSGI_RUN_GROUP: "web" } });
  const { plan } = createPlan({ entryPoint, workingDirectory, user: "ann" }, host);
  assert.deepEqual([plan.server.user, plan.server.group], ["ann", "web"]);
});

Deno.test("createPlan() refuses wrong settings and missing files", () => {
  assert.throws(() => createPlan({ entryPoint, port: -1 }, linux()), { name: "UsageError" });
  assert.throws(() => createPlan({ entryPoint: "/nowhere.wsgi" }, linux()), {
    name: "ConfigurationError",
  });
});
