import assert from "node:assert/strict";
import {
  refuseContradictions,
  refuseNotCarriedOut,
  startWarnings,
} from "../../../core/options/refusals.ts";
import { optionEntries, type Settings } from "../../../core/options/table.ts";
import { linux, resolved, settings, windows } from "./fixtures.ts";

const script = { entryPoint: "app.wsgi" };

/** A value of the option that is not its default. */
function someValue(name: keyof Settings): unknown {
  const [, option] = optionEntries.find(([key]) => key === name)!;
  const values = {
    flag: true,
    integer: 1,
    number: 0.5,
    string: "x",
    path: "x",
    choice: option.choices[0],
    pair: ["a", "b"],
  };
  return option.repeatable ? [values[option.kind]] : values[option.kind];
}

const given = (name: keyof Settings) => resolved({ ...script, [name]: someValue(name) });
const withEffect = (wanted: string) => optionEntries.filter(([, { effect }]) => effect === wanted);

Deno.test("refuseNotCarriedOut() refuses what would leave the server open or not where it was asked for", () => {
  const refused = withEffect("refused-yet");
  const flags = refused.map(([, { flag }]) => flag);
  for (
    const flag of ["--https-port", "--https-only", "--auth-user-script", "--host-access-script"]
  ) {
    assert.ok(flags.includes(flag), flag);
  }
  for (const [name, { flag }] of refused) {
    assert.throws(() => refuseNotCarriedOut(given(name), linux()), {
      name: "ConfigurationError",
      message: new RegExp(`^${flag} is not carried out in this version`),
    });
  }
  refuseNotCarriedOut(resolved({ ...script, httpsOnly: false }, "program"), linux());
});

Deno.test("refuseContradictions() refuses static and paste, and a start without an application", () => {
  for (const applicationType of ["static", "paste"] as const) {
    assert.throws(() => refuseContradictions(settings({ ...script, applicationType })), {
      name: "ConfigurationError",
      message: new RegExp(`--application-type ${applicationType} is not carried out`),
    });
  }
  for (const entryPoint of [null, ""]) {
    assert.throws(() => refuseContradictions(settings({ entryPoint })), {
      name: "UsageError",
      message: /^no application to serve/,
    });
  }
});

Deno.test("refuseNotCarriedOut() refuses on Windows several processes in embedded mode", () => {
  const values = { embeddedMode: true, processes: 2 };
  assert.throws(() => refuseNotCarriedOut(resolved(values), windows()), {
    name: "ConfigurationError",
    message: /--embedded-mode is one process on Windows/,
  });
  refuseNotCarriedOut(resolved(values), linux());
  refuseNotCarriedOut(resolved({ embeddedMode: true }), windows());
  refuseNotCarriedOut(resolved({ processes: 2 }), windows());
});

Deno.test("startWarnings() says what has no effect on Windows, and why", () => {
  const values = { user: "www-data", cpuTimeLimit: 60, processes: 2 };
  assert.deepEqual(startWarnings(resolved(values), windows()), [
    "--cpu-time-limit is accepted and has no effect on Windows: there is no limit that a process " +
    "could react to",
    "--user is accepted and has no effect on Windows: the application runs as who starts the server",
  ]);
  assert.deepEqual(startWarnings(resolved({ cpuTimeLimit: 60 }), linux()), []);
});

Deno.test("refuseContradictions() refuses a service twice, and an option for a service that is none", () => {
  const serviceScript = [["mail", "mail.py"]] as const;
  refuseContradictions(settings({ ...script, serviceScript }));
  assert.throws(
    () =>
      refuseContradictions(
        settings({ ...script, serviceScript: [...serviceScript, ["mail", "b.py"]] }),
      ),
    { name: "ConfigurationError", message: "--service-script names the service 'mail' twice" },
  );
  assert.throws(
    () =>
      refuseContradictions(
        settings({ ...script, serviceScript, serviceUser: [["mial", "ann"]] }),
      ),
    {
      name: "ConfigurationError",
      message: "--service-user is for a service 'mial' that no --service-script names",
    },
  );
});

