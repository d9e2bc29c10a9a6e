import assert from "node:assert/strict";
import { readChoice, readFraction, readInteger, readNumber } from "../../../core/options/values.ts";

const integers: [string, number][] = [
  ["0", 0],
  ["42", 42],
  ["+7", 7],
  ["-3", -3],
  ["-010", -10],
  [" 5 ", 5],
  ["0x1F", 31],
  ["0XfF", 255],
  ["0b101", 5],
  ["0B11", 3],
  ["0b", 0],
  ["010", 8],
  ["0o17", 15],
  ["00", 0],
];

for (const [word, value] of integers) {
  Deno.test(`readInteger() reads ${JSON.stringify(word)} as ${value}, as optparse does`, () => {
    assert.equal(readInteger(word), value);
  });
}

for (const word of ["", "x", "1.5", "08", "0x", "0xg", "0b2", "1e3", "--5", "1 2", "-0x10", "٣"]) {
  Deno.test(`readInteger() refuses ${JSON.stringify(word)} and quotes it`, () => {
    assert.throws(() => readInteger(word), {
      name: "RangeError",
      message: `invalid integer value: '${word}'`,
    });
  });
}

Deno.test("readInteger() refuses what lies outside the range, and what a number can't hold", () => {
  assert.equal(readInteger("1", { minimum: 1, maximum: 2 }), 1);
  assert.equal(readInteger("2", { minimum: 1, maximum: 2 }), 2);
  assert.throws(() => readInteger("0", { minimum: 1 }), /value '0' must be 1 or more/);
  assert.throws(() => readInteger("0x10000", { maximum: 65535 }), /must be 65535 or less/);
  assert.throws(() => readInteger("99999999999999999999"), /too large/);
});

Deno.test("readNumber() reads floating-point numbers and refuses the rest", () => {
  assert.equal(readNumber("0.5"), 0.5);
  assert.equal(readNumber(".5"), 0.5);
  assert.equal(readNumber("5."), 5);
  assert.equal(readNumber("-1e-3"), -0.001);
  for (const word of ["", ".", "1,5", "0x1", "half", "1e"]) {
    assert.throws(() => readNumber(word), {
      message: `invalid floating-point value: '${word}'`,
    });
  }
});

Deno.test("readFraction() takes 0 to 1, both included", () => {
  assert.equal(readFraction("0"), 0);
  assert.equal(readFraction("1.0"), 1);
  assert.throws(() => readFraction("1.01"), /'1.01' must lie between 0.0 and 1.0/);
  assert.throws(() => readFraction("-0.1"), /'-0.1' must lie between 0.0 and 1.0/);
});

Deno.test("readChoice() takes any case and gives the spelling of the list", () => {
  assert.equal(readChoice("AUTO", ["Off", "On", "Auto"]), "Auto");
  assert.throws(
    () => readChoice("maybe", ["Off", "On"]),
    { message: "invalid choice: 'maybe' (choose from 'Off', 'On')" },
  );
});
