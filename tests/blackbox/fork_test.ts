/** Children that an application forks: they are processes of its own, and none of the server's. */

import assert from "node:assert/strict";
import { forEachPythonAndMode, startServer } from "./harness.ts";

if (Deno.build.os !== "windows") {
  forEachPythonAndMode(
    "signals end a forked child, and one that comes back ends",
    async ({ executable }, mode) => {
      await using server = await startServer({
        app: "forking.wsgi",
        python: executable,
        args: mode.args,
        complaintsExpected: true, // a child that leaves by SystemExit says so
      });
      const read = async (path: string) => (await server.request(path)).text;
      for (let time = 0; time < 5; time++) assert.equal(await read("/terminate"), "-15");
      assert.equal(await read("/pool"), "left");
      assert.deepEqual(JSON.parse(await read("/signals")), {
        SIGTERM: "SIGTERM",
        SIGINT: "SIGINT",
        SIGHUP: "SIGHUP",
        SIGUSR1: "SIGUSR1",
      });
      for (const how of ["exit", "write", "iterate"]) {
        assert.equal(await read(`/come-back?how=${how}`), "0", how);
      }
    },
  );
}
