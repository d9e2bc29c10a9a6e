/**
 * macOS: a property list of launchd, `man launchd.plist`.
 *
 * @module
 */
import type { Action, Service, ServiceManager, ServiceName } from "./definition.ts";
import { escapeXml } from "./xml.ts";

/** Writes property lists and asks `launchctl`. */
export const launchd: ServiceManager = {
  sockets: false,
  definitions: (service, home) => [
    { name: `${service.name}.plist`, text: definition(service, home) },
  ],
  folder: (scope, home) =>
    scope === "system" ? "/Library/LaunchDaemons" : `${home}/Library/LaunchAgents`,
  fileNames: (name) => [`${name}.plist`],
  commands,
};

/** As in the unit of systemd; launchd's own is 256. */
const OPEN_FILES = 65536;

function definition(service: Service, home: string): string {
  // launchd throws away what is not sent to a file: the server's messages, and the log with --log-to-terminal.
  const log = `${service.scope === "system" ? "" : home}/Library/Logs/${service.name}.log`;
  const words = service.words.map((word) => `    <string>${escapeXml(word)}</string>`).join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${escapeXml(service.name)}</string>
  <key>ProgramArguments</key>
  <array>
${words}
  </array>
  <key>WorkingDirectory</key>
  <string>${escapeXml(service.workingDirectory)}</string>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>${service.stopTimeout}</integer>
  <key>StandardOutPath</key>
  <string>${escapeXml(log)}</string>
  <key>StandardErrorPath</key>
  <string>${escapeXml(log)}</string>
  <key>SoftResourceLimits</key>
  <dict>
    <key>NumberOfFiles</key>
    <integer>${OPEN_FILES}</integer>
  </dict>
</dict>
</plist>
`;
}

function commands(
  action: Action,
  { name, scope }: ServiceName,
  [file]: readonly string[],
  uid: number,
): readonly (readonly [string, ...string[]])[] {
  const domain = scope === "system" ? "system" : `gui/${uid}`;
  const label = `${domain}/${name}`;
  switch (action) {
    case "install":
      return [["launchctl", "bootstrap", domain, file!]];
    case "remove":
      return [["launchctl", "bootout", label]];
    case "start":
      return [["launchctl", "kickstart", label]];
    case "stop":
      return [["launchctl", "kill", "SIGTERM", label]];
    case "status":
      return [["launchctl", "print", label]];
  }
}
