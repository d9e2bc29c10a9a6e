import assert from "node:assert/strict";
import fc from "npm:fast-check@^4";
import {
  type BodyDecoder,
  bodyDecoder,
  BodyEvent,
  ChunkedDecoder,
  LengthDecoder,
} from "../../../core/http/body.ts";
import { decodeLatin1, encodeLatin1 } from "../../../core/wsgi/latin1.ts";

interface Result {
  readonly body: string;
  readonly outcome: "more" | "end" | number;
  /** Position in the whole input. */
  readonly position: number;
}

/** Feeds the input in regions that end at the cuts. */
function decode(decoder: BodyDecoder, text: string, cuts: number[] = []): Result {
  const bytes = encodeLatin1(text);
  let body = "";
  let at = 0;
  for (
    const end of [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b)
  ) {
    for (;;) {
      const event = decoder.next(bytes, at, end);
      assert.ok(decoder.position >= at && decoder.position <= end);
      at = decoder.position;
      if (event === BodyEvent.data) {
        assert.ok(decoder.dataEnd > decoder.dataStart, "data is never empty");
        body += decodeLatin1(bytes, decoder.dataStart, decoder.dataEnd);
      } else if (event === BodyEvent.end) return { body, outcome: "end", position: at };
      else if (event === BodyEvent.failure) {
        return { body, outcome: decoder.failure!.status, position: at };
      } else {
        assert.equal(at, end, "everything given is taken");
        break;
      }
    }
  }
  return { body, outcome: "more", position: at };
}

Deno.test("LengthDecoder takes exactly its length", () => {
  assert.deepEqual(decode(new LengthDecoder(3), "abcdef"), {
    body: "abc",
    outcome: "end",
    position: 3,
  });
  assert.deepEqual(decode(new LengthDecoder(3), "abc"), {
    body: "abc",
    outcome: "end",
    position: 3,
  });
  assert.deepEqual(decode(new LengthDecoder(3), "ab", [1]), {
    body: "ab",
    outcome: "more",
    position: 2,
  });
  assert.deepEqual(decode(new LengthDecoder(0), "ab"), { body: "", outcome: "end", position: 0 });
});

Deno.test("ChunkedDecoder reads chunks, extensions and trailers", () => {
  const text = '3\r\nabc\r\n00A;name=value; "x"\r\n0123456789\r\n0;last\r\nX-T: 1\r\nY:\r\n\r\nGET';
  assert.deepEqual(decode(new ChunkedDecoder(), text), {
    body: "abc0123456789",
    outcome: "end",
    position: text.length - 3,
  });
});

Deno.test("ChunkedDecoder reads over white space around the parts of an extension", () => {
  for (const extension of [" ;a", "\t ; a = b", ' ;\ta="b" \t; c', "; a =b ; c"]) {
    const text = `5${extension}\r\nhello\r\n0${extension}\r\n\r\n`;
    const expected = { body: "hello", outcome: "end", position: text.length };
    assert.deepEqual(decode(new ChunkedDecoder(), text), expected, extension);
  }
});

Deno.test("ChunkedDecoder takes zeros before the 13 digits of a size", () => {
  const zeros = "0".repeat(100);
  const text = `${zeros}5\r\nhello\r\n${zeros}\r\n\r\n`;
  assert.deepEqual(decode(new ChunkedDecoder(), text), {
    body: "hello",
    outcome: "end",
    position: text.length,
  });
  const large = new ChunkedDecoder();
  assert.equal(decode(large, `${zeros}fffffffffffff\r\n`).outcome, "more");
  assert.equal(large.total, 2 ** 52 - 1);
});

Deno.test("ChunkedDecoder reads an empty body", () => {
  assert.deepEqual(decode(new ChunkedDecoder(), "0\r\n\r\n"), {
    body: "",
    outcome: "end",
    position: 5,
  });
});

Deno.test("ChunkedDecoder waits where the end is missing", () => {
  for (
    const text of [
      "",
      "5",
      "5\r",
      "5\r\n",
      "5\r\nab",
      "5\r\nabcde",
      "5\r\nabcde\r\n0\r\n",
      "0\r\n\r",
    ]
  ) {
    assert.equal(decode(new ChunkedDecoder(), text).outcome, "more", JSON.stringify(text));
  }
});

