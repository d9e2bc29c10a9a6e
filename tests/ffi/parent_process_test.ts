import assert from "node:assert/strict";
import { isRunning } from "../blackbox/processes.ts";
import { until } from "../blackbox/deadline.ts";

const MODULE = new URL("../../ffi/parent_process.ts", import.meta.url).href;

/** Runs code in a process whose parent is killed once the code has printed its process id; that id. */
async function orphan(code: string): Promise<number> {
  const program = `
    import { endWithParent } from ${JSON.stringify(MODULE)};
    ${code}
    console.log(Deno.pid);
    // Hears nothing, as in an import that hangs.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);`;
  const shell = new Deno.Command("sh", {
    args: ["-c", '"$0" eval "$1" & wait', Deno.execPath(), program],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = shell.stdout.getReader();
  const { value } = await reader.read();
  const pid = Number(new TextDecoder().decode(value));
  assert.ok(pid > 0);
  shell.kill("SIGKILL");
  await shell.status;
  await reader.cancel();
  return pid;
}

Deno.test({
  name: "endWithParent() ends a process that hears nothing when its parent is killed",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const pid = await orphan("endWithParent();");
    await until(() => !isRunning(pid), "end of the process");
  },
});

Deno.test({
  name: "what endWithParent() gives lets the process outlive its parent",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const pid = await orphan("endWithParent()();");
    try {
      // The system's signal would have come with the end of the parent, which has been waited for.
      assert.ok(isRunning(pid));
    } finally {
      Deno.kill(pid, "SIGKILL");
    }
  },
});
