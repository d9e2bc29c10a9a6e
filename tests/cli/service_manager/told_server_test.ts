import assert from "node:assert/strict";
import type { Notifier } from "../../../cli/service_manager/notifier.ts";
import { tellManager } from "../../../cli/service_manager/told_server.ts";
import type { Plan } from "../../../core/plan.ts";

/** A server whose restarts end when the test says so, and what the manager was told. */
function scene() {
  const told: string[] = [];
  const ready = Promise.withResolvers<void>();
  const restarts: PromiseWithResolvers<void>[] = [];
  const notifier: Notifier = {
    ready: () => told.push("ready"),
    reloading: () => told.push("reloading"),
    stopping: () => told.push("stopping"),
    status: () => told.push("status"),
    close() {},
  };
  const target = tellManager({
    plan: { listener: { url: "http://a/" }, processes: { count: 1, threads: 5 } } as Plan,
    ready: ready.promise,
    stop: () => Promise.resolve(),
    stopGracefully: () => Promise.resolve(),
    restart() {
      restarts.push(Promise.withResolvers());
      return restarts.at(-1)!.promise;
    },
  }, notifier);
  return { told, ready, restarts, target };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("the manager is told that the server is ready, and again after a restart", async () => {
  const { told, ready, restarts, target } = scene();
  ready.resolve();
  await settle();
  target.restart(true);
  await settle();
  assert.deepEqual(told, ["ready", "reloading"]);
  restarts[0]!.resolve();
  await settle();
  assert.deepEqual(told, ["ready", "reloading", "ready"]);
});

Deno.test("of several restarts the last one to end makes it ready", async () => {
  const { told, ready, restarts, target } = scene();
  ready.resolve();
  await settle();
  target.restart(true);
  target.restart(false);
  restarts[0]!.resolve();
  await settle();
  assert.deepEqual(told, ["ready", "reloading", "reloading"]);
  restarts[1]!.resolve();
  await settle();
  assert.equal(told.at(-1), "ready");
});

Deno.test("nothing follows the end", async () => {
  const { told, ready, restarts, target } = scene();
  target.restart(true);
  void target.stop();
  ready.resolve();
  restarts[0]!.resolve();
  target.restart(true);
  await settle();
  assert.deepEqual(told, ["reloading", "stopping"]);
});

Deno.test("a server that never becomes ready says nothing", async () => {
  const { told, ready } = scene();
  ready.reject(new Error("no Python"));
  await settle();
  assert.deepEqual(told, []);
});
