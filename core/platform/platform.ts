/**
 * What differs between operating systems, behind one interface: the only place that asks which one this is.
 *
 * @module
 */

/** Facts and calls of the operating system that other parts depend on. */
export interface Platform {
  readonly system: "unix" | "windows";
  /** A listening socket on `::` takes IPv4 connections too. */
  readonly dualStack: boolean;
}

/** The operating system that this process runs on. */
export const platform: Platform = Deno.build.os === "windows"
  ? { system: "windows", dualStack: false }
  : { system: "unix", dualStack: true };
