/**
 * Restarts of all processes that are under way, and who waits for their end.
 *
 * @module
 */
import type { SupervisorState } from "./state.ts";

interface Renewal {
  /** Number of the first process that was started after it began. */
  readonly first: number;
  readonly resolve: () => void;
}

/** Tells when the processes of every slot are newer than a moment in the past. */
export class Renewals {
  #pending: Renewal[] = [];

  /** A restart begins. The promise resolves once every slot is served by a process that is started from now on. */
  begin(state: SupervisorState): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pending.push({ first: state.nextInstance, resolve });
    return promise;
  }

  /** A process has become ready. */
  look(state: SupervisorState): void {
    const over = this.#pending.filter(({ first }) => isServedFrom(first, state));
    this.#pending = this.#pending.filter((renewal) => !over.includes(renewal));
    for (const { resolve } of over) resolve();
  }

  /** No process will become ready any more. */
  end(): void {
    for (const { resolve } of this.#pending) resolve();
    this.#pending = [];
  }
}

function isServedFrom(first: number, { processes, settings }: SupervisorState): boolean {
  const slots = processes.filter(({ instance, phase }) => instance >= first && phase === "serving")
    .map(({ slot }) => slot);
  return new Set(slots).size === settings.processes;
}