Deno.test("startWarnings() says nothing of a plain start", () => {
  assert.deepEqual(startWarnings(resolved(script), linux()), []);
});

Deno.test("startWarnings() names each option without effect in one line", () => {
  for (const [name, { flag }] of withEffect("none-yet")) {
    assert.deepEqual(startWarnings(given(name), linux()), [
      `${flag} is accepted and has no effect in this version`,
    ]);
  }
  for (const [name, { flag, note }] of withEffect("not-applicable")) {
    assert.deepEqual(startWarnings(given(name), linux()), [
      `${flag} is accepted and has no effect: ${note}`,
    ]);
  }
});

Deno.test("startWarnings() warns root without --user, and others that --user has no effect", () => {
  const root = linux({ uid: 0 });
  assert.match(startWarnings(resolved(script), root)[0]!, /^started by root without --user/);
  assert.deepEqual(startWarnings(resolved({ ...script, user: "www" }), root), []);
  assert.deepEqual(startWarnings(resolved({ ...script, user: "www", group: "www" }), linux()), [
    "--user has no effect: the server is not started by root",
    "--group has no effect: the server is not started by root",
  ]);
  // A variable that a container always sets is no reason for a warning.
  assert.deepEqual(startWarnings(resolved({ ...script, user: "www" }, "environment"), linux()), []);
});

Deno.test("startWarnings() names each option that has no effect in the operating mode", () => {
  const values = {
    ...script,
    ...{ processes: 2, threads: 3, maxClients: 30, daemonBacklog: 10, processGroup: "shop" },
    ...{ reloadOnChanges: true, maximumRequests: 9, restartInterval: 60, cpuTimeLimit: 60 },
    ...{ startupTimeout: 9, requestTimeout: 9, interruptTimeout: 9, queueTimeout: 9 },
    ...{ connectTimeout: 9, deadlockTimeout: 9, inactivityTimeout: 9, ignoreActivity: ["/health"] },
    ...{ evictionTimeout: 9, gracefulTimeout: 9, shutdownTimeout: 9, slowRequests: 9 },
  };
  const daemonOnly = [
    ...["--max-clients", "--process-group", "--startup-timeout", "--request-timeout"],
    ...["--interrupt-timeout", "--queue-timeout", "--connect-timeout", "--deadlock-timeout"],
    ...["--inactivity-timeout", "--ignore-activity", "--restart-interval", "--cpu-time-limit"],
    "--reload-on-changes",
  ];
  const named = (more: Partial<Settings>, mode: string) =>
    startWarnings(resolved({ ...values, ...more }), linux()).map((warning) => {
      assert.ok(warning.endsWith(` has no effect in ${mode} mode`), warning);
      return warning.split(" ")[0];
    }).sort();
  assert.deepEqual(startWarnings(resolved(values), linux()), []);
  assert.deepEqual(
    named({ embeddedMode: true }, "embedded"),
    [...daemonOnly, "--daemon-backlog"].sort(),
  );
  const debug = ["--processes", "--threads", "--maximum-requests", "--eviction-timeout"];
  assert.deepEqual(named({ enableProfiler: true }, "debug"), [...daemonOnly, ...debug].sort());
});

Deno.test("startWarnings() says nothing of an option that switches off what is off in the mode", () => {
  const off = { ...script, reloadOnChanges: false, requestTimeout: 0, queueTimeout: 0 };
  assert.deepEqual(startWarnings(resolved({ ...off, embeddedMode: true }, "program"), linux()), []);
});

Deno.test("startWarnings() says that --disable-reloading wins over --reload-on-changes", () => {
  const values = { ...script, reloadOnChanges: true, disableReloading: true };
  assert.deepEqual(startWarnings(resolved(values), linux()), [
    "--reload-on-changes has no effect with --disable-reloading",
  ]);
});

Deno.test("startWarnings() says that debug mode wins over embedded mode", () => {
  assert.deepEqual(
    startWarnings(resolved({ ...script, debugMode: true, embeddedMode: true }), linux()),
    ["--embedded-mode has no effect in debug mode"],
  );
});
