/**
 * Linux: units of systemd, the service's and, where systemd listens for it, the socket's.
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html
 * https://www.freedesktop.org/software/systemd/man/latest/systemd.socket.html
 *
 * @module
 */
import type {
  Action,
  DefinitionFile,
  Service,
  ServiceManager,
  ServiceName,
  ServiceSocket,
} from "./definition.ts";

/** Writes units and asks `systemctl`. */
export const systemd: ServiceManager = {
  sockets: true,
  definitions,
  folder: (scope, home) =>
    scope === "system" ? "/etc/systemd/system" : `${home}/.config/systemd/user`,
  fileNames: (name) => [`${name}.service`, `${name}.socket`],
  commands,
};

/** Seconds without a sign of life after which systemd ends the server and starts it anew. */
const WATCHDOG = 60;

function definitions(service: Service): readonly DefinitionFile[] {
  const { name, socket } = service;
  const files = [{ name: `${name}.service`, text: serviceUnit(service) }];
  if (socket !== null) files.push({ name: `${name}.socket`, text: socketUnit(name, socket) });
  return files;
}

function serviceUnit(
  { name, words, workingDirectory, scope, stopTimeout, socket }: Service,
): string {
  return `[Unit]
Description=WSGI application ${name} (wsgi-express)
${socket === null ? "After=network.target" : `Requires=${name}.socket`}

[Service]
# The server says when every process has loaded the application.
Type=notify
ExecStart=${words.map(quote).join(" ")}
ExecReload=/bin/kill -USR1 $MAINPID
WorkingDirectory=${escape(workingDirectory)}
# The server stops its application processes itself; what is left then is killed.
KillMode=mixed
TimeoutStopSec=${stopTimeout}
WatchdogSec=${WATCHDOG}
Restart=on-failure
# Wrong usage, wrong configuration, no usable Python: another start would not help.
RestartPreventExitStatus=2 3 4
LimitNOFILE=65536
NoNewPrivileges=${scope === "system" ? "no" : "yes"}

[Install]
WantedBy=${scope === "system" ? "multi-user.target" : "default.target"}
`;
}

function socketUnit(name: string, { host, port, backlog }: ServiceSocket): string {
  const address = host === "localhost" ? "127.0.0.1" : host.replace(/^\[(.*)\]$/, "$1");
  const written = address.includes(":") ? `[${address}]` : address;
  return `[Unit]
Description=Socket of the WSGI application ${name} (wsgi-express)

[Socket]
ListenStream=${written === "" ? "" : `${written}:`}${port}
Backlog=${backlog}
FileDescriptorName=http

[Install]
WantedBy=sockets.target
`;
}

function commands(
  action: Action,
  { name, scope }: ServiceName,
  files: readonly string[],
): readonly (readonly [string, ...string[]])[] {
  const systemctl = (...words: string[]): [string, ...string[]] => [
    "systemctl",
    ...(scope === "user" ? ["--user"] : []),
    ...words,
  ];
  const socket = files.some((file) => file.endsWith(".socket")) ? [`${name}.socket`] : [];
  const units = [...socket, `${name}.service`];
  switch (action) {
    case "install":
      return [systemctl("daemon-reload"), systemctl("enable", "--now", ...units)];
    case "remove":
      return [systemctl("disable", "--now", ...units), systemctl("daemon-reload")];
    default:
      return [systemctl(action, ...units)];
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
