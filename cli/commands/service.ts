/**
 * `wsgi-express service ACTION [--name NAME] [--user] [SCRIPT-PATH] [OPTIONS OF start-server]`: a server as a service of
 * the operating system.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigurationError, UsageError } from "../../core/errors.ts";
import { planForLayer } from "../../core/options/create_plan.ts";
import { currentHost, type Host } from "../../core/options/host.ts";
import { platform } from "../../core/platform/platform.ts";
import { serverArguments } from "../arguments.ts";
import type { Action, Service, ServiceManager } from "../service/definition.ts";

const ACTIONS: readonly string[] = ["install", "remove", "start", "stop", "status", "show"];
/** Between the server's own limit and the service manager's. */
const STOP_RESERVE = 10;

interface Words {
  readonly action: string;
  readonly name: string;
  readonly scope: "system" | "user";
  readonly rest: readonly string[];
}

/** Carries the action out; `show` prints the definition and changes nothing. */
export async function run(words: readonly string[]): Promise<number> {
  const { action, name, scope, rest } = readWords(words);
  if (action === "") {
    const { helpOf } = await import("./help.ts");
    console.log(helpOf("service"));
    return 0;
  }
  const manager = await managerOf();
  if (action !== "show" && action !== "install") {
    return await perform(manager, action as Action, { name, scope });
  }
  const service = describe(name, scope, rest, currentHost());
  if (action === "show") {
    console.log(manager.definition(service).trimEnd());
    return 0;
  }
  return await install(manager, service);
}

function readWords(words: readonly string[]): Words {
  const [action = "", ...others] = words;
  if (action === "-h" || action === "--help") {
    return { action: "", name: "", scope: "user", rest: [] };
  }
  if (!ACTIONS.includes(action)) {
    throw new UsageError(`service needs one of ${ACTIONS.join(", ")}, and got '${action}'`);
  }
  let name = "wsgi-express";
  let scope: "system" | "user" = "system";
  let at = 0;
  // Its own options stand before those of start-server.
  for (; at < others.length; at++) {
    if (others[at] === "--user") scope = "user";
    else if (others[at] === "--name" && others[at + 1] !== undefined) name = others[++at]!;
    else break;
  }
  if (!/^[\w.-]+$/.test(name)) {
    throw new UsageError(`'${name}' is no name for a service: letters, digits, - _ and . only`);
  }
  const rest = others.slice(at);
  if (rest.length > 0 && action !== "install" && action !== "show") {
    throw new UsageError(`service ${action} takes --name and --user only, and got '${rest[0]}'`);
  }
  return { action, name, scope, rest };
}

/** What is to run. The words are looked at as `start-server` would, so that a mistake is told now. */
function describe(
  name: string,
  scope: "system" | "user",
  rest: readonly string[],
  host: Host,
): Service {
  const layer = serverArguments(rest, host);
  if (layer === null) {
    throw new UsageError("service takes the options of start-server; see its help");
  }
  const { plan } = planForLayer(layer, host);
  return {
    name,
    scope,
    words: [Deno.execPath(), ...programWords(), "start-server", ...rest],
    workingDirectory: host.workingDirectory,
    stopTimeout: plan.timeouts.shutdown + STOP_RESERVE,
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
  const kept = manager.path(service, homeFolder());
  const file = kept ?? join(Deno.makeTempDirSync(), `${service.name}.xml`);
  try {
    Deno.mkdirSync(dirname(file), { recursive: true });
    Deno.writeFileSync(file, encoded(manager.definition(service)));
  } catch (error) {
    throw new ConfigurationError(
      `can't write the service definition "${file}": ${
        error instanceof Error ? error.message : error
      }; ` +
        "run as root, or give --user",
    );
  }
  const status = await perform(manager, "install", service, file);
  if (kept === undefined) Deno.removeSync(dirname(file), { recursive: true });
  else if (status === 0) console.log(`Installed ${file}`);
  return status;
}

async function perform(
  manager: ServiceManager,
  action: Action,
  service: Pick<Service, "name" | "scope">,
  given?: string,
): Promise<number> {
  const file = given ?? manager.path(service, homeFolder()) ?? "";
  const commands = manager.commands(action, service, file, Deno.uid() ?? 0);
  for (const [index, [program, ...args]] of commands.entries()) {
    const code = await runCommand(program, args);
    if (code !== 0 && action !== "remove") return code;
    if (action === "remove" && index === 0 && file !== "") removeQuietly(file);
  }
  return 0;
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

function removeQuietly(file: string): void {
  try {
    Deno.removeSync(file);
  } catch {
    // It is gone already.
  }
}
