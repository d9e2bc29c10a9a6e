/**
 * The end of a process in words.
 *
 * @module
 */
import type { ProcessEnd } from "./state.ts";

const SIGNALS: Record<string, string> = {
  SIGKILL:
    "killed by SIGKILL, which something outside sent: an administrator, or the system when memory ran out",
  SIGSEGV: "crashed with a segmentation fault (SIGSEGV), most likely in an extension module",
  SIGBUS:
    "crashed with a bus error (SIGBUS), most likely in an extension module or a truncated file",
  SIGABRT: "aborted (SIGABRT): Python or a C library found its state broken",
  SIGILL: "crashed with an illegal instruction (SIGILL): a library is built for another processor",
  SIGFPE: "crashed with an arithmetic error (SIGFPE) in native code",
  SIGXCPU: "used up its CPU time limit (SIGXCPU)",
  SIGTERM: "ended by SIGTERM",
  SIGINT: "ended by SIGINT",
  SIGHUP: "ended by SIGHUP",
};

/**
 * Says how a process ended, for the error log: `exited with status 3`, `killed by SIGKILL, …`.
 *
 * @param reason why the process was to end, if it was.
 */
export function exitText(end: ProcessEnd, reason = ""): string {
  if (end.signal !== null) {
    if (end.signal === "SIGKILL" && end.outOfMemory) {
      return "killed by the system because memory ran out (SIGKILL)";
    }
    if (end.signal === "SIGKILL" && reason === "cpu_time_limit") {
      return "killed by the system: it went on beyond --cpu-time-limit (SIGKILL)";
    }
    return SIGNALS[end.signal] ?? `killed by ${end.signal}`;
  }
  return `exited with status ${end.code}`;
}
