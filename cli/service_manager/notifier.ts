/**
 * Tells the service manager what this server does.
 *
 * @module
 */
import { platform } from "../../core/platform/platform.ts";
import type { ManagerEnvironment } from "./environment.ts";

/** Says what there is to say; where nobody listens, nothing. */
export interface Notifier {
  /** The server serves. */
  ready(status: string): void;
  /** It is being renewed, and `ready` follows. */
  reloading(status: string): void;
  /** It is about to end. */
  stopping(status: string): void;
  /** It goes on as it did; this is for whoever looks. */
  status(status: string): void;
  close(): void;
}

/** For a server that no service manager has started. */
const silentNotifier: Notifier = {
  ready() {},
  reloading() {},
  stopping() {},
  status() {},
  close() {},
};

/** The notifier that the environment asks for. While it is open it gives the signs of life that are expected. */
export async function openNotifier(
  { notifySocket, watchdog }: ManagerEnvironment,
): Promise<Notifier> {
  if (notifySocket === undefined || platform.os !== "linux") return silentNotifier;
  const { SystemdNotifier } = await import("./systemd_notifier.ts");
  return new SystemdNotifier(notifySocket, watchdog);
}
