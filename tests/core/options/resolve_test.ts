import assert from "node:assert/strict";
import { environmentLayer, programLayer, resolveSettings } from "../../../core/options/resolve.ts";
import type { Settings } from "../../../core/options/table.ts";

Deno.test("resolveSettings() gives defaults where no layer says otherwise, and keeps the origin", () => {
  const { settings, origins } = resolveSettings(
    { origin: "environment", values: { user: "www", group: "www" } },
    { origin: "command line", values: { user: "ann", threads: 3 } },
  );
  assert.deepEqual(
    [settings.user, settings.group, settings.threads, settings.port],
    ["ann", "www", 3, 8000],
  );
  assert.deepEqual(
    [origins.user, origins.group, origins.threads, origins.port],
    ["command line", "environment", "command line", "default"],
  );
});

Deno.test("resolveSettings() takes undefined as not given, and null as given", () => {
  const values = { host: undefined, user: null } as unknown as Partial<Settings>;
  const { settings, origins } = resolveSettings(
    { origin: "environment", values: { host: "::1", user: "www" } },
    { origin: "program", values },
  );
  assert.equal(settings.host, "::1");
  assert.equal(settings.user, null);
  assert.equal(origins.host, "environment");
  assert.equal(origins.user, "program");
});

Deno.test("resolveSettings() gives settings that can't be changed", () => {
  const { settings } = resolveSettings();
  assert.throws(() => Object.assign(settings, { port: 1 }), TypeError);
});

Deno.test("environmentLayer() takes the variables that options name, and no empty ones", () => {
  assert.deepEqual(environmentLayer({ WSGI_RUN_USER: "www", WSGI_RUN_GROUP: "", PORT: "80" }), {
    origin: "environment",
    values: { user: "www" },
  });
});

Deno.test("programLayer() takes settings of the right kind", () => {
  const values = {
    entryPoint: "app.wsgi",
    port: 0,
    accessLog: true,
    host: null,
    setenv: [["A", "b"]],
    pythonPath: ["lib"],
    switchInterval: 0.001,
  } satisfies Partial<Settings>;
  assert.deepEqual(programLayer(values), { origin: "program", values });
});

const refused: [values: Record<string, unknown>, message: string][] = [
  [{ prot: 80 }, "no such setting: prot"],
  [{ port: "80" }, 'setting port: a number expected, not "80"'],
  [{ port: 70000 }, "setting port: value '70000' must be 65535 or less"],
  [{ threads: 1.5 }, "setting threads: invalid integer value: '1.5'"],
  [{ threads: null }, "setting threads: a number expected, not null"],
  [{ accessLog: 1 }, "setting accessLog: true or false expected, not 1"],
  [{ pythonPath: "lib" }, 'setting pythonPath: an array expected, not "lib"'],
  [{ setenv: ["A"] }, 'setting setenv: pairs of strings expected, not ["A"]'],
  [{ logLevel: "loud" }, "setting logLevel: invalid log level: 'loud' (choose"],
];

for (const [values, message] of refused) {
  Deno.test(`programLayer() refuses ${JSON.stringify(values)}`, () => {
    assert.throws(() => programLayer(values as Partial<Settings>), (error: Error) => {
      assert.equal(error.name, "UsageError");
      assert.ok(error.message.startsWith(message), error.message);
      return true;
    });
  });
}
