/** A service manager for tests (`service_manager.py`): what systemd would do, and what it is told. */

import { newestPython } from "../pythons.ts";
import { cleanEnvironment, command, ROOT } from "./command.ts";
import { LogLines } from "./log_lines.ts";

/** How the manager treats its service. */
export interface ManagerSettings {
  /** Address of the notify socket: a path, or `@` and an abstract name. */
  notify?: string;
  /** Microseconds. */
  watchdog?: number;
  /** `tcp`, the path of a Unix domain socket, or `datagram`. */
  listen?: string;
  /** How many sockets are passed on. */
  sockets?: number;
  /** The sockets are said to be for another process. */
  wrong_pid?: boolean;
}

/** One message of the service: its lines as names and values. */
export type Message = Readonly<Record<string, string>>;

/** Started with `await using`; at the end of the scope the service is killed if it still runs. */
export class ServiceManager implements AsyncDisposable {
  /** What the service writes. */
  readonly log = new LogLines();
  /** What the manager tells, as lines of JSON. */
  readonly events = new LogLines();
  #child: Deno.ChildProcess;
  #orders: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #output: Promise<unknown>;

  constructor(settings: ManagerSettings) {
    this.#child = new Deno.Command(newestPython().executable, {
      args: [
        `${ROOT}/tests/blackbox/service_manager.py`,
        JSON.stringify({ watchdog: 60_000_000, ...settings }),
      ],
      env: cleanEnvironment(),
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#orders = this.#child.stdin.getWriter();
    this.#output = Promise.all([
      this.events.collect("stdout", this.#child.stdout),
      this.log.collect("stderr", this.#child.stderr),
    ]);
  }

  /** Starts `wsgi-express start-server` with these arguments, and gives its process id. */
  async start(args: string[], env: Record<string, string> = {}): Promise<number> {
    const [program, ...first] = command();
    const words = [program, ...first, "start-server", ...args, "--log-to-terminal"];
    const from = this.events.position;
    await this.#order({ start: [...words, "--python", newestPython().executable], env });
    return Number((await this.events.waitFor(/^{"started": (\d+)}$/, undefined, from))[1]);
  }

  signal(signal: Deno.Signal): Promise<void> {
    return this.#order({ signal });
  }

  /** The port of the socket that is passed on. */
  async port(): Promise<number> {
    return Number((await this.events.waitFor(/^{"port": (\d+)}$/))[1]);
  }

  /** Every message so far. */
  messages(): Message[] {
    return this.events.matches(/^{"message": .*$/).map(([line]) => JSON.parse(line!).message);
  }

  /** Waits for a message with the line `name=value`, at or after a position in `events`. */
  async message(name: string, value: string, from = 0): Promise<Message & { sender: number }> {
    const pattern = new RegExp(`^{"message": .*"${name}": "${value}".*$`);
    const [line] = await this.events.waitFor(pattern, undefined, from);
    const { message, sender } = JSON.parse(line!);
    return { ...message, sender };
  }

  /** Waits for the end of a service: its exit status. */
  async exited(pid: number): Promise<number> {
    const [, status] = await this.events.waitFor(new RegExp(`^{"exited": (\\d+), "pid": ${pid}}$`));
    return Number(status) >> 8;
  }

  #order(order: unknown): Promise<void> {
    return this.#orders.write(new TextEncoder().encode(JSON.stringify(order) + "\n"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orders.close();
    await this.#child.status;
    await this.#output;
  }
}
