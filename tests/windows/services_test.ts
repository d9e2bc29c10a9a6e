/** Service scripts and debug mode on Windows. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { APPS, Folder, startServer, until } from "../blackbox/harness.ts";
import { benchTest, environmentOf, FACTS, VERSIONS } from "./bench.ts";

for (const version of VERSIONS) {
  benchTest(
    `a service script runs beside the application and ends with it [${version}]`,
    async () => {
      using folder = new Folder();
      const args = ["--service-script", "ticker", `${APPS}/service.py`];
      const python = environmentOf(version);
      const server = await startServer({ app: FACTS, python, args, env: folder.env });
      const [note] = await folder.waitForNotes("service");
      assert.match(note!, /^\d+ main=True /);
      await server.log.waitFor(/service: started service:ticker/);
      assert.equal((await server.request("/")).status, 200);
      assert.equal((await server.stop()).code, 0);
      await server.log.waitFor(/service: atexit/);
      await server.destroy();
    },
  );
}

benchTest("a service script that returns is started again", async () => {
  using folder = new Folder();
  const args = ["--service-script", "ticker", `${APPS}/service.py`];
  const env = { ...folder.env, SERVICE_MODE: "returns" };
  await using _server = await startServer({ app: FACTS, python: environmentOf("3.14"), args, env });
  await folder.waitForNotes("service", 3);
});

benchTest("the profiler and the recorder write their files", async () => {
  using folder = new Folder();
  const args = [
    ...["--enable-profiler", "--profiler-directory", folder.file("profile")],
    ...["--enable-recorder", "--recorder-directory", folder.file("records")],
  ];
  const server = await startServer({ app: FACTS, python: environmentOf("3.14"), args });
  assert.equal((await server.request("/")).status, 200);
  assert.equal((await server.stop()).code, 0);
  const filesIn = (name: string) =>
    existsSync(folder.file(name)) ? [...Deno.readDirSync(folder.file(name))] : [];
  await until(() => filesIn("profile").length > 0, "the file of the profiler");
  assert.ok(filesIn("records").length > 0);
  await server.destroy();
});
