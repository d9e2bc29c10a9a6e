import assert from "node:assert/strict";
import {
  counterPaths,
  killCount,
  OutOfMemoryCounter,
} from "../../../core/supervisor/out_of_memory.ts";

Deno.test("counterPaths() finds the group of version 2, and that of a container", () => {
  assert.deepEqual(counterPaths("0::/system.slice/site.service\n"), [
    "/sys/fs/cgroup/system.slice/site.service/memory.events",
    "/sys/fs/cgroup/memory.events",
  ]);
  assert.deepEqual(counterPaths("0::/\n"), [
    "/sys/fs/cgroup/memory.events",
    "/sys/fs/cgroup/memory.events",
  ]);
});

Deno.test("counterPaths() finds the memory group of version 1", () => {
  assert.deepEqual(counterPaths("5:devices:/a\n4:memory:/docker/1f\n1:cpu,cpuacct:/b\n"), [
    "/sys/fs/cgroup/memory/docker/1f/memory.oom_control",
    "/sys/fs/cgroup/memory/memory.oom_control",
  ]);
  assert.deepEqual(counterPaths(""), []);
});

Deno.test("killCount() reads both formats, and nothing else", () => {
  assert.equal(killCount("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n"), 2);
  assert.equal(killCount("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n"), 7);
  assert.equal(killCount("oom_kill_disable 1\n"), undefined);
});

Deno.test("OutOfMemoryCounter tells whether the count has risen since the last question", () => {
  const files = new Map([
    ["/proc/self/cgroup", "0::/site\n"],
    ["/sys/fs/cgroup/memory.events", "oom_kill 1\n"],
  ]);
  const counter = new OutOfMemoryCounter((path) => files.get(path));
  assert.equal(counter.hasRisen(), false);
  files.set("/sys/fs/cgroup/memory.events", "oom_kill 2\n");
  assert.equal(counter.hasRisen(), true);
  assert.equal(counter.hasRisen(), false);
});

Deno.test("OutOfMemoryCounter never tells of a system that does not count", () => {
  const counter = new OutOfMemoryCounter(() => undefined);
  assert.equal(counter.hasRisen(), false);
});
