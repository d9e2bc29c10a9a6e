/**
 * Runs the Python half in a plain interpreter against a gateway made by the test.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { bootstrapSource, packedSources } from "../../../core/python/sources.ts";
import { testPythons } from "../../pythons.ts";
import type { TestPython } from "../../pythons.ts";
import { withDeadline } from "./deadline.ts";
import { Client, FakeGateway } from "./fake_gateway.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const DRIVER = new URL("./driver.py", import.meta.url).pathname;

/** Entries of the environ that a request brings when the test says nothing else. */
const REQUEST_PAIRS: Readonly<Record<string, string>> = {
  REQUEST_METHOD: "GET",
  REQUEST_URI: "/",
  SCRIPT_NAME: "",
  PATH_INFO: "/",
  QUERY_STRING: "",
  SERVER_PROTOCOL: "HTTP/1.1",
  SERVER_NAME: "localhost",
  SERVER_ADDR: "127.0.0.1",
  SERVER_PORT: "8000",
  REMOTE_ADDR: "127.0.0.1",
  REMOTE_PORT: "46866",
  REQUEST_SCHEME: "http",
  SCRIPT_FILENAME: "/htdocs/",
  PATH_TRANSLATED: "/htdocs/",
  "mod_wsgi.script_name": "",
  "mod_wsgi.path_info": "/",
  "mod_wsgi.request_id": "request-1",
  "mod_wsgi.connection_id": "connection-1",
  "mod_wsgi.request_start": "1795426945136315",
  "mod_wsgi.queue_start": "1795426945136509",
  "mod_wsgi.daemon_connects": "1",
  "mod_wsgi.daemon_restarts": "0",
};

/** Entries that are the same for all requests. */
const TEMPLATE: Readonly<Record<string, string>> = {
  GATEWAY_INTERFACE: "CGI/1.1",
  SERVER_SOFTWARE: "Apache",
  SERVER_ADMIN: "[no address given]",
  SERVER_SIGNATURE: "",
  DOCUMENT_ROOT: "/htdocs",
  CONTEXT_PREFIX: "",
  CONTEXT_DOCUMENT_ROOT: "/htdocs",
  "mod_wsgi.request_handler": "wsgi-handler",
  "mod_wsgi.handler_script": "/handler.wsgi",
  "mod_wsgi.script_reloading": "1",
  "mod_wsgi.listener_host": "",
  "mod_wsgi.listener_port": "8000",
  "mod_wsgi.enable_sendfile": "0",
  "mod_wsgi.ignore_activity": "0",
};

/** What a test may choose. */
export interface Settings {
  readonly python: TestPython;
  /** Text of the script; a module of the name `app` when `plan.application` says so. */
  readonly source: string;
  /** Further files in the working directory. */
  readonly files?: Readonly<Record<string, string>>;
  /** Members that replace those of the plan. */
  readonly plan?: Readonly<Record<string, unknown>>;
  readonly variables?: Readonly<Record<string, string>>;
  /** Where the gateway listens; a Unix domain socket in the folder unless given. */
  readonly gateway?: Deno.Listener;
}

/** A message from the Python half to its manager. */
export type Message = Readonly<Record<string, unknown>>;

/** A started Python half. Disposing ends the process, whatever its state. */
export class PythonHalf implements AsyncDisposable {
  readonly folder: string;
  readonly gateway: FakeGateway;
  readonly #process: Deno.ChildProcess;
  readonly #managerListener: Deno.Listener;
  readonly #logDone: Promise<void>;
  readonly #status: Promise<Deno.CommandStatus>;
  #manager: Deno.Conn | undefined;
  #messages = "";
  #log = "";
  #logWaiters: (() => void)[] = [];

  private constructor(
    folder: string,
    process: Deno.ChildProcess,
    gateway: FakeGateway,
    manager: Deno.Listener,
  ) {
    this.folder = folder;
    this.gateway = gateway;
    this.#process = process;
    this.#managerListener = manager;
    this.#status = process.status;
    this.#logDone = this.#collectLog();
  }

