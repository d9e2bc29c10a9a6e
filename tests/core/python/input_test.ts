import assert from "node:assert/strict";
import { latin1, pairs, testEach, withApplication } from "./python_half.ts";

const READS = `
import json
def application(environ, start_response):
    stream = environ["wsgi.input"]
    results = []
    for call in json.loads(environ["QUERY_STRING"]):
        name, *arguments = call.split(" ")
        values = [None if text == "None" else int(text) for text in arguments]
        try:
            if name == "iterate":
                result = list(stream)
            elif name == "next":
                result = next(stream, None)
            else:
                result = getattr(stream, name)(*values)
        except (OSError, TypeError) as error:
            result = "%s: %s" % ("OSError" if isinstance(error, OSError) else "TypeError", error)
        results.append(json.loads(json.dumps(result, default=lambda data: data.decode("latin-1"))))
    start_response("200 OK", [])
    return [json.dumps(results).encode("ascii")]
`;

const BODY = "one\ntwo\n\nthree";

const CASES: readonly (readonly [calls: readonly string[], results: readonly unknown[]])[] = [
  [["read"], [BODY]],
  [["read -1", "read"], [BODY, ""]],
  [["read None"], [BODY]],
  [["read 1000", "read 1"], [BODY, ""]],
  [["read 14", "read 1", "read"], [BODY, "", ""]],
  [["read 3", "read 0", "read 5", "read"], ["one", "", "\ntwo\n", "\nthree"]],
  [["readline", "readline", "readline", "readline", "readline"], [
    "one\n",
    "two\n",
    "\n",
    "three",
    "",
  ]],
  [["readline 2", "readline 2", "readline 100", "readline 0", "readline -1", "readline None"], [
    "on",
    "e\n",
    "two\n",
    "",
    "\n",
    "three",
  ]],
  [["readlines"], [["one\n", "two\n", "\n", "three"]]],
  [["readlines 4", "readlines 5", "readlines"], [["one\n"], ["two\n", "\n"], ["three"]]],
  [["readlines None"], [["one\n", "two\n", "\n", "three"]]],
  [["iterate"], [["one\n", "two\n", "\n", "three"]]],
  [["read 2", "next", "iterate", "next"], ["on", "e\n", ["two\n", "\n", "three"], null]],
  [["close", "read"], [null, BODY]],
];

testEach("wsgi.input reads a body that came with the request", async (python) => {
  await withApplication({ python, source: READS }, async (client) => {
    for (const [calls, results] of CASES) {
      await client.request(pairs({ QUERY_STRING: JSON.stringify(calls) }), 1, latin1(BODY));
      assert.deepEqual(JSON.parse((await client.response()).body.toString()), results);
    }
  });
});

testEach("wsgi.input reads a streamed body, however it is cut", async (python) => {
  await withApplication({ python, source: READS }, async (client) => {
    for (const [calls, results] of CASES) {
      for (const size of [1, 5, 100]) {
        for (const first of [0, 2]) {
          await client.request(
            pairs({ QUERY_STRING: JSON.stringify(calls) }),
            2,
            latin1(BODY.slice(0, first)),
          );
          assert.equal((await client.frame()).type, "W");
          for (let at = first; at < BODY.length; at += size) {
            await client.body(BODY.slice(at, at + size));
          }
          await client.endOfBody();
          assert.deepEqual(JSON.parse((await client.response()).body.toString()), results);
        }
      }
    }
  });
});

testEach("without a body every read is empty at once", async (python) => {
  await withApplication({ python, source: READS }, async (client) => {
    const calls = ["read", "read 5", "read 0", "readline", "readlines", "iterate"];
    await client.request(pairs({ QUERY_STRING: JSON.stringify(calls) }));
    const results = JSON.parse((await client.response()).body.toString());
    assert.deepEqual(results, ["", "", "", "", [], []]);
  });
});

