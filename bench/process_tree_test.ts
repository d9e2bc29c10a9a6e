import { deepEqual, ok } from "node:assert/strict";
import { memory, parseSmapsRollup, parseStat, processTree } from "./process_tree.ts";

Deno.test("parseStat() reads past a name with spaces and parentheses", () => {
  const line = "4711 (a (b) c) S 12 34 34 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 5678 1 2";
  deepEqual(parseStat(line), {
    pid: 4711,
    name: "a (b) c",
    state: "S",
    parent: 12,
    group: 34,
    cpuTicks: 127,
    startTicks: 5678,
  });
});

Deno.test("parseSmapsRollup() adds the private pages", () => {
  const text = "Rss: 900 kB\nPrivate_Clean:   10 kB\nPrivate_Dirty:  200 kB\nAnonymous:  150 kB\n";
  deepEqual(parseSmapsRollup(text), { privateKiB: 210, anonymousKiB: 150 });
});

Deno.test("processTree() and memory() find a child of this process", async () => {
  const child = new Deno.Command("cat", { stdin: "piped", stdout: "null" }).spawn();
  try {
    ok(processTree(Deno.pid).some(({ pid }) => pid === child.pid));
    ok(memory(Deno.pid).some(({ pid, privateKiB }) => pid === child.pid && privateKiB > 0));
  } finally {
    await child.stdin.close();
    await child.status;
  }
});
