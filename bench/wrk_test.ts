import { deepEqual, throws } from "node:assert/strict";
import { parseReport } from "./wrk.ts";

Deno.test("parseReport() finds the script's line in what wrk printed", () => {
  const text = "Running 2s test\n" +
    'RESULT {"microseconds":2000000,"requests":3000,"p50":1500,"p99":20000,"max":30000,' +
    '"connect":1,"read":2,"write":3,"timeout":4,"status":5}\n';
  deepEqual(parseReport(text), {
    requests: 3000,
    requestsPerSecond: 1500,
    p50Ms: 1.5,
    p99Ms: 20,
    maxMs: 30,
    errors: 15,
  });
});

Deno.test("parseReport() shows what wrk said when it gave no result", () => {
  throws(() => parseReport("unable to connect"), /unable to connect/);
});
