import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "npm:fast-check@4.3.0";
import { discoverPython, type PythonInfo } from "../../ffi/discovery.ts";
import { newestPython, testPythons } from "../pythons.ts";
import { endOfScenario, runScenario } from "./run_scenario.ts";

const windows = Deno.build.os === "windows";

Deno.test("there are Pythons to test with", () => {
  assert.notEqual(testPythons().length, 0);
});

Deno.test("a reference lost without release() is reported", async () => {
  const { python } = await discoverPython({ python: newestPython().executable });
  const end = await endOfScenario("leak", { python });
  assert.equal(end.result, "ended");
  assert.match(end.stderr, /\(module \/embedded\/lost\.py\) was lost without release\(\)/);
});

for (const { minor, executable } of testPythons()) {
  const find = async (): Promise<PythonInfo> =>
    (await discoverPython({ python: executable })).python;

  Deno.test(`Python ${minor}: start() makes this thread the main thread and leaves signals alone`, async () => {
    const python = await find();
    const facts = await runScenario("facts", { python, start: { argv: ["mod_wsgi", "ä b"] } });
    assert.equal(facts.version, python.version.replace(/(a|b|rc)\d+$/, ""));
    assert.equal(facts.prefix, python.prefix);
    assert.equal(facts.executable, python.executable);
    assert.equal(facts.baseExecutable, python.baseExecutable);
    assert.deepEqual(facts.argv, ["mod_wsgi", "ä b"]);
    assert.equal(facts.inMainThread, true);
    assert.equal(facts.sigintIsPythons, false);
    assert.match(facts.sigint, /SIG_DFL/);
    // install_signal_handlers would have it ignored.
    if (!windows) assert.match(facts.sigxfsz, /SIG_DFL/);
    assert.equal(facts.path.includes(""), false, "the working directory is not importable");
    // CPython has it by default from 3.15 on, see PEP 686.
    const isDefault = Number(minor.split(".")[1]) >= 15;
    assert.equal(facts.utf8Mode, windows || isDefault ? 1 : 0);
  });

  Deno.test(`Python ${minor}: extension modules that don't link libpython can be imported`, async () => {
    const facts = await runScenario("facts", { python: await find() });
    assert.deepEqual(facts.unimportable, []);
  });

  Deno.test(`Python ${minor}: start() takes options of the python command`, async () => {
    const start = { utf8: true, pythonOptions: ["-X", "dev"] };
    const facts = await runScenario("facts", { python: await find(), start });
    assert.equal(facts.utf8Mode, 1);
    assert.ok(facts.devMode);
  });

  Deno.test(`Python ${minor}: run() makes a module with its name and file`, async () => {
    const facts = await runScenario("facts", { python: await find() });
    assert.equal(facts.name, "facts_module");
    assert.equal(facts.file, "/embedded/facts.py");
    assert.equal(facts.inModules, true);
  });

  Deno.test(`Python ${minor}: in a virtual environment the prefixes and executables are those of its python`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const environment = join(folder, "umgebung ä");
      const made = await new Deno.Command(executable, {
        args: ["-m", "venv", "--without-pip", environment],
      }).output();
      assert.ok(made.success, new TextDecoder().decode(made.stderr));
      const { python } = await discoverPython({ python: environment });
      assert.equal(python.virtualEnvironment, true);
      const facts = await runScenario("facts", { python });
      assert.equal(facts.prefix, environment);
      assert.equal(facts.executable, python.executable);
      const asked = await new Deno.Command(python.executable, {
        args: [
          "-c",
          "import sys; sys.stdout.buffer.write('\\n'.join([sys.prefix, sys.base_prefix, " +
          "sys.executable, sys._base_executable]).encode())",
        ],
      }).output();
      assert.deepEqual(
        [facts.prefix, facts.basePrefix, facts.executable, facts.baseExecutable],
        new TextDecoder().decode(asked.stdout).split("\n"),
      );
      assert.equal(facts.prefix, python.prefix);
      assert.equal(facts.basePrefix, python.basePrefix);
      assert.ok(
        facts.path.some((path: string) => path.startsWith(environment)),
        "the environment's site-packages are importable",
      );
      assert.deepEqual(facts.unimportable, []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  Deno.test(`Python ${minor}: call() passes any text both ways, NUL and lone surrogates included`, async () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
      .map((codes) => String.fromCharCode(...codes));
    const texts = [
      "",
      "a\0b",
      "é😀",
      "\udc80\udcff",
      "\ufeffx",
      "x".repeat(20_000) + "\ud800",
      ...fc.sample(fc.oneof(units, fc.string({ unit: "binary" })), { numRuns: 200, seed: 7 }),
    ];
    const result = await runScenario("texts", { python: await find(), texts });
    assert.deepEqual(result.twice, texts.map((text) => text + text));
    assert.deepEqual(
      result.points,
      texts.map((text) => Array.from(text, (character) => character.codePointAt(0)).join(" ")),
    );
    assert.equal(result.joined, "a||ä");
    assert.equal(result.nothing, "");
  });

  Deno.test(`Python ${minor}: an exception arrives with type, message and traceback`, async () => {
    const result = await runScenario("exceptions", { python: await find() });
    assert.equal(result.cause.name, "PythonException");
    assert.equal(result.cause.type, "ValueError");
    assert.equal(result.cause.message, "bad ä\udc80");
    assert.match(
      result.cause.traceback,
      /ZeroDivisionError: division by zero[^]*direct cause[^]*File "\/embedded\/scenario\.py", line 8, in cause[^]*ValueError: bad ä/,
    );
    assert.equal(result.special.type, "__embedded__.Special");
    assert.equal(result.special.message, "x");
    assert.equal(result.leave.type, "SystemExit");
    assert.equal(result.leave.message, "3");
    assert.equal(result.missing.type, "AttributeError");
    assert.equal(result.unprintable.message, "");
    assert.match(result.unprintable.type, /Odd$/);
    assert.equal(result.pending, false);
  });

  Deno.test(`Python ${minor}: call() refuses a result that is no text`, async () => {
    const { number } = await runScenario("exceptions", { python: await find() });
    assert.equal(number.type, "TypeError");
  });

  Deno.test(`Python ${minor}: run() reports source that does not compile or raises`, async () => {
    const result = await runScenario("exceptions", { python: await find() });
    assert.equal(result.syntax.type, "SyntaxError");
    assert.match(result.syntax.traceback, /File "\/embedded\/broken\.py", line 1/);
    assert.match(result.nul.type, /^(ValueError|SyntaxError)$/);
    assert.equal(result.raising.type, "ZeroDivisionError");
    assert.match(result.raising.traceback, /File "\/embedded\/raising\.py", line 1, in <module>/);
    assert.equal(result.stillInModules, "False");
  });

  Deno.test({
    name: `Python ${minor}: a direct function passes texts and bytes of any length`,
    // Direct mode is for Linux.
    ignore: Deno.build.os !== "linux",
    async fn() {
      const result = await runScenario("direct", { python: await find() });
      assert.deepEqual(result.small, [0, 1, 2, 0, 1, 2]);
      assert.deepEqual(result.empty, []);
      assert.deepEqual([result.bigSize, result.big], [600_000, true]);
      assert.deepEqual([result.fail.type, result.fail.message], ["KeyError", "7"]);
      assert.equal(result.sizeAfterwards, 0);
      assert.deepEqual(result.again, [0, 0]);
    },
  });

  Deno.test(`Python ${minor}: 100,000 calls leave no memory behind`, async () => {
    const { calls, rss, blocks } = await runScenario("memory", { python: await find() });
    assert.ok(calls >= 100_000);
    // CPython's cache of attribute lookups keeps names: some hundreds, whatever the number of calls.
    // One block lost at the rarest of the calls would make 1,700.
    assert.ok(blocks < 1000, `${blocks} Python memory blocks more`);
    assert.ok(rss < 16 * 1024 * 1024, `${rss} bytes more`);
  });

  Deno.test(`Python ${minor}: Python threads run while the GIL is released`, async () => {
    const result = await runScenario("threads", { python: await find() });
    assert.deepEqual(result, { text: "[False]", held: false });
  });

  Deno.test(`Python ${minor}: a sub-interpreter has its own modules and ends`, async () => {
    const result = await runScenario("subInterpreter", { python: await find() });
    assert.equal(result.inside, "False True");
    assert.equal(result.outside, "True True");
    assert.equal(result.type, "AttributeError");
    assert.match(result.ended, /has ended/);
  });

  Deno.test(`Python ${minor}: 200 sub-interpreters start and end, one with a daemon does not`, async () => {
    const result = await runScenario("manySubInterpreters", { python: await find() });
    assert.deepEqual(result, { ended: false, exit: true });
  });

  Deno.test(`Python ${minor}: wrong use is an error, not a crash`, async () => {
    const { texts, status } = await runScenario("misuse", { python: await find() });
    assert.equal(status, 0);
    assert.deepEqual(texts, [
      '"module /embedded/empty.py" has been released',
      "The GIL is held already",
      "The GIL is not held",
      "A Python interpreter was started in this process before",
      "The Python interpreter has been finalized",
      "The Python interpreter has been finalized",
    ]);
  });

  Deno.test({
    name: `Python ${minor}: SIGINT ends the process where nobody listens`,
    ignore: windows,
    async fn() {
      const end = await endOfScenario("interruptDefault", { python: await find() });
      assert.equal(end.signal, "SIGINT");
      assert.doesNotMatch(end.stderr, /KeyboardInterrupt/);
    },
  });

  Deno.test({
    name: `Python ${minor}: SIGINT reaches the program's own listener`,
    ignore: windows,
    async fn() {
      const result = await runScenario("interruptListener", { python: await find() });
      assert.deepEqual(result, { by: "listener", handler: "None" });
    },
  });
}
