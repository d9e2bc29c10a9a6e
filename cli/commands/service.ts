/**
 * `wsgi-express service ACTION [--name NAME] [--user] [--socket] [SCRIPT-PATH] [OPTIONS OF start-server]`: a server as a service of
 * the operating system.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigurationError, UsageError } from "../../core/errors.ts";
import { resolveHost } from "../../core/net/resolve_host.ts";
import { planForLayer } from "../../core/options/create_plan.ts";
import { currentHost, type Host } from "../../core/options/host.ts";
import { platform } from "../../core/platform/platform.ts";
import { removeQuietly } from "../../core/remove_quietly.ts";
import { serverArguments } from "../arguments.ts";
import {
  type Action,
  ACTIONS,
  type Service,
  type ServiceManager,
  type ServiceName,
} from "../service/definition.ts";

/** Between the server's own limit and the service manager's. */
const STOP_RESERVE = 10;

interface Words {
  readonly action: string;
  readonly name: string;
  readonly scope: "system" | "user";
  /** The service manager is to listen. */
  readonly socket: boolean;
  readonly rest: readonly string[];
}

/** Carries the action out; `show` prints the definition and changes nothing. */
export async function run(words: readonly string[]): Promise<number> {
  const { action, name, scope, socket, rest } = readWords(words);
  if (action === "") {
    const { helpOf } = await import("./help.ts");
    console.log(helpOf("service"));
    return 0;
  }
  const manager = await managerOf();
  if (action !== "show" && action !== "install") {
    return await perform(manager, action as Action, { name, scope });
  }
  if (socket && !manager.sockets) {
    throw new ConfigurationError("service --socket is for systemd, and this system has another");
  }
  const service = await describe({ name, scope }, socket, rest, currentHost());
  if (action === "show") {
    const files = manager.definitions(service, homeFolder());
    const texts = files.map(({ name, text }) => files.length > 1 ? `# ${name}\n${text}` : text);
    console.log(texts.join("\n").trimEnd());
    return 0;
  }
  return await install(manager, service);
}

function readWords(words: readonly string[]): Words {
  const [action = "", ...others] = words;
  if ([action, others[0]].some((word) => word === "-h" || word === "--help")) {
    return { action: "", name: "", scope: "user", socket: false, rest: [] };
  }
  if (!ACTIONS.some((known) => known === action)) {
    throw new UsageError(`service needs one of ${ACTIONS.join(", ")}, and got '${action}'`);
  }
  let name = "wsgi-express";
  let scope: "system" | "user" = "system";
  let socket = false;
  let at = 0;
  // Its own options stand before those of start-server.
  for (; at < others.length; at++) {
    if (others[at] === "--user") scope = "user";
    else if (others[at] === "--socket") socket = true;
    else if (others[at] === "--name" && others[at + 1] !== undefined) name = others[++at]!;
    else break;
  }
  if (!/^[\w.-]+$/.test(name)) {
    throw new UsageError(`'${name}' is no name for a service: letters, digits, - _ and . only`);
  }
  const rest = others.slice(at);
  if (action !== "install" && action !== "show" && (socket || rest.length > 0)) {
    const more = socket ? "--socket" : rest[0];
    throw new UsageError(`service ${action} takes --name and --user only, and got '${more}'`);
  }
  return { action, name, scope, socket, rest };
}

/** What is to run. The words are looked at as `start-server` would, so that a mistake is told now. */
async function describe(
  name: ServiceName,
  socket: boolean,
  rest: readonly string[],
  host: Host,
): Promise<Service> {
  const layer = serverArguments(rest, host);
  if (layer === null) {
    throw new UsageError("service takes the options of start-server; see its help");
  }
  const { plan } = planForLayer(layer, host);
  const { host: address, port, backlog } = plan.listener;
  if (socket && port === 0) throw new UsageError("service --socket needs a --port");
  return {
    ...name,
    words: [Deno.execPath(), ...programWords(), "start-server", ...rest],
    workingDirectory: host.workingDirectory,
    stopTimeout: plan.timeouts.shutdown + STOP_RESERVE,
    socket: socket ? { host: await resolveHost(address ?? ""), port, backlog } : null,
  };
}

function programWords(): string[] {
  if (Deno.build.standalone) return [];
  return ["run", "-A", fileURLToPath(import.meta.resolve("../main.ts"))];
}

async function managerOf(): Promise<ServiceManager> {
  if (platform.os === "windows") {
    return (await import("../service/task_scheduler.ts")).taskScheduler;
  }
  if (platform.os === "darwin") return (await import("../service/launchd.ts")).launchd;
  if (platform.os === "linux") return (await import("../service/systemd.ts")).systemd;
  throw new ConfigurationError(`the service manager of ${platform.os} is not known here`);
}

async function install(manager: ServiceManager, service: Service): Promise<number> {
  const kept = manager.folder(service.scope, homeFolder());
  const folder = kept ?? Deno.makeTempDirSync();
  const files: string[] = [];
  for (const { name, text } of manager.definitions(service, homeFolder())) {
    const file = join(folder, name);
    try {
      Deno.mkdirSync(folder, { recursive: true });
      Deno.writeFileSync(file, encoded(text));
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      throw new ConfigurationError(
        `can't write the service definition "${file}": ${why}; run as root, or give --user`,
      );
    }
    files.push(file);
  }
  const status = await perform(manager, "install", service, files);
  if (kept === undefined) Deno.removeSync(folder, { recursive: true });
  else if (status === 0) console.log(`Installed ${files.join(" and ")}`);
  return status;
}

async function perform(
  manager: ServiceManager,
  action: Action,
  service: ServiceName,
  given?: readonly string[],
): Promise<number> {
  const files = given ?? installedFiles(manager, service);
  const commands = manager.commands(action, service, files, Deno.uid() ?? 0);
  for (const [index, [program, ...args]] of commands.entries()) {
    const code = await runCommand(program, args);
    if (code !== 0 && action !== "remove") return code;
    if (action === "remove" && index === 0) files.forEach((file) => removeQuietly(file));
  }
  return 0;
}

/** The files of the definition that are there. */
function installedFiles(manager: ServiceManager, { name, scope }: ServiceName): string[] {
  const folder = manager.folder(scope, homeFolder());
  if (folder === undefined) return [];
  return manager.fileNames(name).map((file) => join(folder, file)).filter((file) =>
    existsSync(file)
  );
}

async function runCommand(program: string, args: readonly string[]): Promise<number> {
  try {
    const { code } = await new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    return code;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ConfigurationError(
      `there is no ${program} here; wsgi-express service show prints the definition for use elsewhere`,
    );
  }
}

function homeFolder(): string {
  return Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? "";
}

/** `schtasks` wants UTF-16 with a byte order mark. */
function encoded(text: string): Uint8Array {
  if (platform.os !== "windows") return new TextEncoder().encode(text);
  const units = Uint16Array.from(
    `\uFEFF${text.replaceAll("\n", "\r\n")}`,
    (unit) => unit.charCodeAt(0),
  );
  return new Uint8Array(units.buffer);
}
