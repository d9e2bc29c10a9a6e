/** The Flask example, on every CPython. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { forEachPython, requestBytes, ROOT, startServer } from "../blackbox/harness.ts";
import { venvOf } from "../venvs.ts";
import { Browser } from "./browser.ts";

forEachPython("Flask: session, upload, streaming and error handlers work", async (python) => {
  const venv = await venvOf(python);
  await using server = await startServer({
    app: `${ROOT}/tests/frameworks/checked.py`,
    python: venv.folder,
    env: { TEST_SCRIPT: `${ROOT}/examples/flask/app.wsgi` },
    args: ["--processes", "2"],
  });

  const visitor = new Browser(server), other = new Browser(server);
  for (let visit = 1; visit <= 4; visit++) {
    const { status, text } = await visitor.get("/");
    assert.equal(status, 200);
    assert.match(text, new RegExp(`<strong>${visit}</strong> time${visit === 1 ? "\\." : "s\\."}`));
  }
  assert.match((await other.get("/")).text, /<strong>1<\/strong>/);

  const content = new Uint8Array(3_000_000).map((_, index) => (index * 13 + (index >> 7)) & 255);
  const form = new FormData();
  form.set("note", "caf\u00e9 \u20ac");
  form.set("document", new File([content], "r\u00e9sum\u00e9.bin"));
  const { json } = await visitor.upload("/upload", form);
  assert.deepEqual(json, {
    name: "r\u00e9sum\u00e9.bin",
    note: "caf\u00e9 \u20ac",
    size: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
  });

  using connection = await server.connect();
  await connection.send(requestBytes(server.url, "/countdown?from=3&pause=0.2"));
  assert.equal((await connection.readHead())?.status, 200);
  const parts: string[] = [];
  for (let part; (part = await connection.readBodyPart()) !== null;) {
    parts.push(new TextDecoder().decode(part));
  }
  assert.deepEqual(parts, ["3\n", "2\n", "1\n", `Lift-off for ${new URL(server.url).host}!\n`]);

  const sold = await visitor.get("/buy");
  assert.equal(sold.status, 409);
  assert.match(sold.text, /the last one was sold/);
  assert.equal((await visitor.get("/nothing")).status, 404);
  const bug = await visitor.get("/bug");
  assert.equal(bug.status, 500);
  assert.doesNotMatch(bug.text, /ZeroDivisionError/);
  await server.log.waitFor(/ZeroDivisionError/);
});
