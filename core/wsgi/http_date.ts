import { encodeLatin1 } from "./latin1.ts";

let second = -1;
let dateBytes = encodeLatin1("");

/**
 * The header lines `Date` (RFC 9110 section 6.6.1) and `Server` as bytes, made once a second.
 * `now` is in milliseconds since the epoch.
 */
export function dateAndServerLines(now: number): Uint8Array {
  refresh(now);
  return bothBytes;
}

/** The header line `Date` alone. */
export function dateLine(now: number): Uint8Array {
  refresh(now);
  return dateBytes;
}

/** The header line `Server` alone. */
export const SERVER_LINE: Uint8Array = encodeLatin1("Server: wsgi-express\r\n");

let bothBytes = encodeLatin1("");

function refresh(now: number): void {
  const current = Math.floor(now / 1000);
  if (current === second) return;
  second = current;
  // toUTCString is the IMF-fixdate form of RFC 9110 section 5.6.7.
  const line = `Date: ${new Date(current * 1000).toUTCString()}\r\n`;
  dateBytes = encodeLatin1(line);
  bothBytes = encodeLatin1(line + "Server: wsgi-express\r\n");
}
