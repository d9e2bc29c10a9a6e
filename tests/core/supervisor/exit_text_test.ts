import assert from "node:assert/strict";
import { exitText } from "../../../core/supervisor/exit_text.ts";

Deno.test("exitText() tells an exit status", () => {
  assert.equal(exitText({ code: 3, signal: null }), "exited with status 3");
});

Deno.test("exitText() explains signals", () => {
  const cases: Record<string, RegExp> = {
    SIGSEGV: /^crashed with a segmentation fault \(SIGSEGV\), most likely in an extension module$/,
    SIGKILL: /^killed by SIGKILL, which something outside sent/,
    SIGABRT: /^aborted \(SIGABRT\)/,
    SIGTERM: /^ended by SIGTERM$/,
    SIGUSR2: /^killed by SIGUSR2$/,
  };
  for (const [signal, text] of Object.entries(cases)) {
    assert.match(exitText({ code: 128, signal }), text);
  }
});

Deno.test("exitText() says when the system ran out of memory", () => {
  const end = { code: 137, signal: "SIGKILL", outOfMemory: true };
  assert.equal(exitText(end), "killed by the system because memory ran out (SIGKILL)");
  assert.match(
    exitText({ code: 139, signal: "SIGSEGV", outOfMemory: true }),
    /segmentation fault/,
  );
});

Deno.test("exitText() says when a process went on beyond its CPU time limit", () => {
  const end = { code: 137, signal: "SIGKILL" };
  assert.match(exitText(end, "cpu_time_limit"), /beyond --cpu-time-limit/);
  assert.match(exitText(end, "restart_interval"), /which something outside sent/);
});
