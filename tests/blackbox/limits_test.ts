/** CPU time limits, granted and refused by the system. */

import assert from "node:assert/strict";
import { Folder, forEachPython, startServer, until } from "./harness.ts";

forEachPython("--cpu-time-limit replaces a process that burns, and answers its request", async ({
  executable,
}) => {
  using folder = new Folder();
  await using server = await startServer({
    app: "recycling.wsgi",
    args: ["--cpu-time-limit", "2"],
    python: executable,
    env: folder.env,
  });
  const [before] = server.applicationPids();
  const limits = Deno.readTextFileSync(`/proc/${before}/limits`);
  // Soft: the limit; hard: 1 s and --shutdown-timeout more.
  assert.match(limits, /^Max cpu time +2 +8 +seconds/m);
  // CPU time, of which a busy machine gives little.
  const burning = await server.request("/burn?seconds=3", { deadline: 60_000 });
  assert.equal(burning.text, String(before));
  await until(() => !server.applicationPids().includes(before!), "end of the old process");
  assert.deepEqual(folder.notes("reasons"), [`cpu_time_limit ${before}`]);
  assert.notEqual((await server.request("/pid")).text, String(before));
});

Deno.test("a process that goes on beyond its CPU time limit is killed, and that is explained", async () => {
  await using server = await startServer({
    app: "recycling.wsgi",
    args: ["--cpu-time-limit", "1", "--shutdown-timeout", "1"],
    complaintsExpected: true,
  });
  const [before] = server.applicationPids();
  assert.ok((await server.request("/burn?seconds=60", { deadline: 60_000 })).status >= 500);
  await server.log.waitFor(new RegExp(`process ${before} .*beyond --cpu-time-limit`));
  assert.equal((await server.request("/pid")).status, 200);
});

forEachPython("a refused --cpu-time-limit is told in one line, and the server starts", async ({
  executable,
}) => {
  // Root may raise limits by a capability that this takes away.
  const wrapper = Deno.uid() === 0 ? ["setpriv", "--bounding-set", "-sys_resource"] : [];
  await using server = await startServer({
    app: "recycling.wsgi",
    args: ["--cpu-time-limit", "100", "--processes", "2"],
    python: executable,
    wrapper: [...wrapper, "sh", "-c", 'ulimit -t 5; exec "$@"', "sh"],
  });
  assert.equal((await server.request("/pid")).status, 200);
  await server.stop();
  const lines = server.log.matches(/--cpu-time-limit/);
  assert.equal(lines.length, 1, server.log.tail());
  assert.match(
    lines[0]!.input,
    /\[wsgi:error\] .*"127\.0\.0\.1:\d+" to 100 s .*RLIMIT_CPU\): Operation not permitted \(errno 1\)/,
  );
});
