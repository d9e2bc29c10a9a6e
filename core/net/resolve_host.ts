/**
 * From what `--host` names to an IP address.
 *
 * @module
 */
import { AddressError } from "../errors.ts";

/**
 * The IP address of `host`: a name is looked up as the system does it, and of several addresses the first of IPv4 is
 * taken. Anything that looks like an address is returned as it is, and so is `""`.
 *
 * @throws {AddressError} where the system does not know the name.
 */
export async function resolveHost(host: string): Promise<string> {
  if (host === "" || host === "localhost" || /^[\d.]+$|:/.test(host)) return host;
  // Most servers are given no name: they start without it.
  const { lookup } = await import("node:dns/promises");
  try {
    const addresses = await lookup(host, { all: true });
    return (addresses.find(({ family }) => family === 4) ?? addresses[0]!).address;
  } catch (error) {
    throw new AddressError(
      `can't listen on "${host}": it is no IP address, and the system knows no host of this name; ` +
        "--host takes an address or a name of this machine",
      { cause: error },
    );
  }
}
