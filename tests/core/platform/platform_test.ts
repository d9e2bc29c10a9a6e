import assert from "node:assert/strict";
import { platform } from "../../../core/platform/platform.ts";

Deno.test({
  name: "a thread is runnable while it computes and not while it waits",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const source = (work: string) =>
      new URL("data:text/javascript," + encodeURIComponent(`postMessage(0); ${work}`));
    const threads = () => [...Deno.readDirSync("/proc/self/task")].map(({ name }) => Number(name));
    const startWorker = async (work: string) => {
      const before = new Set(threads());
      const worker = new Worker(source(work), { type: "module" });
      await new Promise((resolve) => worker.onmessage = resolve);
      return { worker, added: threads().filter((thread) => !before.has(thread)) };
    };
    const busy = await startWorker("for (;;);");
    const idle = await startWorker("");
    try {
      const runnable = (thread: number) => platform.isRunnable(thread);
      while (!busy.added.some(runnable)) await new Promise((resolve) => setTimeout(resolve, 1));
      while (idle.added.some(runnable)) await new Promise((resolve) => setTimeout(resolve, 1));
      assert.ok(busy.added.some(runnable));
      assert.equal(platform.isRunnable(2 ** 31 - 1), undefined, "there is no such thread");
    } finally {
      busy.worker.terminate();
      idle.worker.terminate();
    }
  },
});
