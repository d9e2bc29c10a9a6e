/**
 * Linux, macOS and their like.
 *
 * @module
 */
import { endWithParent } from "../../ffi/parent_process.ts";
import { exitNow, openForAppending, redirectOutput } from "../../ffi/posix.ts";
import { setProcessTitle } from "../../ffi/process_title.ts";
import { limitCpuTime } from "../../ffi/resource_limits.ts";
import { saveTerminal } from "../../ffi/terminal.ts";
import type { Platform } from "./platform.ts";

/** The platform as on POSIX systems. */
export const posix: Platform = {
  os: Deno.build.os,
  system: "unix",
  dualStack: true,
  unixSockets: true,
  socketsInherited: true,
  processSignals: [
    { signal: "SIGINT", reason: "shutdown_signal", handover: false },
    { signal: "SIGTERM", reason: "shutdown_signal", handover: false },
    { signal: "SIGUSR1", reason: "eviction_signal", handover: true },
  ],
  onTerminalEnd() {},
  // Deno and `ffi` open them with FD_CLOEXEC.
  keepSockets() {},
  // The end of its control connection ends it.
  holdChild() {},
  endWithParent,
  isRunnable,
  exitNow,
  openForAppending,
  redirectOutput,
  limitCpuTime,
  dumpSignal: "SIGQUIT",
  setProcessTitle,
  prepareTerminal() {},
  saveTerminal,
};

/** From Linux's list of processes, which a thread stands in too: `number (name) state …`. */
function isRunnable(thread: number): boolean | undefined {
  try {
    const text = Deno.readTextFileSync(`/proc/${thread}/stat`);
    return text[text.lastIndexOf(")") + 2] === "R";
  } catch {
    return undefined;
  }
}
