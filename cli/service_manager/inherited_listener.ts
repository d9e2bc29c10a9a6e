/**
 * Socket activation: the listening socket that the service manager has made (sd_listen_fds(3), systemd.socket(5)).
 *
 * @module
 */
import { ConfigurationError } from "../../core/errors.ts";
import { platform } from "../../core/platform/platform.ts";
import { FIRST_DESCRIPTOR, type ManagerEnvironment } from "./environment.ts";

/**
 * The descriptor of the socket to serve; undefined where none was passed on.
 *
 * @throws {ConfigurationError} where there are several.
 */
export function inheritedDescriptor({ sockets }: ManagerEnvironment): number | undefined {
  if (sockets.length > 1) {
    throw new ConfigurationError(
      `the service manager has passed on ${sockets.length} sockets (${sockets.join(", ")}), and ` +
        "one is served; leave one ListenStream in the .socket unit",
    );
  }
  return sockets.length === 1 && platform.os === "linux" ? FIRST_DESCRIPTOR : undefined;
}
