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
  /** Where the service manager itself listens for the server; null where the server does. */
  readonly socket: ServiceSocket | null;
}

/** A listening socket that the service manager makes and passes on. */
export interface ServiceSocket {
  /** IP address; empty for all interfaces. */
  readonly host: string;
  readonly port: number;
  readonly backlog: number;
}

/** A file of a service's definition. */
export interface DefinitionFile {
  /** Its name, without a folder. */
  readonly name: string;
  readonly text: string;
}

/** What names an installed service. */
export type ServiceName = Pick<Service, "name" | "scope">;

/** What the service manager is told to do. */
export type Action = "install" | "remove" | "start" | "stop" | "status";

/** The actions of the `service` command: those, and one that changes nothing. */
export const ACTIONS = ["install", "remove", "start", "stop", "status", "show"] as const;

/** How one system keeps services. */
export interface ServiceManager {
  /** Whether it can listen for a server. */
  readonly sockets: boolean;
  /** The definition: one file or several. `home` is the home folder of who runs this. */
  definitions(service: Service, home: string): readonly DefinitionFile[];
  /** Folder in which definitions are kept; undefined where only the manager itself keeps them. */
  folder(scope: Service["scope"], home: string): string | undefined;
  /** Names of the files that the definition of a service may have. */
  fileNames(name: string): readonly string[];
  /**
   * Commands for an action. For `install` the definition has been written before, for `remove` it is removed behind the first
   * command.
   *
   * @param files paths of the definition's files.
   * @param uid of who runs this; 0 on Windows.
   */
  commands(
    action: Action,
    service: ServiceName,
    files: readonly string[],
    uid: number,
  ): readonly (readonly [string, ...string[]])[];
}
