import assert from "node:assert/strict";
import { doctorReport } from "../../cli/doctor_report.ts";
import type { PythonInfo } from "../../ffi/discovery.ts";
import { PythonNotUsableError } from "../../ffi/errors.ts";

const python: PythonInfo = {
  origin: "VIRTUAL_ENV",
  executable: "/venv/bin/python",
  baseExecutable: "/usr/bin/python3.13",
  version: "3.13.0",
  versionNumbers: [3, 13, 0],
  build: "3.13.0 (main) [GCC 12.2.0]",
  prefix: "/venv",
  basePrefix: "/usr",
  virtualEnvironment: true,
  library: "/usr/lib/libpython3.13.so.1.0",
  soabi: "cpython-313-x86_64-linux-gnu",
  freeThreaded: false,
};

const program = [["wsgi-express", "4.8.0"], ["V8", "15.0"]] as const;

Deno.test("doctorReport() tells each Python that was looked at, the choice and its facts", () => {
  const report = doctorReport({
    program,
    survey: {
      python,
      error: undefined,
      candidates: [
        { origin: "VIRTUAL_ENV", path: "/venv", verdict: "chosen", reason: "Python 3.13.0" },
        {
          origin: "PATH",
          path: "/usr/bin/python3",
          verdict: "passed over",
          reason: "Python 3.11.2",
        },
      ],
    },
    settings: [{ flag: "--threads", value: "3", origin: "command line" }],
    problems: [],
    warnings: ["be careful"],
  });
  assert.equal(
    report,
    `\
wsgi-express : 4.8.0
V8           : 15.0

Pythons looked at, in this order:
  chosen      VIRTUAL_ENV /venv: Python 3.13.0
  passed over PATH /usr/bin/python3: Python 3.11.2

Python that is used:
  Why         : first usable one of the list above (VIRTUAL_ENV)
  Version     : CPython 3.13.0
  Build       : 3.13.0 (main) [GCC 12.2.0]
  Interpreter : /venv/bin/python
  Library     : /usr/lib/libpython3.13.so.1.0
  Prefix      : /venv (virtual environment)
  Base prefix : /usr

Settings other than the default:
  --threads 3 (command line)

Warnings:
  be careful`,
  );
});

Deno.test("doctorReport() tells why no Python can be used, and what else stands in the way", () => {
  const report = doctorReport({
    program,
    survey: {
      python: undefined,
      error: new PythonNotUsableError("No Python was found. Install one"),
      candidates: [{ origin: "PATH", path: "python3", verdict: "absent", reason: "not on PATH" }],
    },
    settings: [],
    problems: ["the script 'a' does not exist"],
    warnings: [],
  });
  assert.match(report, /^No Python can be used:\n {2}No Python was found\. Install one$/m);
  assert.match(report, /^ {2}absent {6}PATH python3: not on PATH$/m);
  assert.match(report, /Problems:\n {2}the script 'a' does not exist$/);
});
