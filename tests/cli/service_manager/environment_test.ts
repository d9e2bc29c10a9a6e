import assert from "node:assert/strict";
import {
  type Environment,
  takeManagerEnvironment,
} from "../../../cli/service_manager/environment.ts";

class Variables implements Environment {
  readonly values: Map<string, string>;

  constructor(values: Record<string, string>) {
    this.values = new Map(Object.entries(values));
  }

  get(name: string): string | undefined {
    return this.values.get(name);
  }

  delete(name: string): void {
    this.values.delete(name);
  }
}

const take = (values: Record<string, string>) => takeManagerEnvironment(new Variables(values), 7);

Deno.test("without a service manager nothing is asked for", () => {
  assert.deepEqual(take({}), { notifySocket: undefined, watchdog: undefined, sockets: [] });
});

Deno.test("what is said to this process is read, and taken out of the environment", () => {
  const variables = new Variables({
    NOTIFY_SOCKET: "/run/notify",
    WATCHDOG_USEC: "30000000",
    WATCHDOG_PID: "7",
    LISTEN_FDS: "2",
    LISTEN_PID: "7",
    LISTEN_FDNAMES: "http:other",
    PATH: "/bin",
  });
  assert.deepEqual(takeManagerEnvironment(variables, 7), {
    notifySocket: "/run/notify",
    watchdog: 30_000_000,
    sockets: ["http", "other"],
  });
  assert.deepEqual([...variables.values.keys()], ["PATH"]);
});

Deno.test("what is said to another process is not for this one", () => {
  const said = { WATCHDOG_USEC: "1000", WATCHDOG_PID: "8", LISTEN_FDS: "1", LISTEN_PID: "8" };
  assert.deepEqual(take(said), { notifySocket: undefined, watchdog: undefined, sockets: [] });
  assert.deepEqual(take({ LISTEN_FDS: "1" }).sockets, [], "sockets need LISTEN_PID");
  assert.equal(take({ WATCHDOG_USEC: "1000" }).watchdog, 1000, "a watchdog needs no WATCHDOG_PID");
});

Deno.test("a socket without a name, and addresses of a kind that is not known", () => {
  assert.deepEqual(take({ LISTEN_FDS: "1", LISTEN_PID: "7" }).sockets, ["unknown"]);
  assert.equal(take({ NOTIFY_SOCKET: "@abstract" }).notifySocket, "@abstract");
  assert.equal(take({ NOTIFY_SOCKET: "vsock:2:1234" }).notifySocket, undefined);
});
