import assert from "node:assert/strict";
import { deepFreeze, withBoundPort } from "../../core/plan.ts";
import { planOf } from "./options/fixtures.ts";

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
