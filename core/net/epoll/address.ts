/**
 * Socket addresses between text and `struct sockaddr` (Linux).
 *
 * @module
 */
import type { SocketAddress } from "../transport.ts";
import { AF_INET, AF_INET6, AF_UNIX } from "./constants.ts";

/** Room enough for any address: `sizeof(struct sockaddr_storage)`. */
export const SOCKADDR_SIZE = 128;

/** A `struct sockaddr` and its address family. */
export interface RawAddress {
  readonly family: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The `sockaddr_in` or `sockaddr_in6` of an IP address.
 *
 * @throws {TypeError} where `hostname` is no IP address.
 */
export function ipAddress(hostname: string, port: number): RawAddress {
  const v4 = parseIPv4(hostname);
  if (v4 !== undefined) {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, AF_INET, true);
    view.setUint16(2, port, false);
    bytes.set(v4, 4);
    return { family: AF_INET, bytes };
  }
  const bytes = new Uint8Array(28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET6, true);
  view.setUint16(2, port, false);
  bytes.set(parseIPv6(hostname), 8);
  return { family: AF_INET6, bytes };
}

/**
 * The `sockaddr_un` of a path.
 *
 * @throws {RangeError} where the path is longer than the 107 bytes that the structure holds.
 */
export function unixAddress(path: string): RawAddress {
  const text = new TextEncoder().encode(path);
  if (text.length > 107) {
    throw new RangeError(
      `the socket path "${path}" has ${text.length} bytes, the system takes 107 at most: choose a shorter directory`,
    );
  }
  const bytes = new Uint8Array(2 + text.length + 1);
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, true);
  bytes.set(text, 2);
  return { family: AF_UNIX, bytes };
}

/** Reads a `struct sockaddr`. An IPv4 address mapped into IPv6 (RFC 4291 section 2.5.5.2) comes back as IPv4. */
export function readAddress(bytes: Uint8Array): SocketAddress {
  const family = bytes[0]! | (bytes[1]! << 8);
  const port = (bytes[2]! << 8) | bytes[3]!;
  if (family === AF_INET) return { hostname: ipv4Text(bytes, 4), port };
  if (family === AF_INET6) return { hostname: ipv6Text(bytes.subarray(8, 24)), port };
  return { hostname: "", port: 0 };
}

function parseIPv4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const numbers = parts.map((part) => /^\d{1,3}$/.test(part) ? Number(part) : 256);
  return numbers.every((number) => number <= 255) ? numbers : undefined;
}

function parseIPv6(text: string): Uint8Array {
  let source = text.replace(/^\[|\]$/g, "");
  const tail = source.slice(source.lastIndexOf(":") + 1);
  const v4 = parseIPv4(tail);
  if (v4 !== undefined) {
    const [a, b, c, d] = v4 as [number, number, number, number];
    source = source.slice(0, -tail.length) + ((a << 8) | b).toString(16) + ":" +
      ((c << 8) | d).toString(16);
  }
  const halves = source.split("::");
  const groups = halves.map((half) => half === "" ? [] : half.split(":"));
  const [head = [], rest = []] = groups;
  const missing = 8 - head.length - rest.length;
  const valid = halves.length <= 2 && (halves.length === 2 ? missing >= 1 : missing === 0);
  const all = halves.length === 2
    ? [...head, ...new Array<string>(Math.max(missing, 0)).fill("0"), ...rest]
    : head;
  if (!valid || all.length !== 8 || !all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) {
    throw new TypeError(`"${text}" is not an IP address`);
  }
  const bytes = new Uint8Array(16);
  all.forEach((group, index) => {
    const number = parseInt(group, 16);
    bytes[2 * index] = number >> 8;
    bytes[2 * index + 1] = number & 255;
  });
  return bytes;
}

function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

function ipv6Text(bytes: Uint8Array): string {
  const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return ipv4Text(bytes, 12);
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  // RFC 5952: the longest run of two or more zero groups becomes "::".
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.at < 0) return hex.join(":");
  return `${hex.slice(0, best.at).join(":")}::${hex.slice(best.at + best.length).join(":")}`;
}
