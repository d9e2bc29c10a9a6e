import { deepEqual, equal, throws } from "node:assert/strict";
import { parseOptions, UsageError } from "./options.ts";

Deno.test("parseOptions() splits names and has defaults", () => {
  const options = parseOptions(["--case", "upload,download", "--peers", "/p"]);
  deepEqual(options.cases, ["upload", "download"]);
  equal(options.seconds, 3);
  equal(options.python, "/p/python/bin/python");
});

Deno.test("parseOptions() refuses an unknown case, server, option or number with the reason", () => {
  const refused = (words: string[], reason: RegExp) =>
    throws(
      () => parseOptions(words),
      (error) => error instanceof UsageError && reason.test(error.message),
    );
  refused(["--case", "nothing"], /no case "nothing"/);
  refused(["--case", "upload", "--only", "nobody"], /no server "nobody"/);
  refused(["--case", "upload", "--rounds", "x"], /--rounds.*"x"/);
  refused(["--cases"], /--cases/);
  refused([], /--case is needed/);
});
