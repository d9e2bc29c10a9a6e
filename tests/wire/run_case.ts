import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Connection, Response, ResponseHead } from "../blackbox/http_client.ts";
import type { Assertion, Expectation, ExpectedResponse } from "./expect_file.ts";
import type { Step } from "./request_file.ts";

/** Asks whether a connection is still served; `Connection: close` makes the answer the last one. */
const PROBE = "GET /probe HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n";

/** Milliseconds that separate two pieces, so that the server sees them one by one. */
const SPLIT = 5;

/** Does the steps of a case on a fresh connection and compares what comes back. */
export async function runCase(
  connection: Connection,
  steps: readonly Step[],
  expected: Expectation,
): Promise<void> {
  const received: (Response | undefined)[] = [];
  const interim: ResponseHead[] = [];
  const receive = async () => {
    const response = await connection.readResponse(
      expected.responses[received.length]?.head ? "HEAD" : "GET",
    );
    response?.interim.unshift(...interim.splice(0));
    received.push(response);
  };
  for (const step of steps) {
    if (step.kind === "send") await connection.send(step.text);
    else if (step.kind === "response") await receive();
    else if (step.kind === "end") await connection.finishSending();
    else if (step.kind === "split") await new Promise((resolve) => setTimeout(resolve, SPLIT));
    else {
      const head = await connection.readHead();
      assert.ok(
        head !== undefined && head.status < 200,
        `no interim response: ${head?.statusLine}`,
      );
      interim.push(head);
    }
  }
  while (received.length < expected.responses.length) {
    await receive();
    if (received.at(-1) === undefined) break;
  }
  for (const [index, response] of expected.responses.entries()) {
    check(received[index], response, `response ${index + 1}`);
  }
  if (expected.connection === "closed") return await connection.waitForClose();
  await connection.send(PROBE);
  const answer = await connection.readResponse();
  assert.ok(answer?.status === 200 || answer?.status === 404, `not open: ${answer?.statusLine}`);
}

function check(response: Response | undefined, expected: ExpectedResponse, which: string): void {
  if (response === undefined) assert.fail(`${which}: the connection ended instead`);
  const text = Buffer.from(response.body).toString("latin1");
  const what = `${which}: ${response.statusLine}\n` +
    response.headers.map(([name, value]) => `${name}: ${value}\n`).join("") + "\n" +
    text.slice(0, 3000);
  assert.equal(response.status, expected.status, what);
  if (expected.reason !== undefined) assert.equal(response.reason, expected.reason, what);
  assert.deepEqual(
    response.interim.map(({ status }) => status),
    expected.interim,
    `interim, ${what}`,
  );
  assert.equal(!response.complete, expected.truncated, `truncated, ${what}`);
  for (const assertion of expected.assertions) checkOne(response, text, assertion, what);
}

function checkOne(response: Response, text: string, assertion: Assertion, what: string): void {
  const message = `${JSON.stringify(assertion)}\n${what}`;
  switch (assertion.kind) {
    case "header":
      return compare(response.header(assertion.name), assertion.value, message);
    case "headers":
      return assert.deepEqual(response.all(assertion.name), assertion.values, message);
    case "environ":
      return compare(echoed(text, message).environ[assertion.name], assertion.value, message);
    case "input":
      return assert.equal(echoed(text, message).input, assertion.value, message);
    case "input-length":
      return assert.equal(echoed(text, message).input.length, assertion.length, message);
    case "body":
      return compare(text, assertion.value, message);
    case "body-length":
      return assert.equal(text.length, assertion.length, message);
    case "framing":
      return assert.equal(response.framing, assertion.framing, message);
  }
}

function compare(actual: string | undefined, value: string | RegExp | null, message: string): void {
  if (value instanceof RegExp) {
    assert.ok(actual !== undefined && value.test(actual), `${JSON.stringify(actual)}\n${message}`);
  } else assert.equal(actual, value ?? undefined, message);
}

/** What the application of `tests/apps/wire.py` says that it saw. */
interface Echo {
  readonly environ: Record<string, string>;
  /** Request body, one character a byte. */
  readonly input: string;
}

function echoed(text: string, message: string): Echo {
  try {
    return JSON.parse(text);
  } catch {
    return assert.fail(`the body does not come from the echo application\n${message}`);
  }
}
