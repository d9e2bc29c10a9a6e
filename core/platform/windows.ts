/**
 * Windows.
 *
 * @module
 */
import { consoleEnd } from "../../ffi/console_end.ts";
import { keepSocketsFromChildren } from "../../ffi/inherited_sockets.ts";
import { JobObject } from "../../ffi/job_object.ts";
import { redirectRuntimeOutput, terminate, useUtf8Console } from "../../ffi/windows_process.ts";
import type { Platform } from "./platform.ts";

let job: JobObject | undefined;

/** The platform as on Windows. */
export const windows: Platform = {
  os: "windows",
  system: "windows",
  dualStack: false,
  unixSockets: false,
  socketsInherited: false,
  // Ctrl-C and Ctrl-Break go to every process in the console. The server says what is to be done.
  processSignals: [
    { signal: "SIGINT", reason: "shutdown_signal", handover: false },
    { signal: "SIGBREAK", reason: "shutdown_signal", handover: false },
  ],
  onTerminalEnd(tell) {
    // Where that can't be done, the process ends with its console at once.
    consoleEnd().then(tell, () => {});
  },
  keepSockets() {
    try {
      keepSocketsFromChildren();
    } catch {
      // The child may get copies; it still starts.
    }
  },
  holdChild(pid) {
    // The job's handle stays open as long as this process lives, and its end ends the child.
    try {
      job ??= new JobObject();
      job.add(pid);
    } catch {
      // The end of its control connection ends it too, unless it hangs.
    }
  },
  endWithParent: () => undefined,
  isRunnable: () => undefined,
  exitNow(status) {
    terminate(status);
    Deno.exit(status);
  },
  openForAppending: () => undefined,
  redirectOutput: redirectRuntimeOutput,
  // ENOSYS of <errno.h>.
  limitCpuTime: () => ({ errno: 40, text: "Windows has no limit that a process can react to" }),
  dumpSignal: undefined,
  setProcessTitle() {},
  prepareTerminal: useUtf8Console,
  saveTerminal: () => undefined,
};
