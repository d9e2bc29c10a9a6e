/**
 * ISO 8859-1 texts and their bytes: what PEP 3333 ("A Note on String Types") means by a native
 * string, one character for each byte.
 *
 * `TextDecoder("latin1")` is windows-1252 by the Encoding standard, so it can't be used for bytes
 * 0x80–0x9f. ASCII, nearly every request, takes the fast built-in codecs; the rest a plain loop.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Longest piece given to `String.fromCharCode` at once: it takes its characters as arguments. */
const PIECE = 4096;

/** The bytes `[start, end)` as text, one character a byte. */
export function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
  for (let index = start; index < end; index++) {
    if (bytes[index]! > 127) return decodeHighBytes(bytes, start, end);
  }
  return decodeAscii(bytes, start, end);
}

/** As {@linkcode decodeLatin1}, for bytes the caller knows to be below 0x80. */
export function decodeAscii(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}

/** As {@linkcode decodeLatin1}, without looking for the ASCII case first. */
export function decodeHighBytes(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let index = start; index < end; index += PIECE) {
    const piece = bytes.subarray(index, Math.min(index + PIECE, end));
    text += String.fromCharCode.apply(null, piece as unknown as number[]);
  }
  return text;
}

/**
 * Writes a text as ISO 8859-1 into `target` at `offset` and returns the offset behind it, or -1
 * where it doesn't fit (the target may then be partly overwritten). Characters above U+00FF lose
 * their high bits; callers give only texts of bytes.
 */
export function writeLatin1(text: string, target: Uint8Array, offset: number): number {
  const length = text.length;
  if (offset + length > target.length) return -1;
  const { read, written } = encoder.encodeInto(text, target.subarray(offset));
  // UTF-8 equals ISO 8859-1 exactly where every character took one byte.
  if (read !== length || written !== length) {
    for (let index = 0; index < length; index++) target[offset + index] = text.charCodeAt(index);
  }
  return offset + length;
}

/** The ISO 8859-1 bytes of a text. */
export function encodeLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  writeLatin1(text, bytes, 0);
  return bytes;
}

/**
 * The UTF-8 bytes of a text, as a text of one character a byte: how a path or another setting with
 * letters outside ASCII appears in an environ.
 */
export function bytesAsLatin1(text: string): string {
  const bytes = encoder.encode(text);
  return bytes.length === text.length ? text : decodeHighBytes(bytes, 0, bytes.length);
}