  /** Starts it and waits until it is ready. */
  static async start(settings: Settings): Promise<PythonHalf> {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "python-half-" }));
    const file = (name: string) => join(folder, name);
    await Deno.writeTextFile(file("app.py"), settings.source);
    for (const [name, text] of Object.entries(settings.files ?? {})) {
      await Deno.mkdir(join(folder, name, ".."), { recursive: true });
      await Deno.writeTextFile(file(name), text);
    }
    await Deno.writeTextFile(file("bootstrap"), bootstrapSource);
    await Deno.writeTextFile(file("sources"), packedSources);
    const plan = {
      instance: 3,
      secret: SECRET,
      gateway: { kind: "unix", path: file("gateway") },
      manager: { kind: "unix", path: file("manager") },
      threads: 1,
      processes: 1,
      multiprocess: false,
      multithread: true,
      run_once: false,
      application: { type: "script", entryPoint: file("app.py"), callable: "application" },
      reloading: true,
      pythonPath: [],
      workingDirectory: folder,
      processGroup: "localhost:8000",
      applicationGroup: "",
      environ: TEMPLATE,
      osEnviron: { MOD_WSGI_EXPRESS: "true" },
      log: { fd: 2 },
      logLevel: "info",
      shutdownTimeout: 30,
      sysArgv: ["mod_wsgi"],
      ...settings.plan,
    };
    await Deno.writeTextFile(file("plan"), JSON.stringify(plan));
    const gateway = new FakeGateway(
      settings.gateway ?? Deno.listen({ transport: "unix", path: file("gateway") }),
      SECRET,
    );
    const managerListener = Deno.listen({ transport: "unix", path: file("manager") });
    const process = new Deno.Command(settings.python.executable, {
      args: ["-W", "error", DRIVER, file("bootstrap"), file("sources"), file("plan")],
      env: { PYTHONDONTWRITEBYTECODE: "1", ...settings.variables },
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const half = new PythonHalf(folder, process, gateway, managerListener);
    try {
      half.#manager = await withDeadline(
        Promise.race([managerListener.accept(), half.#diedEarly()]),
        "the manager's connection",
      );
      const ready = await half.message();
      if (ready.type !== "ready") throw new Error(`ready was expected: ${JSON.stringify(ready)}`);
      await gateway.threads(plan.threads);
    } catch (error) {
      await half[Symbol.asyncDispose]();
      throw new Error(`The Python half did not start:\n${half.#log}`, { cause: error });
    }
    return half;
  }

  async #diedEarly(): Promise<never> {
    const status = await this.#status;
    await this.#logDone;
    throw new Error(`Python ended with status ${status.code}:\n${this.#log}`);
  }

  async #collectLog(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const part of this.#process.stderr) {
      this.#log += decoder.decode(part, { stream: true });
      for (const wake of this.#logWaiters.splice(0)) wake();
    }
  }

  /** A file in the working directory. */
  path(name: string): string {
    return join(this.folder, name);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** What has been logged so far. */
  get log(): string {
    return this.#log;
  }

  /** The log as soon as it matches. */
  async logged(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#log)) {
      const more = new Promise<void>((resolve) => this.#logWaiters.push(resolve));
      await withDeadline(more, `${pattern} in the log:\n${this.#log.slice(-4000)}`);
    }
    return this.#log;
  }

  /** Texts of the log records, without their prefixes. */
  get records(): string[] {
    return this.#log.split("\n").slice(0, -1).map((line) =>
      line.replace(/^\[[^\]]*\] \[[^\]]*\] \[[^\]]*\] (\[remote [^\]]*\] )?/, "")
    );
  }

  /** A client of the gateway. */
  client(): Client {
    return new Client(this.gateway);
  }

  /** Sends a line to the manager thread. */
  async command(message: Message): Promise<void> {
    await this.#manager?.write(new TextEncoder().encode(JSON.stringify(message) + "\n"));
  }

  /** The next line from the manager thread. */
  async message(): Promise<Message> {
    while (!this.#messages.includes("\n")) {
      const part = new Uint8Array(4096);
      const count = await withDeadline(
        this.#manager?.read(part) ?? Promise.resolve(null),
        "a message",
      );
      if (count === null) throw new Error(`The manager connection ended. Log:\n${this.#log}`);
      this.#messages += new TextDecoder().decode(part.subarray(0, count));
    }
    const end = this.#messages.indexOf("\n");
    const line = this.#messages.slice(0, end);
    this.#messages = this.#messages.slice(end + 1);
    return JSON.parse(line);
  }

  /** Ends the manager connection, as the death of the TypeScript side would. */
  closeManager(): void {
    this.#manager?.close();
    this.#manager = undefined;
  }

  /** Lets the main thread finish the interpreter; the exit status. */
  async finish(): Promise<number> {
    await this.#process.stdin.close().catch(() => {});
    return await this.ended();
  }

  /** Waits for the process to end by itself; the exit status. */
  async ended(): Promise<number> {
    const status = await withDeadline(this.#status, "the end of the process");
    await this.#logDone;
    return status.code;
  }

  /** A whole stop: command, answer, end of the process; the exit status. */
  async stop(reason = "shutdown_signal"): Promise<number> {
    await this.command({ type: "stop", reason });
    const answer = await this.message();
    if (answer.type !== "stopped") throw new Error(`stopped was expected, got ${answer.type}`);
    return await this.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stdin.close().catch(() => {});
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#status;
    await this.#logDone;
    await this.gateway.close();
    this.#managerListener.close();
    this.#manager?.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** The pairs of a GET request, changed by `changes`. */
export function pairs(changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { ...REQUEST_PAIRS, ...changes };
}

/** Bytes of a text, one for each character. */
export function latin1(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** Registers a test for each CPython found. */
export function testEach(name: string, run: (python: TestPython) => Promise<void>): void {
  const pythons = testPythons();
  if (pythons.length === 0) throw new Error("No CPython was found for the tests");
  for (const python of pythons) {
    Deno.test(`${name} (CPython ${python.minor})`, () => run(python));
  }
}

/** Starts a script, with one thread unless the plan says otherwise, runs `body`, ends everything. */
export async function withApplication(
  settings: Settings,
  body: (client: Client, half: PythonHalf) => Promise<void>,
): Promise<void> {
  await using half = await PythonHalf.start(settings);
  await body(half.client(), half);
}
