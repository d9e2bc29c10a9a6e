import { PortableTransport } from "../../../core/net/portable.ts";
import { testTransport } from "./transport_contract.ts";

testTransport(function portable() {
  return new PortableTransport();
});
