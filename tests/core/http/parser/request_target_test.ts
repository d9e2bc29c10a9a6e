import assert from "node:assert/strict";
import { parseRequestTarget } from "../../../../core/http/parser/request_target.ts";

Deno.test("parseRequestTarget cuts the origin form at the first question mark", () => {
  assert.deepEqual(parseRequestTarget("GET", "/a%20b?c=%20&d=?e"), {
    kind: "target",
    path: "/a b",
    query: "c=%20&d=?e",
    authority: "",
  });
});

Deno.test("parseRequestTarget takes http and https URIs in any case", () => {
  for (
    const [target, path, query, authority] of [
      ["http://a/b?c", "/b", "c", "a"],
      ["HTTPS://A:1/", "/", "", "A:1"],
      ["http://a", "/", "", "a"],
      ["http://a?q", "/", "q", "a"],
      ["http://a//b/../c", "/c", "", "a"],
    ] as const
  ) {
    assert.deepEqual(parseRequestTarget("GET", target), { kind: "target", path, query, authority });
  }
});

Deno.test("parseRequestTarget takes * for OPTIONS only", () => {
  const result = parseRequestTarget("OPTIONS", "*");
  assert.deepEqual(result, { kind: "target", path: "*", query: "", authority: "" });
  assert.deepEqual(parseRequestTarget("POST", "*").kind, "failure");
});

Deno.test("parseRequestTarget refuses CONNECT with 501", () => {
  const result = parseRequestTarget("CONNECT", "example.com:443");
  assert.equal(result.kind === "failure" && result.status, 501);
});

Deno.test("parseRequestTarget refuses CONNECT to anything but a host and a port with 400", () => {
  for (const target of ["/x", "/", "*", "a", "a:", "a:0", "a:65536", ":80", "http://a:80/"]) {
    const result = parseRequestTarget("CONNECT", target);
    assert.equal(result.kind === "failure" && result.status, 400, target);
  }
});

Deno.test("parseRequestTarget lets a double slash at the start be a path, not a host", () => {
  const result = parseRequestTarget("GET", "//evil.example/x");
  assert.equal(result.kind === "target" && result.path, "/evil.example/x");
  assert.equal(result.kind === "target" && result.authority, "");
});
