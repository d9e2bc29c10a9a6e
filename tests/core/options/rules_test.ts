import assert from "node:assert/strict";
import type { Host } from "../../../core/options/host.ts";
import * as rules from "../../../core/options/rules.ts";
import { linux, settings, windows } from "./fixtures.ts";

Deno.test("isDebugMode(): each debugging tool implies debug mode", () => {
  assert.equal(rules.isDebugMode(settings()), false);
  for (
    const name of [
      "debugMode",
      "enableDebugger",
      "enableCoverage",
      "enableProfiler",
      "enableRecorder",
      "enableGdb",
    ] as const
  ) {
    assert.equal(rules.isDebugMode(settings({ [name]: true })), true, name);
  }
  assert.equal(rules.isDebugMode(settings({ debuggerStartup: true })), false);
});

Deno.test("operatingMode(): daemon by default, and debug wins over embedded", () => {
  assert.equal(rules.operatingMode(settings()), "daemon");
  assert.equal(rules.operatingMode(settings({ embeddedMode: true })), "embedded");
  assert.equal(rules.operatingMode(settings({ embeddedMode: true, enableGdb: true })), "debug");
});

Deno.test("processLayout(): 1 x 5 by default, and multiprocess exactly when --processes was given", () => {
  const layout = { count: 1, threads: 5, multithread: true, runOnce: false };
  assert.deepEqual(rules.processLayout(settings()), { ...layout, multiprocess: false });
  assert.deepEqual(rules.processLayout(settings({ processes: 1 })), {
    ...layout,
    multiprocess: true,
  });
  assert.deepEqual(rules.processLayout(settings({ processes: 3 })), {
    ...layout,
    count: 3,
    multiprocess: true,
  });
});

Deno.test("processLayout(): one thread is not multithreaded, and runs once only with one request", () => {
  const one = rules.processLayout(settings({ threads: 1 }));
  assert.deepEqual([one.multithread, one.runOnce], [false, false]);
  assert.equal(rules.processLayout(settings({ threads: 1, maximumRequests: 1 })).runOnce, true);
  assert.equal(rules.processLayout(settings({ threads: 2, maximumRequests: 1 })).runOnce, false);
  assert.equal(rules.processLayout(settings({ threads: 1, maximumRequests: 2 })).runOnce, false);
});

Deno.test("processLayout(): embedded mode is multiprocess with more than one process", () => {
  const layout = (values: Parameters<typeof settings>[0]) =>
    rules.processLayout(settings({ embeddedMode: true, ...values }));
  assert.equal(layout({ processes: 1 }).multiprocess, false);
  assert.deepEqual(layout({ processes: 3, threads: 2 }), {
    count: 3,
    threads: 2,
    multiprocess: true,
    multithread: true,
    runOnce: false,
  });
});

Deno.test("processLayout(): prefork in embedded mode is processes x threads processes of one thread", () => {
  const values = { embeddedMode: true, serverMpm: ["prefork" as const], processes: 2, threads: 3 };
  assert.deepEqual(rules.processLayout(settings(values)), {
    count: 6,
    threads: 1,
    multiprocess: true,
    multithread: false,
    runOnce: false,
  });
  assert.equal(rules.processLayout(settings({ ...values, embeddedMode: false })).count, 2);
});

Deno.test("processLayout(): event in embedded mode needs three threads, and only there", () => {
  const event = { serverMpm: ["event" as const] };
  assert.throws(
    () => rules.processLayout(settings({ ...event, embeddedMode: true, threads: 2 })),
    { name: "ConfigurationError", exitStatus: 3, message: /three threads.*--threads is 2/ },
  );
  const three = rules.processLayout(settings({ ...event, embeddedMode: true, threads: 3 }));
  assert.deepEqual([three.count, three.threads], [1, 3]);
  assert.equal(rules.processLayout(settings({ ...event, threads: 2 })).threads, 2);
  const worker = { serverMpm: ["worker" as const, "event" as const], embeddedMode: true };
  assert.equal(rules.processLayout(settings({ ...worker, threads: 1 })).threads, 1);
});

