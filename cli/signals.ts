/**
 * What signals do to a running server, as with mod_wsgi-express: TERM and INT stop, HUP restarts,
 * USR1 restarts gracefully, WINCH stops gracefully.
 *
 * @module
 */

/** The part of a server that signals act on. */
export interface SignalTarget {
  /** A first call stops in good order, a second one at once. */
  stop(reason?: string): Promise<void>;
  stopGracefully(): Promise<void>;
  restart(handover: boolean): void;
}

/** What a signal means. `ignore` keeps the system's own action, to end the process, from happening. */
export type SignalAction = "stop" | "stop gracefully" | "restart" | "restart gracefully" | "ignore";

/**
 * The meaning of each signal; one that stops, said again, means now. On a terminal, SIGWINCH tells of
 * a resized window and nothing else; elsewhere it asks for a graceful stop, as Apache takes it
 * (https://httpd.apache.org/docs/2.4/stopping.html).
 */
export function signalActions(
  system: "unix" | "windows",
  interactive: boolean,
): ReadonlyMap<Deno.Signal, SignalAction> {
  if (system === "windows") return new Map([["SIGINT", "stop"], ["SIGBREAK", "stop"]]);
  return new Map([
    ["SIGTERM", "stop"],
    ["SIGINT", "stop"],
    ["SIGHUP", "restart"],
    ["SIGUSR1", "restart gracefully"],
    ["SIGWINCH", interactive ? "ignore" : "stop gracefully"],
  ]);
}

/**
 * Does to a server what the signals of this process ask for, until the function it gives is called. Signals that come
 * while the server starts wait for it.
 */
export function followSignals(
  server: Promise<SignalTarget>,
  actions: ReadonlyMap<Deno.Signal, SignalAction>,
): () => void {
  const listeners = [...actions].map(([signal, action]) =>
    // A server that does not start ends this process anyway.
    [signal, () => void server.then((server) => carryOut(action, server), () => {})] as const
  );
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  };
}

function carryOut(action: SignalAction, server: SignalTarget): void {
  if (action === "stop") void server.stop("shutdown_signal");
  else if (action === "stop gracefully") void server.stopGracefully();
  else if (action === "restart") server.restart(false);
  else if (action === "restart gracefully") server.restart(true);
}
