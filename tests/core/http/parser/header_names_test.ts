import assert from "node:assert/strict";
import { HeaderNames, HeaderRole } from "../../../../core/http/parser/header_names.ts";

Deno.test("HeaderNames gives one entry for a name in any case", () => {
  const names = new HeaderNames();
  const entry = names.find("User-Agent");
  assert.equal(entry?.name, "user-agent");
  assert.equal(entry?.key, "HTTP_USER_AGENT");
  assert.equal(entry?.pair, "\0HTTP_USER_AGENT\0");
  assert.equal(names.find("user-agent"), entry);
  assert.equal(names.find("USER-AGENT"), entry);
});

Deno.test("HeaderNames gives Content-Type and Content-Length keys without HTTP_", () => {
  const names = new HeaderNames();
  assert.equal(names.find("Content-Type")?.key, "CONTENT_TYPE");
  assert.equal(names.find("content-length")?.key, "CONTENT_LENGTH");
});

Deno.test("HeaderNames passes on no name that could be taken for another", () => {
  const names = new HeaderNames();
  for (
    const name of [
      "X_Real_IP",
      "Content_Length",
      "X.Y",
      "X!",
      "a~b",
      "Proxy",
      "Proxy-Authorization",
    ]
  ) {
    const entry = names.find(name);
    assert.notEqual(entry, undefined, name);
    assert.equal(entry?.key, "", name);
    assert.equal(entry?.pair, "", name);
  }
  assert.equal(names.find("Authorization")?.key, "HTTP_AUTHORIZATION");
});

Deno.test("HeaderNames refuses what is no token", () => {
  const names = new HeaderNames();
  for (const name of ["", " Host", "Host ", "a b", "a:b", "a\tb", "a(b", "caf\xe9", "a\0b"]) {
    assert.equal(names.find(name), undefined, JSON.stringify(name));
  }
});

Deno.test("HeaderNames knows the headers the server acts on", () => {
  const names = new HeaderNames();
  assert.equal(names.find("HOST")?.role, HeaderRole.host);
  assert.equal(names.find("Transfer-Encoding")?.role, HeaderRole.transferEncoding);
  assert.equal(names.find("Content-Length")?.role, HeaderRole.contentLength);
  assert.equal(names.find("Accept")?.role, HeaderRole.other);
});

Deno.test("HeaderNames trim empties a table that made-up names filled, and keeps a small one", () => {
  const names = new HeaderNames();
  const host = names.find("Host");
  names.trim();
  assert.equal(names.find("Host"), host);
  for (let index = 0; index < 2000; index++) names.find(`X-Made-Up-Name-${index}`);
  names.trim();
  assert.notEqual(names.find("Host"), host);
  assert.equal(names.find("Host")?.role, HeaderRole.host);
});