testEach("a body is asked for by the first read that needs it, read(0) too", async (python) => {
  await withApplication({ python, source: READS }, async (client) => {
    await client.request(pairs({ QUERY_STRING: `["read 3"]` }), 2, latin1("abcdef"));
    assert.deepEqual((await client.response()).body.toString(), `["abc"]`);
    await client.request(pairs({ QUERY_STRING: `[]` }), 2);
    assert.deepEqual((await client.response()).body.toString(), `[]`);
    await client.request(pairs({ QUERY_STRING: `["read 0", "read 0", "read"]` }), 2);
    assert.equal((await client.frame()).type, "W");
    await client.body("x");
    await client.endOfBody();
    assert.deepEqual((await client.response()).body.toString(), `["", "", "x"]`);
  });
});

testEach("what is left of a body is dropped before the next request", async (python) => {
  await withApplication({ python, source: READS }, async (client) => {
    await client.request(pairs({ QUERY_STRING: `["read 3"]` }), 2);
    assert.equal((await client.frame()).type, "W");
    await client.body("abcdef");
    assert.deepEqual((await client.response()).body.toString(), `["abc"]`);
    await client.body("ghi".repeat(100_000));
    await client.endOfBody(1);
    await client.request(pairs({ QUERY_STRING: `["read"]` }), 1, latin1("next"));
    assert.deepEqual((await client.response()).body.toString(), `["next"]`);
  });
});

testEach("a failed body is an OSError for every read that needs more", async (python) => {
  await withApplication({ python, source: READS }, async (client) => {
    for (const [cause, reason] of [[1, "closed"], [2, "in time"], [3, "malf"], [4, "larger"]]) {
      const calls = JSON.stringify([
        "read 2",
        "read",
        "read 1",
        "readline",
        "readlines",
        "iterate",
      ]);
      await client.request(pairs({ QUERY_STRING: calls }), 2);
      await client.frame();
      await client.body("abc");
      await client.endOfBody(cause as number);
      const results = JSON.parse((await client.response()).body.toString());
      assert.equal(results[0], "ab");
      for (const text of results.slice(1)) {
        assert.match(text, new RegExp(`^OSError: request data read error: .*${reason}`));
      }
    }
  });
});

testEach("a failed body that nobody handles decides the status", async (python) => {
  const source = `
def application(environ, start_response):
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]
`;
  await withApplication({ python, source }, async (client, half) => {
    for (const [cause, status] of [[2, 408], [3, 400], [4, 413]]) {
      await client.request(pairs(), 2);
      await client.frame();
      await client.endOfBody(cause);
      assert.equal(await client.abort(), status);
    }
    await client.request(pairs(), 2);
    await client.frame();
    client.close();
    await half.gateway.threads(1);
    const next = half.client();
    await next.request(pairs(), 1, latin1("well"));
    assert.equal((await next.response()).body.toString(), "well");
  });
});

testEach("wsgi.input can't be read after the end of its request", async (python) => {
  const source = `
kept = []
def application(environ, start_response):
    start_response("200 OK", [])
    if not kept:
        kept.append(environ["wsgi.input"])
        return [kept[0].read(2)]
    try:
        return [kept[0].read()]
    except RuntimeError as error:
        return [str(error).encode()]
`;
  await withApplication({ python, source }, async (client) => {
    await client.request(pairs(), 2);
    await client.frame();
    await client.body("abc");
    assert.equal((await client.response()).body.toString(), "ab");
    await client.endOfBody();
    await client.request(pairs());
    assert.match((await client.response()).body.toString(), /the request has ended/);
  });
});

testEach("a large body arrives whole", async (python) => {
  const source = `
import hashlib
def application(environ, start_response):
    digest = hashlib.sha256()
    stream = environ["wsgi.input"]
    for data in iter(lambda: stream.read(100000), b""):
        digest.update(data)
    start_response("200 OK", [])
    return [digest.hexdigest().encode("ascii")]
`;
  await withApplication({ python, source }, async (client) => {
    const body = new Uint8Array(5_000_000);
    for (let at = 0; at < body.length; at += 65536) {
      crypto.getRandomValues(body.subarray(at, at + 65536));
    }
    await client.request(pairs(), 2);
    await client.frame();
    for (let at = 0; at < body.length; at += 65536) {
      await client.body(body.subarray(at, at + 65536));
    }
    await client.endOfBody();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
    assert.equal((await client.response()).body.toString(), digest.toHex());
  });
});
