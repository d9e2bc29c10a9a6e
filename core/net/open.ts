/**
 * Chooses the transport of the platform.
 *
 * @module
 */
import { platform } from "../platform/platform.ts";
import type { Transport } from "./transport.ts";

/** Makes the platform's transport. `WSGI_EXPRESS_TRANSPORT=portable` asks for that of macOS and Windows on Linux. */
export async function openTransport(): Promise<Transport> {
  if (platform.os === "linux" && Deno.env.get("WSGI_EXPRESS_TRANSPORT") !== "portable") {
    const { EpollTransport } = await import("./epoll/transport.ts");
    return new EpollTransport();
  }
  const { PortableTransport } = await import("./portable.ts");
  return new PortableTransport();
}