const MALFORMED: [string, string][] = [
  ["a size that is no hexadecimal number", "g\r\n"],
  ["a size with a prefix", "0x5\r\nabcde\r\n0\r\n\r\n"],
  ["a signed size", "-1\r\n"],
  ["an empty size", "\r\n"],
  ["an extension without size", ";a=b\r\n"],
  ["a space before the size", " 5\r\n"],
  ["a space behind the size", "5 \r\nabcde\r\n"],
  ["a space before the end of the last size", "0 \r\n\r\n"],
  ["a space within the size", "0 5\r\nabcde\r\n"],
  ["a lone line feed in front of an extension", "5 \n;a\r\nabcde\r\n0\r\n\r\n"],
  ["a bare carriage return in front of an extension", "5 \r;a\r\nabcde\r\n0\r\n\r\n"],
  ["a vertical tab in front of an extension", "5\v;a\r\nabcde\r\n0\r\n\r\n"],
  ["white space without end", `1${" ".repeat(5000)}`],
  ["white space in many chunks", `1${" ".repeat(100)};a\r\na\r\n`.repeat(60)],
  ["a lone line feed after the size", "5\nabcde\r\n"],
  ["a bare carriage return after the size", "5\rabcde\r\n"],
  ["a chunk that is longer than its size", "3\r\nabcde\r\n0\r\n\r\n"],
  ["a chunk that is shorter than its size", "5\r\nabc\r\n0\r\n\r\n"],
  ["a lone line feed after a chunk", "3\r\nabc\n0\r\n\r\n"],
  ["a size of 14 digits", "10000000000000\r\n"],
  ["a size of 14 digits behind zeros", "000010000000000000\r\n"],
  ["zeros without end", `${"0".repeat(200)}1\r\na\r\n0\r\n\r\n`],
  ["a line feed in an extension", "1;a\nb\r\n"],
  ["a NUL in an extension", "1;a\0b\r\n"],
  ["extensions without end", `1;${"x".repeat(5000)}`],
  ["long extensions in many chunks", `1;${"x".repeat(100)}\r\na\r\n`.repeat(60)],
  ["a trailer without name", "0\r\n: x\r\n\r\n"],
  ["a folded trailer", "0\r\nX: y\r\n z\r\n\r\n"],
  ["a trailer without colon", "0\r\nX\r\n\r\n"],
  ["a lone line feed after a trailer", "0\r\nX: y\n\r\n"],
  ["a lone line feed at the end", "0\r\n\n"],
  ["trailers without end", `0\r\nX: ${"y".repeat(9000)}`],
];
for (const [what, text] of MALFORMED) {
  Deno.test(`ChunkedDecoder refuses ${what}`, () => {
    assert.equal(decode(new ChunkedDecoder(), text).outcome, 400);
  });
}

Deno.test("ChunkedDecoder stays failed", () => {
  const decoder = new ChunkedDecoder();
  assert.equal(decode(decoder, "x").outcome, 400);
  assert.equal(decode(decoder, "0\r\n\r\n").outcome, 400);
});

Deno.test("ChunkedDecoder holds the sum of the chunks to the limit", () => {
  assert.equal(decode(new ChunkedDecoder(6), "3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n").outcome, "end");
  const result = decode(new ChunkedDecoder(5), "3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n");
  assert.deepEqual([result.outcome, result.body], [413, "abc"]);
  assert.equal(decode(new ChunkedDecoder(5), "fffffffffffff\r\n").outcome, 413);
});

Deno.test("bodyDecoder chooses by the head", () => {
  assert.equal(bodyDecoder({ contentLength: -1, chunked: false }, 0), undefined);
  assert.equal(bodyDecoder({ contentLength: 0, chunked: false }, 1), undefined);
  assert.ok(bodyDecoder({ contentLength: 5, chunked: false }, 5) instanceof LengthDecoder);
  assert.ok(bodyDecoder({ contentLength: 1e12, chunked: false }, 0) instanceof LengthDecoder);
  assert.ok(bodyDecoder({ contentLength: -1, chunked: true }, 5) instanceof ChunkedDecoder);
  const refused = bodyDecoder({ contentLength: 6, chunked: false }, 5);
  assert.equal(refused !== undefined && "kind" in refused && refused.status, 413);
});

const chunk = fc.tuple(
  fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 40 }),
  fc.constantFrom("", ";a", ';a=b;c="d"', " \t; a"),
  fc.boolean(),
);

function encodeChunks(chunks: [string, string, boolean][]): string {
  return chunks.map(([data, extension, upper]) => {
    const size = data.length.toString(16);
    return `${upper ? size.toUpperCase() : size}${extension}\r\n${data}\r\n`;
  }).join("");
}

Deno.test("ChunkedDecoder gives back what was encoded, wherever it is split", () => {
  fc.assert(
    fc.property(
      fc.array(chunk, { maxLength: 8 }),
      fc.constantFrom("", "X: y\r\n", "X: y\r\nZ: \xe9\r\n"),
      fc.array(fc.nat(400), { maxLength: 8 }),
      (chunks, trailers, cuts) => {
        const text = encodeChunks(chunks) + "0\r\n" + trailers + "\r\n";
        assert.deepEqual(decode(new ChunkedDecoder(), text + "rest", cuts), {
          body: chunks.map(([data]) => data).join(""),
          outcome: "end",
          position: text.length,
        });
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("ChunkedDecoder gives the same result for damaged input wherever it is split", () => {
  fc.assert(
    fc.property(
      fc.array(chunk, { maxLength: 4 }),
      fc.nat(100),
      fc.constantFrom("\n", "\r", "x", " ", "", ";", "0\r\n\r\n"),
      fc.array(fc.nat(200), { maxLength: 6 }),
      (chunks, place, damage, cuts) => {
        const text = encodeChunks(chunks) + "0\r\n\r\n";
        const at = place % text.length;
        const damaged = text.slice(0, at) + damage + text.slice(at + 1);
        const once = decode(new ChunkedDecoder(200), damaged);
        assert.deepEqual(decode(new ChunkedDecoder(200), damaged, cuts), once);
      },
    ),
    { numRuns: 300 },
  );
});
