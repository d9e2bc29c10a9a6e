/**
 * What the supervisor knows, what happens to it and what it has done about that, as plain values.
 *
 * @module
 */

/** Life of one application process. */
export type Phase =
  /** Started; loads Python and the application. */
  | "starting"
  /** Takes requests. */
  | "serving"
  /** Takes no more requests; finishes those it has. */
  | "draining"
  /** Was told to end. */
  | "stopping"
  /** Was killed because it did not end. */
  | "killed";

/** One application process. A new one gets a new instance number; a slot is taken over. */
export interface ProcessState {
  readonly instance: number;
  /** 0 … processes − 1. Two processes share a slot while one takes over from the other. */
  readonly slot: number;
  readonly phase: Phase;
  readonly pid: number;
  /** When this phase began, milliseconds of a monotonic clock. */
  readonly since: number;
  /** Why it ends: `shutdown_reason` of the application's shutdown callbacks. */
  readonly reason: string;
  /** Leaves only once its successor serves. */
  readonly awaitsSuccessor: boolean;
}

/** A slot whose process could not set itself up waits a while. */
export interface DelayedStart {
  readonly slot: number;
  readonly at: number;
}

/** All of it. */
export interface SupervisorState {
  readonly settings: SupervisorSettings;
  readonly processes: readonly ProcessState[];
  readonly nextInstance: number;
  readonly delayed: readonly DelayedStart[];
  /** Starts that failed in a row. */
  readonly failures: number;
  /** Whether a process has ever been ready. */
  readonly everReady: boolean;
  readonly mode: "running" | "stopping";
  /** Set when the supervisor ends: the exit status of the program. */
  readonly exitStatus: number;
}

/** Seconds, from the options of the same names. */
export interface SupervisorSettings {
  readonly processes: number;
  readonly gracefulTimeout: number;
  readonly evictionTimeout: number;
  readonly shutdownTimeout: number;
  /** Debug mode: a process that ends while it serves is not started again, and the program ends with it. */
  readonly endsWithProcess: boolean;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number;
  readonly signal: string | null;
  /** Whether the system killed a process for memory at that time. */
  readonly outOfMemory?: boolean;
}

/** What happens. `now` is milliseconds of a monotonic clock. */
export type SupervisorEvent =
  | { readonly type: "start"; readonly now: number }
  | { readonly type: "spawned"; readonly instance: number; readonly pid: number }
  /** It could not be started at all. */
  | {
    readonly type: "notSpawned";
    readonly instance: number;
    readonly problem: string;
    readonly now: number;
  }
  | { readonly type: "ready"; readonly instance: number; readonly now: number }
  | { readonly type: "drained"; readonly instance: number; readonly now: number }
  | {
    readonly type: "exited";
    readonly instance: number;
    readonly end: ProcessEnd;
    readonly now: number;
  }
  /**
   * A process is to be replaced. `handover` keeps it serving until its successor is ready; else it takes no more requests
   * from now on.
   */
  | {
    readonly type: "replace";
    readonly instance: number;
    readonly reason: string;
    readonly handover: boolean;
    readonly now: number;
  }
  /** A process is beyond help: it is killed at once. `complaint` says why, behind "application process 123". */
  | {
    readonly type: "condemn";
    readonly instance: number;
    readonly reason: string;
    readonly complaint: string;
    readonly now: number;
  }
  /** All processes are to be replaced. */
  | {
    readonly type: "restart";
    readonly reason: string;
    readonly handover: boolean;
    readonly now: number;
  }
  /** The program is to end: after running requests, or at once. */
  | {
    readonly type: "stop";
    readonly reason: string;
    readonly immediately: boolean;
    readonly now: number;
  }
  | { readonly type: "tick"; readonly now: number };

/** What is to be done, in this order. */
export type SupervisorAction =
  | { readonly type: "spawn"; readonly instance: number; readonly slot: number }
  /** The gateway may hand requests to the process. */
  | { readonly type: "accept"; readonly instance: number }
  /** The gateway hands it no more requests and reports when none is running. */
  | { readonly type: "drain"; readonly instance: number }
  /** Asks the process to end: shutdown callbacks, threads, exit. */
  | { readonly type: "stop"; readonly instance: number; readonly reason: string }
  /** Ends a process that still loads the application and so reads no messages; without callbacks. */
  | { readonly type: "terminate"; readonly instance: number }
  /** `dump`: what its Python threads do is logged before. */
  | { readonly type: "kill"; readonly instance: number; readonly dump?: boolean }
  /** The gateway forgets the process. */
  | { readonly type: "forget"; readonly instance: number }
  | {
    readonly type: "log";
    readonly level: "info" | "notice" | "warn" | "error";
    readonly text: string;
  }
  | { readonly type: "finish"; readonly exitStatus: number };

/** State after an event, and what is to be done. */
export type Step = readonly [SupervisorState, readonly SupervisorAction[]];

/** The state before anything has been started. */
export function initialState(settings: SupervisorSettings): SupervisorState {
  return {
    settings,
    processes: [],
    nextInstance: 1,
    delayed: [],
    failures: 0,
    everReady: false,
    mode: "running",
    exitStatus: 0,
  };
}
