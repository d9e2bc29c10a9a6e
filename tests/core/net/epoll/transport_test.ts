import { socketCalls } from "../../../../ffi/sockets.ts";
import { testTransport } from "../transport_contract.ts";

if (Deno.build.os === "linux") {
  const { EpollTransport } = await import("../../../../core/net/epoll/transport.ts");
  // The C library stays loaded, which is no leak of the first test.
  socketCalls();
  testTransport(function epoll() {
    return new EpollTransport();
  });
}
