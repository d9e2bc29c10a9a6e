import assert from "node:assert/strict";
import { expandVariables, parseArguments } from "../../../core/options/parse.ts";
import { MOD_WSGI_OPTIONS, type Takes } from "./mod_wsgi_options.ts";

const SAMPLES: Record<Takes, string[]> = {
  flag: [],
  word: ["x"],
  integer: ["1"],
  number: ["0.5"],
  pair: ["a", "b"],
};
/** Words for the options that take only some. */
const WORDS: Record<string, string> = {
  "--application-type": "module",
  "--server-mpm": "worker",
  "--map-head-to-get": "ON",
  "--auth-type": "Digest",
  "--log-level": "info",
};

/** The words that give an option once. */
function given(flag: string, takes: Takes): string[] {
  const word = WORDS[flag];
  return [flag, ...(word === undefined ? SAMPLES[takes] : [word])];
}

Deno.test("parseArguments() takes each of the 142 option strings of mod_wsgi-express 4.8.0", () => {
  assert.equal(MOD_WSGI_OPTIONS.length, 142);
  for (const [flag, takes] of MOD_WSGI_OPTIONS) {
    const { values, positionals } = parseArguments([...given(flag, takes), "app.wsgi"]);
    assert.equal(Object.keys(values).length, 1, flag);
    assert.deepEqual(positionals, ["app.wsgi"], flag);
  }
});

Deno.test("parseArguments() takes all of them in one command line", () => {
  const words = MOD_WSGI_OPTIONS.flatMap(([flag, takes]) => given(flag, takes));
  const { values, positionals } = parseArguments(["app.wsgi", ...words]);
  // Two of them are other spellings of others.
  assert.equal(Object.keys(values).length, 140);
  assert.deepEqual(positionals, ["app.wsgi"]);
});

Deno.test("parseArguments() takes repeatable options again and again, and the last value of others", () => {
  for (const [flag, takes, marks] of MOD_WSGI_OPTIONS) {
    const words = given(flag, takes);
    const [value] = Object.values(parseArguments([...words, ...words]).values);
    const isList = marks.includes("r") || takes === "pair";
    assert.equal(Array.isArray(value) && value.length === 2, isList, flag);
  }
  assert.equal(parseArguments(["--port", "1", "--port", "2"]).values.port, 2);
});

Deno.test("parseArguments() takes the newer options and our own", () => {
  const { values } = parseArguments(
    ("--orphan-interpreter --application-group a --process-group b --interrupt-timeout 5 " +
      "--switch-interval 0.001 --slow-requests 1.5 --free-threading --python-warnings error " +
      "--python-warnings ignore::DeprecationWarning --python /usr/bin/python3").split(" "),
  );
  assert.deepEqual(values, {
    orphanInterpreter: true,
    applicationGroup: "a",
    processGroup: "b",
    interruptTimeout: 5,
    switchInterval: 0.001,
    slowRequests: 1.5,
    freeThreading: true,
    pythonWarnings: ["error", "ignore::DeprecationWarning"],
    python: "/usr/bin/python3",
  });
});

Deno.test("parseArguments() takes `--option value` and `--option=value`, also with an empty value", () => {
  assert.equal(parseArguments(["--threads", "3"]).values.threads, 3);
  assert.equal(parseArguments(["--threads=3"]).values.threads, 3);
  assert.equal(parseArguments(["--host="]).values.host, "");
  assert.equal(parseArguments(["--access-log-format=%h = %u"]).values.accessLogFormat, "%h = %u");
});

Deno.test("parseArguments() takes two words for an option of two values, the first also behind =", () => {
  const expected = [["/static", "./static"], ["/a", "b"]];
  assert.deepEqual(
    parseArguments(["--url-alias", "/static", "./static", "--url-alias=/a", "b"]).values.urlAlias,
    expected,
  );
});

Deno.test("parseArguments() takes the word after an option as its value whatever it looks like", () => {
  const { values } = parseArguments(["--setenv", "A", "--threads", "--host", "-x", "--port", "0"]);
  assert.deepEqual(values, { setenv: [["A", "--threads"]], host: "-x", port: 0 });
});

Deno.test("parseArguments() lets options follow the script, and `--` end them", () => {
  const { values, positionals } = parseArguments([
    "a.wsgi",
    "--port",
    "1",
    "-",
    "--",
    "--port",
    "-h",
  ]);
  assert.deepEqual(values, { port: 1 });
  assert.deepEqual(positionals, ["a.wsgi", "-", "--port", "-h"]);
});

