import assert from "node:assert/strict";
import { dateAndServerLines, dateLine, SERVER_LINE } from "../../../core/wsgi/http_date.ts";
import { decodeLatin1 } from "../../../core/wsgi/latin1.ts";

const text = (bytes: Uint8Array) => decodeLatin1(bytes, 0, bytes.length);

Deno.test("dateLine is an IMF-fixdate", () => {
  assert.equal(text(dateLine(784111777000)), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
});

Deno.test("dateAndServerLines are made once a second", () => {
  const first = dateAndServerLines(784111777000);
  assert.equal(dateAndServerLines(784111777999), first);
  assert.notEqual(dateAndServerLines(784111778000), first);
  assert.equal(
    text(dateAndServerLines(784111778000)),
    "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n" + text(SERVER_LINE),
  );
});
