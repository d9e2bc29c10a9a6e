/**
 * Texts between JavaScript, C and Python. Nothing is cut or replaced on the way: NUL and lone
 * surrogates (`surrogateescape`, PEP 383) come through between JavaScript and Python, and are
 * refused where C could not take them.
 *
 * @module
 */
import type { Pointer, PythonSymbols } from "./symbols.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const STRICT = null;
const SURROGATEPASS = encoder.encode("surrogatepass\0");
const UTF_16_LE = encoder.encode("utf-16-le\0");
const LITTLE_ENDIAN = -1;

/**
 * UTF-8 with a NUL after the encoded bytes, for a `const char *`.
 *
 * @throws {TypeError} when the text has a NUL inside, where C would cut it.
 */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  refuseNul(text);
  return encoder.encode(text + "\0");
}

/** A NUL-terminated UTF-8 text in memory; NULL gives an empty one. */
export function readCString(pointer: Pointer | null): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

/**
 * A NUL-terminated `wchar_t` text: UTF-16 on Windows, UTF-32 elsewhere, little-endian.
 *
 * @throws {TypeError} when the text has a NUL inside.
 */
export function wideString(
  text: string,
  os: typeof Deno.build.os = Deno.build.os,
): Uint8Array<ArrayBuffer> {
  refuseNul(text);
  if (os === "windows") {
    return new Uint8Array(codeUnits(text + "\0").buffer);
  }
  return new Uint8Array(
    Uint32Array.from(text + "\0", (character) => character.codePointAt(0) ?? 0).buffer,
  );
}

/** Several wide texts in one block of memory, with an array of their addresses (`wchar_t **`). */
export class WideStrings {
  readonly #block: Uint8Array<ArrayBuffer>;
  /** The addresses, one after the other. */
  readonly addresses: BigUint64Array<ArrayBuffer>;
  /** How many. */
  readonly length: number;

  constructor(texts: readonly string[], os: typeof Deno.build.os = Deno.build.os) {
    const encoded = texts.map((text) => wideString(text, os));
    const size = encoded.reduce((sum, bytes) => sum + bytes.length, 0);
    this.length = texts.length;
    // V8 may move a small typed array; memory of its own stays where it is.
    this.#block = new Uint8Array(Math.max(size, 4096));
    this.addresses = new BigUint64Array(Math.max(texts.length, 512));
    const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#block));
    let offset = 0;
    encoded.forEach((bytes, index) => {
      this.#block.set(bytes, offset);
      this.addresses[index] = base + BigInt(offset);
      offset += bytes.length;
    });
  }
}

/** A new Python `str` (an owned reference), or NULL with a Python exception set. */
export function newPythonText(symbols: PythonSymbols, text: string): Pointer | null {
  if (text.isWellFormed()) {
    const bytes = encoder.encode(text);
    return symbols.PyUnicode_DecodeUTF8(orNotNull(bytes), BigInt(bytes.length), STRICT);
  }
  const bytes = new Uint8Array(codeUnits(text).buffer);
  const order = new Int32Array([LITTLE_ENDIAN]);
  return symbols.PyUnicode_DecodeUTF16(bytes, BigInt(bytes.length), SURROGATEPASS, order);
}

/** The text of a Python `str`; `undefined` with a Python exception set when it is none. */
export function readPythonText(symbols: PythonSymbols, object: Pointer): string | undefined {
  const size = new BigInt64Array(1);
  const utf8 = symbols.PyUnicode_AsUTF8AndSize(object, size);
  if (utf8 !== null) {
    return decoder.decode(Deno.UnsafePointerView.getArrayBuffer(utf8, Number(size[0])));
  }
  // Lone surrogates have no UTF-8. An object that is no str fails again here.
  symbols.PyErr_Clear();
  const encoded = symbols.PyUnicode_AsEncodedString(object, UTF_16_LE, SURROGATEPASS);
  if (encoded === null) return undefined;
  const units = new Uint16Array(readPythonBytes(symbols, encoded)?.buffer ?? new ArrayBuffer(0));
  symbols.Py_DecRef(encoded);
  return joinCodeUnits(units);
}

/** A copy of a Python `bytes`; `undefined` with a Python exception set when it is none. */
export function readPythonBytes(
  symbols: PythonSymbols,
  object: Pointer,
): Uint8Array<ArrayBuffer> | undefined {
  const start = symbols.PyBytes_AsString(object);
  if (start === null) return undefined;
  const copy = new Uint8Array(Number(symbols.PyBytes_Size(object)));
  if (copy.length > 0) Deno.UnsafePointerView.copyInto(start, copy);
  return copy;
}

const NOT_NULL = new Uint8Array(1);

/** An empty buffer would arrive in C as NULL; its length, 0, is passed beside it. */
export function orNotNull<B extends ArrayBufferLike>(
  bytes: Uint8Array<B>,
): Uint8Array<B | ArrayBuffer> {
  return bytes.length === 0 ? NOT_NULL : bytes;
}

function refuseNul(text: string): void {
  if (text.includes("\0")) {
    throw new TypeError(`A C text can't hold a NUL: ${JSON.stringify(text)}`);
  }
}

function codeUnits(text: string): Uint16Array<ArrayBuffer> {
  const units = new Uint16Array(text.length);
  for (let index = 0; index < text.length; index++) units[index] = text.charCodeAt(index);
  return units;
}

function joinCodeUnits(units: Uint16Array): string {
  const parts: string[] = [];
  for (let start = 0; start < units.length; start += 8192) {
    parts.push(String.fromCharCode(...units.subarray(start, start + 8192)));
  }
  return parts.join("");
}
