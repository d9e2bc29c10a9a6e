/**
 * The commands, each in a module of its own that is loaded when it is used.
 *
 * @module
 */

/** What a module of `commands/` exports. */
export interface CommandModule {
  /** Carries the command out. Gives the exit status; throws errors that carry one. */
  run(words: readonly string[]): Promise<number>;
}

/** A command. */
export interface Command {
  readonly name: string;
  /** The words that follow the name. */
  readonly usage: string;
  /** What it does, for the list of commands. */
  readonly summary: string;
  /** More lines for its own help. */
  readonly details?: readonly string[];
  /** Where it is listed; accepted everywhere unless `unixOnly`. */
  readonly listed: "everywhere" | "unix" | "nowhere";
  /** Whether Windows doesn't know it. */
  readonly unixOnly?: boolean;
  readonly load: () => Promise<CommandModule>;
}

/** Every command, in the order of the list. */
export const commands: readonly Command[] = [
  {
    name: "start-server",
    usage: "SCRIPT-PATH [OPTIONS]",
    summary: "Serve a WSGI application",
    listed: "unix",
    load: () => import("./commands/start_server.ts"),
  },
  {
    name: "setup-server",
    usage: "SCRIPT-PATH [OPTIONS]",
    summary: "Make the files of a server without starting it; refused in this version",
    listed: "nowhere",
    unixOnly: true,
    load: () => import("./commands/setup_server.ts"),
  },
  {
    name: "doctor",
    usage: "[SCRIPT-PATH] [OPTIONS OF start-server]",
    summary: "Show which Python would be used and why, and all versions",
    listed: "everywhere",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "module-config",
    usage: "",
    summary: "Print the Python library and the Python home that would be used",
    listed: "everywhere",
    load: () => import("./commands/module_config.ts"),
  },
  {
    name: "module-location",
    usage: "",
    summary: "Print the path of the Python library that would be used",
    listed: "everywhere",
    load: () => import("./commands/module_location.ts"),
  },
  {
    name: "install-module",
    usage: "",
    summary: "Explain why there is no Apache module to install",
    listed: "nowhere",
    unixOnly: true,
    load: () => import("./commands/install_module.ts"),
  },
  {
    name: "service",
    usage: "install|remove|start|stop|status|show [--name NAME] [--user] [--socket] " +
      "[SCRIPT-PATH] [OPTIONS OF start-server]",
    summary: "Keep a server running as a service of the operating system",
    details: [
      "install writes the definition, has the service start by itself from now on, and starts it;",
      "show prints the definition and changes nothing. Both take the words of start-server.",
      "",
      "Before the script:",
      "  --name NAME",
      "      Name of the service. [wsgi-express]",
      "  --user",
      "      A service of yours, not of the system.",
      "  --socket",
      "      Let systemd listen, and pass the socket on (install and show).",
    ],
    listed: "everywhere",
    load: () => import("./commands/service.ts"),
  },
  {
    name: "completions",
    usage: "bash|zsh|fish",
    summary: "Print a script that completes commands and options in a shell",
    listed: "everywhere",
    load: () => import("./commands/completions.ts"),
  },
  {
    name: "version",
    usage: "",
    summary: "Print the version",
    listed: "everywhere",
    load: () => import("./commands/version.ts"),
  },
  {
    name: "help",
    usage: "[COMMAND]",
    summary: "Show this help, or that of a command",
    listed: "everywhere",
    load: () => import("./commands/help.ts"),
  },
];

/** The commands that the list shows on an operating system. */
export function offeredCommands(os: string): readonly Command[] {
  return commands.filter(({ listed }) =>
    listed === "everywhere" || (listed === "unix" && os !== "windows")
  );
}

/** The command of a name; null where there is none on this operating system. */
export function findCommand(name: string, os: string): Command | null {
  const command = commands.find((command) => command.name === name);
  if (command === undefined || (command.unixOnly && os === "windows")) return null;
  return command;
}
