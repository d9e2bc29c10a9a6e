/**
 * Words to values, by the rules of Python's optparse
 * (https://docs.python.org/3/library/optparse.html#standard-option-types).
 *
 * @module
 */

/** Limits of a number, both included. */
export interface ValueRange {
  readonly minimum?: number;
  readonly maximum?: number;
}

/**
 * A whole number: decimal, `0x` hexadecimal, `0b` binary, or octal after a leading 0.
 * Throws `RangeError` for anything else and outside the range.
 */
export function readInteger(word: string, range: ValueRange = {}): number {
  const value = parseInteger(word.trim());
  if (value === null) throw new RangeError(`invalid integer value: '${word}'`);
  return inRange(value, word, range);
}

function parseInteger(text: string): number | null {
  if (/^0x[0-9a-f]+$/i.test(text)) return Number(text);
  // optparse reads a bare `0b` as 0.
  if (/^0b[01]*$/i.test(text)) return text.length === 2 ? 0 : Number(text);
  if (/^0o?[0-7]*$/i.test(text)) return parseInt(text.replace(/^0o?/i, "") || "0", 8);
  return /^([+-][0-9]+|[1-9][0-9]*)$/.test(text) ? Number(text) : null;
}

/** A floating-point number as Python's `float` writes it. Throws `RangeError` for anything else. */
export function readNumber(word: string, range: ValueRange = {}): number {
  const text = word.trim();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    throw new RangeError(`invalid floating-point value: '${word}'`);
  }
  return inRange(Number(text), word, range);
}

/** A floating-point number from 0 to 1. Throws `RangeError` for anything else. */
export function readFraction(word: string): number {
  const value = readNumber(word);
  if (value >= 0 && value <= 1) return value;
  throw new RangeError(`value '${word}' must lie between 0.0 and 1.0`);
}

/**
 * One of the words, upper and lower case alike, in the spelling of the list.
 * Throws `RangeError` when it is none of them.
 */
export function readChoice<Word extends string>(word: string, choices: readonly Word[]): Word {
  const wanted = word.toLowerCase();
  const found = choices.find((choice) => choice.toLowerCase() === wanted);
  if (found !== undefined) return found;
  const list = choices.map((choice) => `'${choice}'`).join(", ");
  throw new RangeError(`invalid choice: '${word}' (choose from ${list})`);
}

function inRange(value: number, word: string, { minimum, maximum }: ValueRange): number {
  if (minimum !== undefined && value < minimum) {
    throw new RangeError(`value '${word}' must be ${minimum} or more`);
  }
  if (maximum !== undefined && value > maximum) {
    throw new RangeError(`value '${word}' must be ${maximum} or less`);
  }
  if (!Number.isSafeInteger(value) && Number.isInteger(value)) {
    throw new RangeError(`value '${word}' is too large`);
  }
  return value;
}
