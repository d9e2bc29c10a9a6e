import assert from "node:assert/strict";
import { parseExpectFile } from "./expect_file.ts";

Deno.test("parseExpectFile reads responses one after the other", () => {
  const text = "# why\nserver --a b\nstatus 200 OK\ninterim 100\nheader X-A = b c\nno header Y\n" +
    "environ P ~ ^/a\ninput = \\x00\nstatus 500\nhead\ntruncated\nheaders S = a | b\nclosed\n";
  assert.deepEqual(parseExpectFile(text), {
    server: "--a b",
    connection: "closed",
    responses: [
      {
        status: 200,
        reason: "OK",
        interim: [100],
        head: false,
        truncated: false,
        assertions: [
          { kind: "header", name: "X-A", value: "b c" },
          { kind: "header", name: "Y", value: null },
          { kind: "environ", name: "P", value: /^\/a/s },
          { kind: "input", value: "\0" },
        ],
      },
      {
        status: 500,
        reason: undefined,
        interim: [],
        head: true,
        truncated: true,
        assertions: [{ kind: "headers", name: "S", values: ["a", "b"] }],
      },
    ],
  });
});

Deno.test("parseExpectFile refuses what it does not understand", () => {
  for (
    const text of [
      "status 200\n",
      "header A = b\nclosed\n",
      "status two\nopen\n",
      "status 200\nheader A b\nopen\n",
      "status 200\nbody x\nopen\n",
      "status 200\nno body\nopen\n",
      "status 200\nstatsu 200\nopen\n",
    ]
  ) {
    assert.throws(() => parseExpectFile(text), SyntaxError, text);
  }
});
