/**
 * The messages of sd_notify(3) and sd_watchdog_enabled(3).
 *
 * @module
 */
import { monotonicMicroseconds } from "../../ffi/monotonic_clock.ts";
import { UnixDatagram } from "../../ffi/unix_datagram.ts";
import type { Notifier } from "./notifier.ts";

/** Speaks to the socket that systemd names. */
export class SystemdNotifier implements Notifier {
  #socket: UnixDatagram;
  #watchdog: ReturnType<typeof setInterval> | undefined;

  /** @param watchdog microseconds within which a sign of life is expected; undefined where none is. */
  constructor(address: string, watchdog: number | undefined) {
    this.#socket = new UnixDatagram(address);
    if (watchdog === undefined) return;
    // A timer of the event loop: where that hangs, no sign of life is given.
    this.#watchdog = setInterval(() => this.#send("WATCHDOG=1"), watchdog / 1000 / 2);
    Deno.unrefTimer(this.#watchdog);
  }

  ready(status: string): void {
    // A wrapper such as npx has started this process, and is not the one that serves.
    this.#send("READY=1", `MAINPID=${Deno.pid}`, `STATUS=${status}`);
  }

  reloading(status: string): void {
    this.#send("RELOADING=1", `MONOTONIC_USEC=${monotonicMicroseconds()}`, `STATUS=${status}`);
  }

  stopping(status: string): void {
    this.#send("STOPPING=1", `STATUS=${status}`);
  }

  status(status: string): void {
    this.#send(`STATUS=${status}`);
  }

  close(): void {
    clearInterval(this.#watchdog);
    this.#socket.close();
  }

  /** A manager that does not listen any more changes nothing for the clients. */
  #send(...lines: string[]): void {
    this.#socket.send(lines.join("\n"));
  }
}
