/** What nobody subscribed to costs nothing. */

import assert from "node:assert/strict";
import { startServer } from "./harness.ts";

Deno.test("a request calls nothing of events, metrics and limits that nobody asked for", async () => {
  await using server = await startServer({ app: "profile_calls.wsgi", args: ["--threads", "1"] });
  await server.request("/on");
  await server.request("/counted");
  const files: string[] = (await server.request("/off")).json;
  const of = (pattern: RegExp) => files.filter((file) => pattern.test(file));
  assert.ok(of(/request_handler\.py$/).length > 0, `only ${files.join(" ")}`);
  assert.deepEqual(of(/(observation|events|metrics|recycling|interrupt|activity|stacks)\.py$/), []);
  // From the end of the first request to the beginning of the last: two ends, a whole request, a beginning.
  assert.ok(files.length <= 60, `${files.length} calls: ${files.join(" ")}`);
  console.log(`${files.length} Python calls around one request`);
});
