import assert from "node:assert/strict";
import { optionEntries, optionGroups, optionTable } from "../../../core/options/table.ts";
import { MOD_WSGI_OPTIONS } from "./mod_wsgi_options.ts";

const flags = optionEntries.flatMap(([, { flag, aliases = [] }]) => [flag, ...aliases]);

Deno.test("the table has every option string of mod_wsgi-express 4.8.0, each once", () => {
  for (const [flag] of MOD_WSGI_OPTIONS) {
    assert.equal(flags.filter((known) => known === flag).length, 1, flag);
  }
  assert.equal(new Set(flags).size, flags.length);
});

Deno.test("the table says of each option of 4.8.0 what 4.8.0 says: kind, repeats, hidden", () => {
  const kinds = { flag: "flag", integer: "integer", number: "number", pair: "pair" } as const;
  for (const [flag, takes, marks] of MOD_WSGI_OPTIONS) {
    const entry = optionEntries.find(([, option]) => option.flag === flag);
    if (entry === undefined) {
      assert.ok(marks.includes("h"), `${flag} is another spelling, and hidden`);
      continue;
    }
    const [, option] = entry;
    if (takes === "word") assert.equal(option.valueNames.length, 1, flag);
    else assert.equal(option.kind, kinds[takes], flag);
    assert.equal(option.repeatable, marks.includes("r") || takes === "pair", flag);
    // 4.8.0 has no processes of its own on Windows, so it hides more there.
    if (option.platform === "unix") assert.ok(marks.includes("u"), flag);
    assert.equal(option.hidden === true, marks.includes("h"), flag);
  }
});

Deno.test("the table names each setting after its flag", () => {
  for (const [name, { flag }] of optionEntries) {
    const words = flag.slice(2).split("-");
    const camelCase = words.map((word, index) =>
      index === 0 ? word : word[0]!.toUpperCase() + word.slice(1)
    );
    assert.equal(name, camelCase.join(""));
  }
});

Deno.test("the table is the groups together", () => {
  const inGroups = optionGroups.flatMap(({ options }) => Object.keys(options));
  assert.deepEqual(inGroups.sort(), Object.keys(optionTable).sort());
});

Deno.test("the table explains each option: a text, and a reason where there is no effect", () => {
  for (const [, { flag, text, effect, note, since }] of optionEntries) {
    assert.match(text, /^[A-Z].*\.$/, flag);
    if (effect === "not-applicable") assert.ok(note, flag);
    if (note !== undefined) assert.doesNotMatch(note, /\.$/, flag);
    if (since !== undefined) assert.match(since, /^\d+\.\d+\.\d+$/, flag);
  }
});

Deno.test("an option that help hides on Windows says what it can't do there, where it does anything at all", () => {
  for (const [, { flag, platform, effect = "full", onWindows }] of optionEntries) {
    assert.equal(onWindows !== undefined, platform === "unix" && effect === "full", flag);
    if (onWindows !== undefined) assert.doesNotMatch(onWindows, /\.$/, flag);
  }
});

Deno.test("the table's defaults are those of mod_wsgi-express 4.8.0", () => {
  const defaults = {
    applicationType: "script",
    port: 8000,
    callableObject: "application",
    mountPoint: "/",
    processes: null,
    threads: 5,
    serverBacklog: 500,
    daemonBacklog: 100,
    startupTimeout: 15,
    requestTimeout: 60,
    queueTimeout: 45,
    connectTimeout: 15,
    socketTimeout: 60,
    deadlockTimeout: 60,
    inactivityTimeout: 0,
    gracefulTimeout: 15,
    evictionTimeout: 0,
    shutdownTimeout: 5,
    restartInterval: 0,
    maximumRequests: 0,
    cpuTimeLimit: 0,
    limitRequestBody: 10485760,
    headerTimeout: 15,
    headerMaxTimeout: 30,
    headerMinRate: 500,
    bodyTimeout: 15,
    bodyMaxTimeout: 0,
    bodyMinRate: 500,
    keepAliveTimeout: 2,
    mapHeadToGet: "Auto",
    authType: "Basic",
    authGroup: "wsgi",
    logLevel: "warn",
    errorLogName: "error_log",
    accessLogName: "access_log",
    startupLogName: "startup_log",
    maxLogSize: 5,
    accessLogFormat: "common",
  } as const;
  for (const [name, value] of Object.entries(defaults)) {
    assert.equal(optionTable[name as keyof typeof defaults].default, value, name);
  }
});
