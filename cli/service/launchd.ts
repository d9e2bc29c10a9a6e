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
  definitions: (service) => [{ name: `${service.name}.plist`, text: definition(service) }],
  folder: (scope, home) =>
    scope === "system" ? "/Library/LaunchDaemons" : `${home}/Library/LaunchAgents`,
  fileNames: (name) => [`${name}.plist`],
  commands,
};

function definition(service: Service): string {
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
