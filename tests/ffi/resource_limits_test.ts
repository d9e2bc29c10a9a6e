import assert from "node:assert/strict";

/** The limit concerns a whole process, so it is set in one of its own. */
function limitedProcess(before: string[], soft: number, hard: number): string {
  const module = new URL("../../ffi/resource_limits.ts", import.meta.url);
  const code = `
    import { limitCpuTime } from ${JSON.stringify(module.href)};
    console.log(JSON.stringify(limitCpuTime(${soft}, ${hard}) ?? null));
    console.log(/^Max cpu time.*$/m.exec(Deno.readTextFileSync("/proc/self/limits"))[0]);`;
  const [program, ...args] = [...before, Deno.execPath(), "eval", code];
  const { stdout, stderr } = new Deno.Command(program!, { args, env: { NO_COLOR: "1" } })
    .outputSync();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

const linux = { ignore: Deno.build.os !== "linux" };

Deno.test("limitCpuTime() sets both limits", linux, () => {
  assert.match(limitedProcess([], 100, 106), /^null\nMax cpu time +100 +106 +seconds/);
});

Deno.test("limitCpuTime() gives number and text of what the system refuses", linux, () => {
  const drop = Deno.uid() === 0 ? ["setpriv", "--bounding-set", "-sys_resource"] : [];
  const shell = [...drop, "sh", "-c", 'ulimit -t 50; exec "$@"', "sh"];
  assert.match(
    limitedProcess(shell, 100, 106),
    /^{"errno":1,"text":"Operation not permitted"}\nMax cpu time +50 +50 +seconds/,
  );
});
