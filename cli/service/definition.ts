/**
 * A server as a service of the operating system: what all systems need to know of it.
 *
 * @module
 */

/** One service. */
export interface Service {
  /** Name for the service manager: letters, digits, `-`, `_`, `.`. */
  readonly name: string;
  /** The program and its arguments, from the executable's path on. */
  readonly words: readonly [string, ...string[]];
  readonly workingDirectory: string;
  /** For the whole machine, started with it; else for this user, started with the session. */
  readonly scope: "system" | "user";
  /** Seconds that the server takes to stop at the most; the service manager kills it later only. */
  readonly stopTimeout: number;
}

/** What the service manager is told to do. */
export type Action = "install" | "remove" | "start" | "stop" | "status";

/** How one system keeps services. */
export interface ServiceManager {
  /** The definition's text. */
  definition(service: Service): string;
  /** Where the definition is kept; undefined where only the manager itself keeps it. */
  path(service: Pick<Service, "name" | "scope">, home: string): string | undefined;
  /**
   * Commands for an action. For `install` the definition has been written to `file` before, for `remove` it is removed
   * behind the first command.
   */
  commands(
    action: Action,
    service: Pick<Service, "name" | "scope">,
    file: string,
    uid: number,
  ): readonly (readonly [string, ...string[]])[];
}
