import assert from "node:assert/strict";
import {
  errorResponse,
  reasonPhrase,
  SERVER_OPTIONS_RESPONSE,
} from "../../../core/http/error_page.ts";
import { decodeLatin1 } from "../../../core/wsgi/latin1.ts";

const text = (bytes: Uint8Array) => decodeLatin1(bytes, 0, bytes.length);

Deno.test("errorResponse names the status in head and page", () => {
  const { status, head, body } = errorResponse(404);
  assert.equal(status, 404);
  assert.equal(text(head), "404 Not Found\r\nContent-Type: text/html; charset=utf-8\r\n");
  assert.match(text(body), /^<!DOCTYPE html>\n/);
  assert.match(text(body), /<title>404 Not Found<\/title>/);
});

Deno.test("errorResponse has a text of its own for each status the server gives", () => {
  const bodies = new Set<string>();
  const statuses = [
    400,
    401,
    403,
    404,
    405,
    408,
    411,
    413,
    414,
    417,
    431,
    500,
    501,
    502,
    503,
    504,
    505,
  ];
  for (const status of statuses) {
    assert.notEqual(reasonPhrase(status), "Error");
    bodies.add(text(errorResponse(status).body).replace(/\d{3}/g, ""));
  }
  assert.equal(bodies.size, statuses.length);
});

Deno.test("errorResponse answers an unknown status with a page too", () => {
  assert.match(text(errorResponse(599).body), /<title>599 Error<\/title>/);
});

Deno.test("errorResponse adds header lines and keeps the page without them", () => {
  assert.match(
    text(errorResponse(405, "Allow: GET\r\n").head),
    /^405 Method Not Allowed\r\nAllow: GET\r\n/,
  );
  assert.doesNotMatch(text(errorResponse(405).head), /Allow:/);
  assert.equal(errorResponse(405), errorResponse(405));
});

Deno.test("SERVER_OPTIONS_RESPONSE has no body", () => {
  assert.equal(text(SERVER_OPTIONS_RESPONSE.head), "200 OK\r\n");
  assert.equal(SERVER_OPTIONS_RESPONSE.body.length, 0);
});
