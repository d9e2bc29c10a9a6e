/**
 * Linux, macOS and their like.
 *
 * @module
 */
import { endWithParent } from "../../ffi/parent_process.ts";
import { exitNow, redirectOutput } from "../../ffi/posix.ts";
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
  // The end of its control connection ends it.
  holdChild() {},
  endWithParent,
  exitNow,
  redirectOutput,
  limitCpuTime,
  dumpSignal: "SIGQUIT",
  setProcessTitle,
  prepareTerminal() {},
  saveTerminal,
};
