import assert from "node:assert/strict";
import fc from "npm:fast-check@4.3.0";
import { ipAddress, readAddress, unixAddress } from "../../../../core/net/epoll/address.ts";

Deno.test("an address survives the way into a sockaddr and back", () => {
  const cases: Record<string, string> = {
    "127.0.0.1": "127.0.0.1",
    "255.255.255.255": "255.255.255.255",
    "::": "::",
    "::1": "::1",
    "[::1]": "::1",
    "2001:DB8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
    "2001:db8::": "2001:db8::",
    "fe80:1:2:3:4:5:6:7": "fe80:1:2:3:4:5:6:7",
    "1:2:3:4:5:6:0:8": "1:2:3:4:5:6:0:8",
    "::ffff:192.0.2.7": "192.0.2.7",
    "64:ff9b::192.0.2.33": "64:ff9b::c000:221",
  };
  for (const [text, expected] of Object.entries(cases)) {
    assert.deepEqual(readAddress(ipAddress(text, 8000).bytes), { hostname: expected, port: 8000 });
  }
});

Deno.test("every IPv4 and IPv6 address survives", () => {
  fc.assert(fc.property(fc.ipV4(), fc.integer({ min: 0, max: 65535 }), (text, port) => {
    assert.deepEqual(readAddress(ipAddress(text, port).bytes), { hostname: text, port });
  }));
  fc.assert(fc.property(fc.ipV6(), (text) => {
    const once = readAddress(ipAddress(text, 1).bytes);
    assert.deepEqual(readAddress(ipAddress(once.hostname, 1).bytes), once);
  }));
});

Deno.test("what is no IP address is refused", () => {
  const wrong = ["", "localhost", "1.2.3", "1.2.3.256", "1.2.3.4.5", ":::", "1::2::3", "12345::"]
    .concat(["1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1.2.3", "g::", "1:2:3:4:5:6:7::8"]);
  for (const text of wrong) assert.throws(() => ipAddress(text, 1), TypeError, text);
});

Deno.test("a socket path is at most 107 bytes long", () => {
  const { bytes } = unixAddress("/tmp/ä");
  assert.deepEqual([...bytes], [1, 0, ...new TextEncoder().encode("/tmp/ä"), 0]);
  assert.equal(unixAddress("x".repeat(107)).bytes.length, 110);
  assert.throws(() => unixAddress("ä".repeat(54)), /has 108 bytes/);
});
