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

const PORT = 9229;
/** How often a port that somebody else has is tried again: when they leave it, it must not stay free. */
const RETRY_MS = 1000;

/** Holds the inspector's port until the function it gives is called. */
export function holdInspectorPort(): () => void {
  if (Deno.build.os === "windows") return () => {};
  let release = bind();
  const retry = setInterval(() => release ??= bind(), RETRY_MS);
  Deno.unrefTimer(retry as unknown as number);
  return () => {
    clearInterval(retry);
    release?.();
  };
}

/** Binds the port without listening where that is possible: nobody can even connect. */
function bind(): (() => void) | undefined {
  if (Deno.build.os !== "linux") return listen();
  const calls = socketCalls();
  const { family, bytes } = ipAddress("127.0.0.1", PORT);
  const fd = calls.socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return undefined;
  const close = () => void calls.close(fd);
  if (calls.bind(fd, bytes, bytes.length) === 0) return close;
  close();
  return undefined;
}

function listen(): (() => void) | undefined {
  try {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: PORT });
    return () => listener.close();
  } catch {
    return undefined;
  }
}
