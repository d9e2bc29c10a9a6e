import assert from "node:assert/strict";
import { pairs, PythonHalf, testEach, withApplication } from "./python_half.ts";

/** An application that answers with a text. */
function answering(text: string): string {
  return `
def application(environ, start_response):
    start_response("200 OK", [])
    return [b"${text}"]
`;
}

testEach("a changed script: the request is given back with the reason", async (python) => {
  await withApplication({ python, source: answering("old") }, async (client, half) => {
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "old");
    const file = half.path("app.py");
    await Deno.writeTextFile(file, answering("new"));
    await Deno.utime(file, 1, 1); // older is a change too
    for (let count = 0; count < 2; count += 1) {
      await client.request(pairs());
      const frame = await client.frame();
      assert.deepEqual([frame.type, frame.payload.toString()], ["Q", "script_reload"]);
    }
  });
});

testEach("without reloading a changed script is not looked at", async (python) => {
  const settings = { python, source: answering("old"), plan: { reloading: false } };
  await withApplication(settings, async (client, half) => {
    await Deno.utime(half.path("app.py"), 1, 1);
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "old");
  });
});

testEach("while the script file is missing the loaded application serves", async (python) => {
  await withApplication({ python, source: answering("old") }, async (client, half) => {
    await Deno.remove(half.path("app.py"));
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "old");
  });
});

testEach("reload_required() decides too; an exception in it means no", async (python) => {
  const source = `
import os
def reload_required(resource):
    assert resource == __file__, resource
    if os.path.exists("fail"):
        raise ValueError("undecided")
    return os.path.exists("reload")
` + answering("served");
  await withApplication({ python, source }, async (client, half) => {
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "served");
    await Deno.writeTextFile(half.path("fail"), "");
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "served");
    await half.logged(/ValueError: undecided/);
    await Deno.remove(half.path("fail"));
    await Deno.writeTextFile(half.path("reload"), "");
    await client.request(pairs());
    assert.equal((await client.frame()).payload.toString(), "script_reload");
  });
});

testEach("a broken script is logged, answered 500 and served once mended", async (python) => {
  const source = "import helper\nhelper.missing()\n";
  const files = { "helper.py": "def present():\n    pass\n" };
  await withApplication({ python, source, files }, async (client, half) => {
    const log = await half.logged(/AttributeError: .*'missing'\n/);
    assert.match(log, /Failed to exec Python script file '.*app\.py'\.\n/);
    assert.doesNotMatch(log, /<wsgi-express>/);
    assert.deepEqual(half.records.slice(1, 4), [
      "Traceback (most recent call last):",
      `  File "${half.path("app.py")}", line 2, in <module>`,
      "    helper.missing()",
    ]);
    await client.request(pairs());
    assert.equal(await client.abort(), 500);
    await Deno.writeTextFile(half.path("app.py"), "syntax error here\n");
    await client.request(pairs());
    assert.equal(await client.abort(), 500);
    await half.logged(/SyntaxError: /);
    await Deno.writeTextFile(half.path("app.py"), source + answering("mended"));
    await Deno.writeTextFile(half.path("helper.py"), "def missing():\n    pass\n");
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "mended");
    await Deno.utime(half.path("app.py"), 1, 1);
    await client.request(pairs());
    assert.equal((await client.frame()).type, "Q");
  });
});

testEach("SystemExit while loading does not end the process", async (python) => {
  const source = `
import os, sys
if os.path.exists("leave"):
    sys.exit(3)
` + answering("stayed");
  const settings = { python, source, files: { leave: "" } };
  await withApplication(settings, async (client, half) => {
    await half.logged(/SystemExit: 3\n/);
    await Deno.remove(half.path("leave"));
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "stayed");
  });
});

testEach("a missing callable is 404, logged, and looked for again", async (python) => {
  const plan = { application: { type: "script", entryPoint: "", callable: "app" } };
  await using half = await PythonHalf.start({
    python,
    source: "",
    files: { "other.wsgi": answering("found") },
    plan: { ...plan, application: { ...plan.application, entryPoint: "other.wsgi" } },
  });
  const client = half.client();
  await client.request(pairs());
  assert.equal(await client.abort(), 404);
  await half.logged(/script 'other.wsgi' does not contain WSGI application 'app'/);
  await Deno.writeTextFile(half.path("other.wsgi"), answering("found") + "app = application\n");
  await client.request(pairs());
  assert.equal((await client.response()).body.toString(), "found");
});

testEach("a module is imported; a failed import is forgotten and tried again", async (python) => {
  const broken = "import site_helper\nfrom project.parts import missing\n";
  const plan = {
    application: { type: "module", entryPoint: "project.wsgi", callable: "application" },
    pythonPath: ["."],
  };
  const files = {
    "project/__init__.py": "loads = []\n",
    "project/parts.py": "present = 1\n",
    "project/wsgi.py": broken,
    "lib/site_helper.py": "",
  };
  const settings = { python, source: "", files, plan: { ...plan, pythonPath: ["lib"] } };
  await withApplication(settings, async (client, half) => {
    const log = await half.logged(/ImportError: cannot import name 'missing'/);
    assert.match(log, /Failed to import Python module 'project\.wsgi'\.\n/);
    assert.doesNotMatch(log, /<wsgi-express>|importlib/);
    await client.request(pairs());
    assert.equal(await client.abort(), 500);
    await Deno.writeTextFile(half.path("project/parts.py"), "missing = 'now here'\n");
    await Deno.writeTextFile(half.path("project/wsgi.py"), broken + answering("mended"));
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "mended");
    await Deno.utime(half.path("project/wsgi.py"), 1, 1);
    await client.request(pairs());
    assert.equal((await client.response()).body.toString(), "mended");
  });
});

testEach(
  "the script is a module that pickle, dataclasses and source coding work in",
  async (python) => {
    const source = `# coding: latin-1
import dataclasses, pickle, sys
@dataclasses.dataclass
class Point:
    x: "int" = 1
assert pickle.loads(pickle.dumps(Point(2))) == Point(2)
assert sys.modules["__wsgi__"].Point is Point
assert "__spec__" not in globals()  # CPython 3.15 warns of None
` + answering("well");
    await withApplication({ python, source }, async (client) => {
      await client.request(pairs());
      assert.equal((await client.response()).body.toString(), "well");
    });
  },
);

testEach(
  "sys.path: working directory, then the given ones with their .pth, in order",
  async (python) => {
    const source = `
import json, sys, os
def application(environ, start_response):
    start_response("200 OK", [])
    cwd = os.getcwd()
    known = [os.path.relpath(entry, cwd) for entry in sys.path if entry.startswith(cwd)]
    return [json.dumps([known, os.environ["EXTRA"], sys.path.index(cwd)]).encode()]
`;
    const files = { "one/extra.pth": "../three\n", "two/x": "", "three/x": "" };
    const plan = { pythonPath: ["one", "two"], osEnviron: { EXTRA: "\u20ac" } };
    await withApplication({ python, source, files, plan }, async (client) => {
      await client.request(pairs());
      assert.deepEqual(JSON.parse((await client.response()).body.toString()), [
        [".", "one", "three", "two"],
        "\u20ac",
        0,
      ]);
    });
  },
);
