import { equal, match } from "node:assert/strict";
import type { Measurement } from "./measurement.ts";
import { type CaseResult, table } from "./report.ts";

const measurement: Measurement = {
  metrics: [{ key: "speed", label: "req/s", digits: 0, better: "higher", join: "median" }],
  run: () => Promise.reject(new Error("not run here")),
};

const result: CaseResult = {
  case: { name: "hello", text: "hello world", measurement, servers: [] },
  rounds: 5,
  results: [
    { server: "ours", ours: true, samples: [], joined: { values: { speed: 3000 }, spread: 0.05 } },
    { server: "peer", ours: false, samples: [], joined: { values: { speed: 1500 }, spread: 0.1 } },
    { server: "gone", ours: false, samples: [], missing: "no such file" },
  ],
};

Deno.test("table() gives the ratio of ours to each peer, and says what is missing", () => {
  const lines = table(result).split("\n").slice(-5);
  equal(lines[0], "server    req/s  spread  ours ÷");
  equal(lines[1], "ours      3,000     5 %");
  equal(lines[2], "peer      1,500    10 %    2.00");
  match(lines[3] ?? "", /^gone +MISSING$/);
  equal(lines[4], "!! MISSING gone: no such file");
});
