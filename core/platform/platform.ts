/**
 * What differs between operating systems, behind one interface: this folder is the only place of `core` and `cli` that
 * asks Deno which one this is.
 *
 * @module
 */
import type { SystemFailure } from "../../ffi/c_library.ts";
import { posix } from "./posix.ts";
import { windows } from "./windows.ts";

/** A signal to an application process, and what the process asks of its server then. */
export interface ProcessSignal {
  readonly signal: Deno.Signal;
  /** `shutdown_reason` of the application's shutdown callbacks. */
  readonly reason: string;
  /** Whether the process serves on until its successor is ready. */
  readonly handover: boolean;
}

/** Facts and calls of the operating system that other parts depend on. */
export interface Platform {
  /** `linux`, `darwin`, `windows` … */
  readonly os: typeof Deno.build.os;
  readonly system: "unix" | "windows";
  /** A listening socket on `::` takes IPv4 connections too. */
  readonly dualStack: boolean;
  /** There are Unix domain sockets. */
  readonly unixSockets: boolean;
  /** Child processes can inherit a listening socket. */
  readonly socketsInherited: boolean;
  /** What application processes do about signals; the ones that stop a console program reach all of its processes. */
  readonly processSignals: readonly ProcessSignal[];
  /**
   * Calls a function where the system is about to end all programs of the terminal, whose window is closed, and makes the
   * system wait for the end of this process as long as it does that. Nothing where a signal tells of it. After signal
   * listeners have been added.
   */
  onTerminalEnd(tell: () => void): void;
  /** To be called right before a child process is started: it is not to inherit the sockets of this one. */
  keepSockets(): void;
  /** A child process is to end when this one does, however that comes about. */
  holdChild(pid: number): void;
  /**
   * This process is to end when the one that started it does, even while it hears nothing, until the function that this
   * gives is called. Undefined where the system can't do that, or does it for good (`holdChild`).
   */
  endWithParent(): (() => void) | undefined;
  /**
   * Whether the thread of this number computes, or would if a processor were free. Undefined where the system doesn't
   * tell, and where there is no such thread.
   */
  isRunnable(thread: number): boolean | undefined;
  /** Ends this process at once: no cleanup of the C library runs while other threads still use it. */
  exitNow(status: number): never;
  /**
   * Opens a file for this process and the Python in it. What is written is appended, whoever else writes to the file.
   *
   * @returns a descriptor that Python can use; undefined where it must open the file itself.
   * @throws {Error} where the file can't be opened.
   */
  openForAppending(path: string): number | undefined;
  /**
   * Opens a file as `openForAppending` does and makes it standard output and standard error of this process and of the
   * Python in it.
   */
  redirectOutput(path: string): number | undefined;
  /**
   * Limits the CPU time of this process: at `soft` seconds it gets SIGXCPU, at `hard` it is killed.
   *
   * @returns why the system refused; undefined when it did not.
   */
  limitCpuTime(soft: number, hard: number): SystemFailure | undefined;
  /** Signal on which an application process logs the stacks of its Python threads; undefined where there is none. */
  readonly dumpSignal: Deno.Signal | undefined;
  /** Names this process in the system's list of processes, where that is possible. */
  setProcessTitle(title: string): void;
  /** Makes the terminal show what Python prints as it is meant. */
  prepareTerminal(): void;
  /**
   * Remembers how the terminal of standard input is set, for a process that shares it and may be killed.
   *
   * @returns a function that sets it so again; undefined where there is no terminal, or nothing to set.
   */
  saveTerminal(): (() => void) | undefined;
}

/** The operating system that this process runs on. */
export const platform: Platform = Deno.build.os === "windows" ? windows : posix;