Deno.test("parseArguments() completes an unambiguous prefix", () => {
  assert.equal(parseArguments(["--thread", "3"]).values.threads, 3);
  assert.equal(parseArguments(["--thr=4"]).values.threads, 4);
  assert.equal(parseArguments(["--processes", "2"]).values.processes, 2);
  assert.equal(parseArguments(["--hel"]).help, true);
});

Deno.test("parseArguments() takes a whole option that begins others", () => {
  assert.deepEqual(
    parseArguments(["--user", "a", "--python", "b", "--host", "c", "--lang", "d"]).values,
    {
      user: "a",
      python: "b",
      host: "c",
      lang: "d",
    },
  );
});

Deno.test("parseArguments() reads the prefixes of 4.8.0 as 4.8.0 does, whatever was added since", () => {
  assert.equal(parseArguments(["--application", "module"]).values.applicationType, "module");
});

const refused: [words: string, message: string][] = [
  ["--process 2", "ambiguous option: --process (--process-group, --process-name, --processes?)"],
  [
    "--isatty",
    "no such option: --isatty (whether it runs on a terminal, the server finds out by itself)",
  ],
  ["--treads 3", "no such option: --treads (did you mean --threads?)"],
  ["--completely-unknown-word", "no such option: --completely-unknown-word"],
  ["-p 80", "no such option: -p"],
  ["--threads", "--threads option requires 1 argument: NUMBER"],
  ["--setenv A", "--setenv option requires 2 arguments: KEY VALUE"],
  ["--access-log=yes", "--access-log option does not take a value"],
  ["--threads many", "option --threads: invalid integer value: 'many'"],
  ["--thr many", "option --threads: invalid integer value: 'many'"],
  ["--threads 0", "option --threads: value '0' must be 1 or more"],
  ["--port 65536", "option --port: value '65536' must be 65535 or less"],
  ["--initial-workers 2", "option --initial-workers: value '2' must lie between 0.0 and 1.0"],
  [
    "--application-type asgi",
    "option --application-type: invalid choice: 'asgi' (choose from 'script', 'module', 'paste', 'static')",
  ],
  ["--ssl-port x", "option --ssl-port: invalid integer value: 'x'"],
];

for (const [words, message] of refused) {
  Deno.test(`parseArguments() refuses \`${words}\` and says why`, () => {
    assert.throws(() => parseArguments(words.split(" ")), {
      name: "UsageError",
      exitStatus: 2,
      message,
    });
  });
}

Deno.test("parseArguments() never hints at an option that help hides", () => {
  assert.throws(() => parseArguments(["--with-phq5"]), { message: "no such option: --with-phq5" });
});

Deno.test("parseArguments() stops at a call for help, before what follows is looked at", () => {
  for (const word of ["-h", "--help"]) {
    assert.equal(parseArguments(["app.wsgi", word, "--nonsense"]).help, true);
  }
  assert.throws(() => parseArguments(["--nonsense", "--help"]), { name: "UsageError" });
});

Deno.test("expandVariables() replaces $NAME and ${NAME}, and leaves unknown ones as written", () => {
  const variables = { HOME: "/home/ann", A_1: "x", "odd name": "y", EMPTY: "" };
  const expand = (word: string) => expandVariables(word, variables, "unix");
  assert.equal(expand("$HOME/app.wsgi"), "/home/ann/app.wsgi");
  assert.equal(expand("${HOME}s$A_1"), "/home/anns" + "x");
  assert.equal(expand("${odd name}"), "y");
  assert.equal(expand("[$EMPTY]"), "[]");
  assert.equal(
    expand("$NOTHING ${NOTHING} $ ${ $$ 100% %HOME%"),
    "$NOTHING ${NOTHING} $ ${ $$ 100% %HOME%",
  );
});

Deno.test("expandVariables() doesn't look into what it put in", () => {
  assert.equal(expandVariables("$A", { A: "$B", B: "x" }, "unix"), "$B");
});

Deno.test("expandVariables() knows %NAME% in any case on Windows", () => {
  const variables = { UserName: "ann" };
  assert.equal(expandVariables("C:\\%username%\\$USERNAME", variables, "windows"), "C:\\ann\\ann");
  assert.equal(expandVariables("100% %other%", variables, "windows"), "100% %other%");
});
