import assert from "node:assert/strict";
import { ORDINARY_DEADLINE, within } from "../blackbox/deadline.ts";
import { followSignals, signalActions } from "../../cli/signals.ts";

Deno.test("signalActions() stops on TERM and INT, restarts on HUP, and hands over on USR1", () => {
  const actions = signalActions("unix", false);
  assert.equal(actions.get("SIGTERM"), "stop");
  assert.equal(actions.get("SIGINT"), "stop");
  assert.equal(actions.get("SIGHUP"), "restart");
  assert.equal(actions.get("SIGUSR1"), "restart gracefully");
});

Deno.test("signalActions() stops gracefully on WINCH, but not where a terminal may send it", () => {
  assert.equal(signalActions("unix", false).get("SIGWINCH"), "stop gracefully");
  assert.equal(signalActions("unix", true).get("SIGWINCH"), "ignore");
});

Deno.test("signalActions() listens on Windows to what Windows has", () => {
  assert.deepEqual([...signalActions("windows", true).keys()], ["SIGINT", "SIGBREAK"]);
});

Deno.test({
  name: "followSignals() does to the server what the signals ask for, until it is told to end",
  ignore: Deno.build.os === "windows",
  async fn() {
    const calls: string[] = [];
    let called = Promise.withResolvers<void>();
    const note = (call: string) => {
      calls.push(call);
      called.resolve();
    };
    const server = {
      stop: (reason?: string) => Promise.resolve(note(`stop ${reason}`)),
      stopGracefully: () => Promise.resolve(note("stop gracefully")),
      restart: (handover: boolean) => note(`restart ${handover}`),
    };
    const unfollow = followSignals(Promise.resolve(server), signalActions("unix", false));
    try {
      for (const signal of ["SIGHUP", "SIGUSR1", "SIGWINCH", "SIGTERM"] as const) {
        called = Promise.withResolvers();
        Deno.kill(Deno.pid, signal);
        await within(called.promise, ORDINARY_DEADLINE, `call after ${signal}`);
      }
    } finally {
      unfollow();
    }
    assert.deepEqual(calls, [
      "restart false",
      "restart true",
      "stop gracefully",
      "stop shutdown_signal",
    ]);
  },
});
