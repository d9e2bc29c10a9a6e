/** Unique texts for `mod_wsgi.request_id` and `mod_wsgi.connection_id`. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Every pair of letters, so that an id costs two concatenations. */
const PAIRS: readonly string[] = Array.from(
  { length: 4096 },
  (_, index) => ALPHABET.charAt(index >> 6) + ALPHABET.charAt(index & 63),
);

/** Letters of the random part: 30 bits tell the sequences of different launches apart. */
const RANDOM_LETTERS = 5;

/** Ids of one sequence before the random part is drawn again. */
const SEQUENCE_LENGTH = 2 ** 36;

/**
 * A sequence of ids of 11 letters, as long as those of Apache's `%L`: five random ones, then six that
 * count. An id is unique, not secret: the next one can be guessed.
 */
export class IdSequence {
  #random = randomLetters();
  #count = 0;
  #prefix = "";

  /** The next id: 11 characters of `A–Z a–z 0–9 - _`. */
  next(): string {
    const count = this.#count;
    const pair = count & 4095;
    if (pair === 0) {
      if (count >= SEQUENCE_LENGTH) {
        this.#random = randomLetters();
        this.#count = 0;
        return this.next();
      }
      const high = Math.floor(count / 4096);
      this.#prefix = this.#random + PAIRS[high >>> 12]! + PAIRS[high & 4095]!;
    }
    this.#count = count + 1;
    return this.#prefix + PAIRS[pair]!;
  }
}

function randomLetters(): string {
  let letters = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(RANDOM_LETTERS))) {
    letters += ALPHABET.charAt(byte & 63);
  }
  return letters;
}
