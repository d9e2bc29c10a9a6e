/** Embedded mode on Windows: one process, which listens itself. */
import assert from "node:assert/strict";
import { DeadlineError, ORDINARY_DEADLINE, within } from "../blackbox/deadline.ts";
import { Folder, run, startServer } from "../blackbox/harness.ts";
import { app, benchTest, environmentOf, FACTS, VERSIONS } from "./bench.ts";

for (const version of VERSIONS) {
  const python = environmentOf(version);

  benchTest(`embedded mode serves with several threads [${version}]`, async () => {
    using folder = new Folder();
    const args = ["--embedded-mode"];
    await using server = await startServer({ app: "process.wsgi", python, args, env: folder.env });
    const running = Array.from({ length: 5 }, () => server.request("/wait"));
    await folder.waitForNotes("started", 5);
    folder.write("go");
    const answers = await Promise.all(running);
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  });
}

benchTest("embedded mode serves with one thread", async () => {
  const args = ["--embedded-mode", "--threads", "1"];
  await using server = await startServer({ app: FACTS, python: environmentOf("3.14"), args });
  for (let number = 0; number < 10; number++) {
    assert.equal((await server.request("/")).status, 200);
  }
});

benchTest("in embedded mode a process hands its port over to its successor", async () => {
  const args = ["--embedded-mode", "--maximum-requests", "3"];
  await using server = await startServer({ app: FACTS, python: environmentOf("3.14"), args });
  const pids = new Set<string>();
  const end = performance.now() + 60_000;
  while (pids.size < 3) {
    assert.ok(performance.now() < end, `only ${pids.size} processes have served`);
    try {
      const answer = within(server.request("/"), ORDINARY_DEADLINE, "answer and no refusal");
      const { status, text } = await answer;
      assert.equal(status, 200);
      pids.add(text);
    } catch (error) {
      // Between the two nobody listens for a moment, and who had connected but not yet asked is sent away.
      if (error instanceof assert.AssertionError || error instanceof DeadlineError) throw error;
    }
  }
});

benchTest("embedded mode with Flask", async () => {
  const args = ["--embedded-mode"];
  const python = environmentOf("3.14");
  await using server = await startServer({ app: app("flask_app.wsgi"), python, args });
  assert.equal((await server.request("/hello/ann")).status, 200);
});

benchTest("embedded mode with several processes ends with status 3 and the reason", async () => {
  const args = ["--embedded-mode", "--processes", "2", "--port", "0"];
  const { status, stderr } = await run(["start-server", FACTS, ...args]);
  assert.equal(status, 3);
  assert.match(stderr, /--embedded-mode is one process on Windows/);
});
