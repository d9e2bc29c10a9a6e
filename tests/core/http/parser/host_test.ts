import assert from "node:assert/strict";
import { parseAuthority } from "../../../../core/http/parser/host.ts";

const ACCEPTED: [string, string, string][] = [
  ["localhost", "localhost", ""],
  ["Example.COM:8000", "example.com", "8000"],
  ["127.0.0.1:80", "127.0.0.1", "80"],
  ["my_service-1.internal", "my_service-1.internal", ""],
  ["example.com.", "example.com", ""],
  ["example.com.:81", "example.com", "81"],
  ["example.com:", "example.com", ""],
  ["a:00080", "a", "80"],
  ["[::1]", "[::1]", ""],
  ["[2001:DB8::1]:8443", "[2001:db8::1]", "8443"],
  ["[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]", ""],
];
for (const [text, name, port] of ACCEPTED) {
  Deno.test(`parseAuthority takes ${text}`, () => {
    assert.deepEqual(parseAuthority(text), { name, port });
  });
}

const REFUSED = [
  "",
  ":80",
  ".",
  ".a",
  "a..b",
  "a b",
  "a,b",
  "a/b",
  "a?b",
  "a#b",
  "a\\b",
  "u@a",
  "a:b",
  "a:-1",
  "a:0",
  "a:65536",
  "a:123456",
  "a:80:80",
  "::1",
  "[::1",
  "[]",
  "[1.2.3.4]",
  "[::g]",
  "[1:2:3]",
  "[::1]a",
  "[fe80::1%25eth0]",
  "caf\xe9",
  "a%41",
  "<script>",
  "a\n",
];
for (const text of REFUSED) {
  Deno.test(`parseAuthority refuses ${JSON.stringify(text)}`, () => {
    assert.equal(parseAuthority(text), undefined);
  });
}
