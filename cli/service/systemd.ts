/**
 * Linux: a unit of systemd.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html
 *
 * @module
 */
import type { Action, Service, ServiceManager } from "./definition.ts";

/** Writes units and asks `systemctl`. */
export const systemd: ServiceManager = { definition, path, commands };

function definition(service: Service): string {
  return `[Unit]
Description=WSGI application ${service.name} (wsgi-express)
After=network.target

[Service]
Type=exec
ExecStart=${service.words.map(quote).join(" ")}
ExecReload=/bin/kill -USR1 $MAINPID
WorkingDirectory=${escape(service.workingDirectory)}
# The server stops its application processes itself; what is left then is killed.
KillMode=mixed
TimeoutStopSec=${service.stopTimeout}
Restart=on-failure
# Wrong usage, wrong configuration, no usable Python: another start would not help.
RestartPreventExitStatus=2 3 4
LimitNOFILE=65536
NoNewPrivileges=${service.scope === "system" ? "no" : "yes"}

[Install]
WantedBy=${service.scope === "system" ? "multi-user.target" : "default.target"}
`;
}

function path({ name, scope }: Pick<Service, "name" | "scope">, home: string): string {
  const folder = scope === "system" ? "/etc/systemd/system" : `${home}/.config/systemd/user`;
  return `${folder}/${name}.service`;
}

function commands(
  action: Action,
  { name, scope }: Pick<Service, "name" | "scope">,
): readonly (readonly [string, ...string[]])[] {
  const systemctl = (...words: string[]): [string, ...string[]] => [
    "systemctl",
    ...(scope === "user" ? ["--user"] : []),
    ...words,
  ];
  const unit = `${name}.service`;
  switch (action) {
    case "install":
      return [systemctl("daemon-reload"), systemctl("enable", "--now", unit)];
    case "remove":
      return [systemctl("disable", "--now", unit), systemctl("daemon-reload")];
    default:
      return [systemctl(action, unit)];
  }
}

/** `%` begins a specifier, and `$` a variable where it stands in a command line. */
function quote(word: string): string {
  const text = escape(word).replaceAll("$", "$$$$");
  return /^[\w@:/.,+=-]+$/.test(text)
    ? text
    : `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function escape(text: string): string {
  return text.replaceAll("%", "%%").replaceAll("\n", "\\n");
}
