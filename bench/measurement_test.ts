import { deepEqual, equal } from "node:assert/strict";
import { join, median, type Metric } from "./measurement.ts";

Deno.test("median() takes the middle, or the mean of the two in the middle", () => {
  equal(median([9, 1, 5]), 5);
  equal(median([4, 1, 3, 2]), 2.5);
});

Deno.test("join() takes medians, adds errors up, and gives the spread of the first metric", () => {
  const speed: Metric = {
    key: "speed",
    label: "req/s",
    digits: 0,
    better: "higher",
    join: "median",
  };
  const errors: Metric = {
    key: "errors",
    label: "errors",
    digits: 0,
    better: "lower",
    join: "sum",
  };
  const samples = [{ speed: 90, errors: 1 }, { speed: 100, errors: 0 }, { speed: 130, errors: 2 }];
  deepEqual(join([speed, errors], samples), { values: { speed: 100, errors: 3 }, spread: 0.4 });
});
