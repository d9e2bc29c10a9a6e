/**
 * What signals do to a running server.
 *
 * As with mod_wsgi-express: TERM and INT stop, HUP restarts, USR1 restarts gracefully. WINCH is a graceful stop for
 * Apache's users who send it from a script, and a resized window on a terminal, where it does nothing.
 *
 * @module
 */
import type { RunningServer } from "../core/server.ts";

/** Connects signals to the server; returns a function that disconnects them. */
export function handleSignals(server: RunningServer): () => void {
  const handlers = new Map<Deno.Signal, () => void>();
  // Said again, it means now.
  const stop = () => void server.stop();
  handlers.set("SIGINT", stop);
  if (Deno.build.os === "windows") {
    handlers.set("SIGBREAK", stop);
    handlers.set("SIGHUP", stop);
  } else {
    handlers.set("SIGTERM", stop);
    handlers.set("SIGHUP", () => server.restart(false));
    handlers.set("SIGUSR1", () => server.restart(true));
    const onTerminal = Deno.stdin.isTerminal() || Deno.stdout.isTerminal() ||
      Deno.stderr.isTerminal();
    handlers.set("SIGWINCH", onTerminal ? () => {} : () => void server.stopGracefully());
  }
  for (const [signal, handler] of handlers) Deno.addSignalListener(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) Deno.removeSignalListener(signal, handler);
  };
}
