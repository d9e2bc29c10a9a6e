/**
 * Windows: a task of the Task Scheduler that starts with the machine or the session.
 *
 * A program of Windows' service manager must answer its calls; a console program does not, and is ended after 30 seconds.
 * The Task Scheduler runs one as it is, without anybody logged on. Its stop ends the server at once, as no signal can be
 * sent; the job object ends the application processes with it.
 * https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema
 *
 * @module
 */
import type { Action, Service, ServiceManager, ServiceName } from "./definition.ts";
import { escapeXml } from "./xml.ts";

/** Writes task definitions and asks `schtasks`. */
export const taskScheduler: ServiceManager = {
  sockets: false,
  definitions: (service) => [{ name: `${service.name}.xml`, text: definition(service) }],
  folder: () => undefined,
  fileNames: (name) => [`${name}.xml`],
  commands,
};

function definition(service: Service): string {
  const [program, ...words] = service.words;
  const system = service.scope === "system";
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>WSGI application ${escapeXml(service.name)} (wsgi-express)</Description>
  </RegistrationInfo>
  <Triggers>
    ${system ? "<BootTrigger/>" : "<LogonTrigger/>"}
  </Triggers>
  <Principals>
    <Principal id="Author">
      ${
    system
      ? "<UserId>S-1-5-19</UserId><!-- NT AUTHORITY\\LOCAL SERVICE -->"
      : "<LogonType>InteractiveToken</LogonType>"
  }
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${escapeXml(program)}</Command>
      <Arguments>${escapeXml(words.map(quote).join(" "))}</Arguments>
      <WorkingDirectory>${escapeXml(service.workingDirectory)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`;
}

function commands(
  action: Action,
  { name }: ServiceName,
  [file]: readonly string[],
): readonly (readonly [string, ...string[]])[] {
  const schtasks = (...words: string[]): [string, ...string[]] => ["schtasks", ...words];
  switch (action) {
    case "install":
      return [
        schtasks("/Create", "/TN", name, "/XML", file!, "/F"),
        schtasks("/Run", "/TN", name),
      ];
    case "remove":
      return [schtasks("/End", "/TN", name), schtasks("/Delete", "/TN", name, "/F")];
    case "start":
      return [schtasks("/Run", "/TN", name)];
    case "stop":
      return [schtasks("/End", "/TN", name)];
    case "status":
      return [schtasks("/Query", "/TN", name, "/V", "/FO", "LIST")];
  }
}

/** A word of a Windows command line: backslashes count only before a quotation mark (CommandLineToArgvW). */
function quote(word: string): string {
  if (/^[^\s"]+$/.test(word)) return word;
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}