Deno.test("processLayout(): debug mode is one process with one thread, whatever was asked for", () => {
  assert.deepEqual(rules.processLayout(settings({ debugMode: true, processes: 4, threads: 9 })), {
    count: 1,
    threads: 1,
    multiprocess: false,
    multithread: false,
    runOnce: false,
  });
});

Deno.test("maxClients(): 20 by default, grows with the threads, and is never below them", () => {
  assert.equal(rules.maxClients(settings()), 20);
  assert.equal(rules.maxClients(settings({ processes: 3, threads: 5 })), 32);
  assert.equal(rules.maxClients(settings({ threads: 9 })), 23);
  assert.equal(rules.maxClients(settings({ maxClients: 100 })), 100);
  assert.equal(rules.maxClients(settings({ maxClients: 2, processes: 2, threads: 5 })), 10);
  assert.equal(rules.maxClients(settings({ maxClients: 100, embeddedMode: true })), 100);
});

Deno.test("isReloading(): in daemon mode only, and --disable-reloading switches it off", () => {
  assert.equal(rules.isReloading(settings()), true);
  assert.equal(rules.isReloading(settings({ disableReloading: true })), false);
  assert.equal(rules.isReloading(settings({ embeddedMode: true })), false);
  assert.equal(rules.isReloading(settings({ debugMode: true })), false);
});

Deno.test("processGroup(): host:port in daemon mode, a given name, and none in the other modes", () => {
  assert.equal(rules.processGroup(settings()), "localhost:8000");
  assert.equal(rules.processGroup(settings({ host: "127.0.0.1", port: 80 })), "127.0.0.1:80");
  assert.equal(rules.processGroup(settings({ processGroup: "shop" })), "shop");
  assert.equal(rules.processGroup(settings({ embeddedMode: true, processGroup: "shop" })), "");
  assert.equal(rules.processGroup(settings({ debugMode: true })), "");
});

Deno.test("serverUrl(): a server name before the host, IPv6 in brackets, and no port 80", () => {
  assert.equal(rules.serverUrl(settings()), "http://localhost:8000/");
  assert.equal(rules.serverUrl(settings({ port: 80 })), "http://localhost/");
  assert.equal(rules.serverUrl(settings({ host: "::1" })), "http://[::1]:8000/");
  assert.equal(rules.serverUrl(settings({ host: "[::1]" })), "http://[::1]:8000/");
  assert.equal(rules.serverUrl(settings({ host: "10.0.0.1" })), "http://10.0.0.1:8000/");
  assert.equal(
    rules.serverUrl(settings({ host: "10.0.0.1", serverName: "www.example.com" })),
    "http://www.example.com:8000/",
  );
});

Deno.test("scriptName(): a slash before and none after, and empty for the root", () => {
  for (const root of ["/", "", "//"]) assert.equal(rules.scriptName(root), "");
  for (const path of ["/app", "app", "app/", "//app//"]) {
    assert.equal(rules.scriptName(path), "/app");
  }
  assert.equal(rules.scriptName("/a/b"), "/a/b");
});

Deno.test("serverRoot(): named after address and user in the temporary folder, or as given", () => {
  assert.equal(rules.serverRoot(settings(), linux()), "/tmp/mod_wsgi-localhost:8000:1000");
  assert.equal(
    rules.serverRoot(settings({ host: "127.0.0.1", port: 8080 }), linux({ uid: 0 })),
    "/tmp/mod_wsgi-127.0.0.1:8080:0",
  );
  assert.equal(rules.serverRoot(settings({ serverRoot: "run" }), linux()), "/srv/site/run");
});

Deno.test("serverRoot(): the process id stands for a port that is not yet known", () => {
  assert.equal(
    rules.serverRoot(settings({ port: 0 }), linux()),
    "/tmp/mod_wsgi-localhost:pid4711:1000",
  );
});

Deno.test("serverRoot(): has no colon in its name on Windows", () => {
  assert.equal(
    rules.serverRoot(settings({ host: "::1" }), windows()),
    "C:\\Temp\\mod_wsgi---1-8000-ann",
  );
});

