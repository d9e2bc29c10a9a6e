import assert from "node:assert/strict";
import { AddressError } from "../../../core/errors.ts";
import { resolveHost } from "../../../core/net/resolve_host.ts";

Deno.test("resolveHost() leaves addresses as they are, also those that are wrong", async () => {
  for (const host of ["", "localhost", "127.0.0.1", "127.0.0.256", "::1", "[::1]", "fe80::1"]) {
    assert.equal(await resolveHost(host), host);
  }
});

Deno.test("resolveHost() looks up a name as the system does", async () => {
  assert.match(await resolveHost(Deno.hostname()), /^[\d.]+$|:/);
});

Deno.test("resolveHost() names the host that the system does not know", async () => {
  await assert.rejects(
    resolveHost("nowhere.invalid"),
    (error) => error instanceof AddressError && /"nowhere\.invalid": .*--host/.test(error.message),
  );
});
