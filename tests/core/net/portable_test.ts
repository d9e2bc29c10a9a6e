import { PortableTransport } from "../../../core/net/portable.ts";
import { socketPair } from "../../../ffi/socket_pair.ts";
import { testTransport } from "./transport_contract.ts";

// The C library stays loaded, which is no leak of the first test.
if (Deno.build.os !== "windows") socketPair();

testTransport(function portable() {
  return new PortableTransport();
});