Deno.test("logTarget(): a log folder wins over --log-to-terminal", () => {
  const target = (values: Parameters<typeof settings>[0], host = linux()) =>
    rules.logTarget(settings(values), host, "error_log", "stderr");
  assert.deepEqual(target({ logDirectory: "logs", logToTerminal: true }), {
    kind: "file",
    path: "/srv/site/logs/error_log",
  });
  assert.deepEqual(target({ logDirectory: "/var/log" }, linux({ terminal: true })), {
    kind: "file",
    path: "/var/log/error_log",
  });
});

Deno.test("logTarget(): the terminal when asked for or when there is one, else the server root", () => {
  const terminal = { kind: "terminal", stream: "stderr" };
  const target = (values: Parameters<typeof settings>[0], host = linux()) =>
    rules.logTarget(settings(values), host, "error_log", "stderr");
  assert.deepEqual(target({ logToTerminal: true }), terminal);
  assert.deepEqual(target({}, linux({ terminal: true })), terminal);
  assert.deepEqual(target({ serverRoot: "/run/site" }), {
    kind: "file",
    path: "/run/site/error_log",
  });
});

Deno.test("locales(): the environment's, by LC_ALL before LC_CTYPE before LANG", () => {
  const locale = (environment: Record<string, string>) =>
    rules.locales(settings(), linux({ environment }));
  assert.deepEqual(locale({ LANG: "de_DE.UTF-8" }), {
    lang: "de_DE.UTF-8",
    locale: "de_DE.UTF-8",
  });
  const all = { LANG: "a.UTF-8", LC_CTYPE: "b.UTF-8", LC_ALL: "c.UTF-8" };
  assert.equal(locale(all).locale, "c.UTF-8");
  assert.equal(locale({ ...all, LC_ALL: "" }).locale, "b.UTF-8");
});

Deno.test("locales(): C, POSIX or nothing in the environment becomes a locale with UTF-8", () => {
  for (const environment of [{}, { LANG: "C" }, { LC_ALL: "POSIX", LANG: "de_DE.UTF-8" }]) {
    assert.equal(rules.locales(settings(), linux({ environment })).locale, "C.UTF-8");
    const mac = linux({ os: "darwin", environment });
    assert.equal(rules.locales(settings(), mac).locale, "en_US.UTF-8");
  }
});

Deno.test("locales(): options win, also with C, and --lang is the default of --locale", () => {
  const given = (values: Parameters<typeof settings>[0]) =>
    rules.locales(settings(values), linux());
  assert.deepEqual(given({ locale: "C" }), { lang: "C", locale: "C" });
  assert.deepEqual(given({ lang: "fr_FR" }), { lang: "fr_FR", locale: "fr_FR" });
  assert.deepEqual(given({ lang: "fr_FR", locale: "C" }), { lang: "fr_FR", locale: "C" });
});

Deno.test("pythonPath(): one value may hold several folders, joined as in PATH", () => {
  const paths = (host: Host, ...pythonPath: string[]) =>
    rules.pythonPath(settings({ pythonPath }), host);
  assert.deepEqual(paths(linux(), "lib:/opt/lib:", "/a;b"), ["/srv/site/lib", "/opt/lib", "/a;b"]);
  assert.deepEqual(paths(windows(), "D:\\lib;C:\\a b", "E:\\x"), ["D:\\lib", "C:\\a b", "E:\\x"]);
});

Deno.test("pythonPath(): as given in daemon mode, behind the working directory in the others", () => {
  const values = { pythonPath: ["lib", "/opt/lib"], workingDirectory: "work" };
  const given = ["/srv/site/lib", "/opt/lib"];
  assert.deepEqual(rules.pythonPath(settings(values), linux()), given);
  for (const mode of [{ embeddedMode: true }, { debugMode: true }]) {
    assert.deepEqual(
      rules.pythonPath(settings({ ...values, ...mode }), linux()),
      ["/srv/site/work", ...given],
    );
  }
});
