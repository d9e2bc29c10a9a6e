/**
 * Keeps Deno's debugger shut.
 *
 * Since 2.9.2 a Deno process that gets SIGUSR1 opens V8's inspector on 127.0.0.1:9229, beside whatever listeners it has
 * (https://github.com/denoland/deno/pull/35738), and no option turns that off. Every user of the machine could then run
 * code in the server. SIGUSR1 is the graceful restart, so the server process holds that port: the inspector can't be
 * opened, neither by it nor by its application processes, and says so on standard error.
 *
 * @module
 */
import { ipAddress } from "./epoll/address.ts";
import { SOCK_CLOEXEC, SOCK_STREAM } from "./epoll/constants.ts";
import { socketCalls } from "../../ffi/sockets.ts";
import { platform } from "../platform/platform.ts";

const PORT = 9229;
/** How often a port that somebody else has is tried again: when they leave it, it must not stay free. */
const RETRY_MS = 1000;

/** Holds the inspector's port until the function it gives is called. */
export function holdInspectorPort(): () => void {
  if (platform.system === "windows") return () => {};
  const { take, close } = platform.os === "linux" ? unconnectable() : listening();
  let held = take();
  const retry = setInterval(() => held ||= take(), RETRY_MS);
  Deno.unrefTimer(retry as unknown as number);
  return () => {
    clearInterval(retry);
    close();
  };
}

/** A way to hold the port. */
interface Hold {
  /** Takes the port; false where somebody else has it. */
  take(): boolean;
  close(): void;
}

/** Binds the port without listening: nobody can even connect. The socket is the same at each try. */
function unconnectable(): Hold {
  const calls = socketCalls();
  const { family, bytes } = ipAddress("127.0.0.1", PORT);
  const fd = calls.socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return {
    take: () => fd >= 0 && calls.bind(fd, bytes, bytes.length) === 0,
    close: () => {
      if (fd >= 0) calls.close(fd);
    },
  };
}

function listening(): Hold {
  let listener: Deno.Listener | undefined;
  return {
    take() {
      try {
        listener = Deno.listen({ hostname: "127.0.0.1", port: PORT });
        return true;
      } catch {
        return false;
      }
    },
    close: () => listener?.close(),
  };
}
