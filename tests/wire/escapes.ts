/**
 * The escapes of the data files: a printable spelling of any bytes.
 *
 * `\r` `\n` `\t` `\0` `\\`, `\xHH` for a byte, `\{COUNT*TEXT}` for many copies of a text.
 */
const ESCAPE = /\\(?:([rnt0\\])|x([0-9A-Fa-f]{2})|\{(\d+)\*((?:[^\\}]|\\[^{])*)\}|(.|$))/gs;

const LETTERS: Record<string, string> = { r: "\r", n: "\n", t: "\t", "0": "\0", "\\": "\\" };

/** The text that an escaped text means: one character a byte. */
export function unescape(text: string): string {
  return text.replace(ESCAPE, (whole, letter, digits, count, repeated) => {
    if (letter !== undefined) return LETTERS[letter]!;
    if (digits !== undefined) return String.fromCharCode(parseInt(digits, 16));
    if (count !== undefined) return unescape(repeated).repeat(Number(count));
    throw new SyntaxError(`unknown escape ${whole}`);
  });
}
