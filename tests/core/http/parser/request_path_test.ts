import assert from "node:assert/strict";
import fc from "npm:fast-check@^4";
import { requestPath } from "../../../../core/http/parser/request_path.ts";

const PATHS: [string, string | undefined][] = [
  ["/", "/"],
  ["/a/b", "/a/b"],
  ["/a/b/", "/a/b/"],
  ["/a%20b", "/a b"],
  ["/%e2%82%ac", "/\xe2\x82\xac"],
  ["/\xe2\x82\xac", "/\xe2\x82\xac"],
  ["/a+b", "/a+b"],
  ["/%41%7E", "/A~"],
  ["/a%0ab", "/a\nb"],
  ["/a%3fb%23", "/a?b#"],
  ["/a%5cb", "/a\\b"],
  ["/a;v=1/b", "/a;v=1/b"],
  ["//", "/"],
  ["//a///b//", "/a/b/"],
  ["/.", "/"],
  ["/a/.", "/a/"],
  ["/a/./b", "/a/b"],
  ["/a/..", "/"],
  ["/a/b/..", "/a/"],
  ["/a/../b", "/b"],
  ["/a//../b", "/b"],
  ["/a/b/../../c", "/c"],
  ["/a/%2e%2E/b", "/b"],
  ["/%2e/a", "/a"],
  ["/.hidden", "/.hidden"],
  ["/..hidden/...", "/..hidden/..."],
  ["/a/.../b", "/a/.../b"],
  ["/%252e%252e/a", "/%2e%2e/a"],
  ["/..", undefined],
  ["/../a", undefined],
  ["/a/../../b", undefined],
  ["/%2e%2e/a", undefined],
  ["//../a", undefined],
  ["/%", undefined],
  ["/%4", undefined],
  ["/%zz", undefined],
  ["/%4g", undefined],
  ["/%u0041", undefined],
  ["/a%2Fb", ""],
  ["/a%2fb", ""],
  ["/a%00", ""],
  ["/a%2F%zz", undefined],
];
for (const [path, expected] of PATHS) {
  Deno.test(`requestPath makes ${JSON.stringify(expected)} of ${JSON.stringify(path)}`, () => {
    assert.equal(requestPath(path), expected);
  });
}

const segments = fc.array(
  fc.constantFrom("a", "b.c", ".", "..", "", "%2e", "%2E.", "%41", "...", "%", "%2f"),
  { maxLength: 8 },
);

Deno.test("requestPath leaves no dot segment and no double slash behind", () => {
  fc.assert(
    fc.property(segments, (list) => {
      const path = requestPath("/" + list.join("/"));
      if (!path) return;
      assert.match(path, /^\//);
      assert.doesNotMatch(path, /\/\/|\/\.\.?(\/|$)/);
    }),
    { numRuns: 500 },
  );
});

Deno.test("requestPath changes nothing in a second pass over an escaped result", () => {
  fc.assert(
    fc.property(segments, (list) => {
      const path = requestPath("/" + list.join("/"));
      if (!path) return;
      assert.equal(requestPath(path.replaceAll("%", "%25")), path);
    }),
    { numRuns: 300 },
  );
});
