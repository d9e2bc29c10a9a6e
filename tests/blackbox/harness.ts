/**
 * Starts the real command on a port of its own and looks at it from outside only: HTTP, output,
 * signals, exit status, `/proc`.
 *
 * ```ts
 * await using server = await startServer({ app: "hello.wsgi" });
 * assert.equal((await server.request("/")).status, 200);
 * ```
 *
 * At the end of the scope the server is stopped with SIGTERM; a server that does not stop in time, or
 * leaves a process behind, makes the test fail.
 */

import { newestPython } from "../pythons.ts";
import { APPS, cleanEnvironment, command, ROOT } from "./command.ts";
import { DeadlineError, ORDINARY_DEADLINE, until, within } from "./deadline.ts";
import { Connection, requestBytes, type RequestOptions, type Response } from "./http_client.ts";
import { LogLines } from "./log_lines.ts";
import { MARK, type Process, processesMarked } from "./processes.ts";

export { APPS, ROOT, run } from "./command.ts";
export * from "./deadline.ts";
export { Folder } from "./folder.ts";
export * from "./http_client.ts";
export * from "./modes.ts";

const STOP_SIGNAL = (Deno.env.get("WSGI_EXPRESS_TEST_STOP_SIGNAL") ?? "SIGTERM") as Deno.Signal;

/** How {@link startServer} starts the server. */
export interface ServerOptions {
  /** Script below `tests/apps`, or an absolute path, or a module with `--application-type`. */
  app?: string;
  /** Further arguments of `start-server`. */
  args?: string[];
  env?: Record<string, string>;
  /** Value for `--python`; the newest CPython found when not given, no option at all when null. */
  python?: string | null;
  cwd?: string;
  /** The program, in place of the command under test. */
  command?: readonly string[];
  /** Words before the command, such as a program that sets limits and then executes it in its own place. */
  wrapper?: string[];
  /** On a pseudo-terminal of its own; then there is no `--log-to-terminal` among the arguments. */
  terminal?: boolean;
  /** False: leaves out `--log-to-terminal`, which is given otherwise. */
  logToTerminal?: boolean;
  /** Milliseconds until the "ready" line must be there. */
  readyDeadline?: number;
  /** What the test does before the server is ready, such as typing on its terminal. */
  whileStarting?: (server: Server) => Promise<void>;
  /** True when the test makes wsgiref.validate, the interpreter or the program itself complain. */
  complaintsExpected?: boolean;
}

/** How the server process ended. */
export interface ExitStatus {
  readonly code: number;
  readonly signal: Deno.Signal | null;
}

/** The server ended before it was ready. */
export class NotStartedError extends Error {
  override readonly name = "NotStartedError";
  constructor(readonly exit: ExitStatus, readonly log: LogLines) {
    super(`the server ended with status ${exit.code} before it was ready:\n${log.tail()}`);
  }
}

/** What must be in the log of no test that does not ask for it. */
const COMPLAINTS =
  /AssertionError|WSGIWarning|garbage collected without|Exception ignored|Fatal Python error|panicked at|Uncaught|^error: /;

/** Starts the server and waits until it is ready. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const root = Deno.makeTempDirSync({ prefix: "wsgi-express-root-" });
  const python = options.python === undefined ? newestPython().executable : options.python;
  const args = ["start-server"];
  if (options.app !== undefined) args.push(appPath(options));
  args.push("--host", "127.0.0.1", "--port", "0", "--server-root", root);
  if (python !== null) args.push("--python", python);
  if (options.logToTerminal ?? !options.terminal) args.push("--log-to-terminal");
  args.push(...options.args ?? []);
  const server = new Server(args, options, root);
  try {
    await Promise.all([
      server.becomeReady(options.readyDeadline ?? 30_000),
      options.whileStarting?.(server),
    ]);
  } catch (error) {
    await server.destroy();
    throw error;
  }
  return server;
}

function appPath({ app, args }: ServerOptions): string {
  const byName = args?.some((arg) => arg.startsWith("--application-type"));
  return byName || app!.startsWith("/") ? app! : `${APPS}/${app}`;
}

/** A started server. */
export class Server implements AsyncDisposable {
  /** Everything written to standard output and standard error. */
  readonly log = new LogLines();
  /** Fulfilled when the server process has ended. */
  readonly exited: Promise<ExitStatus>;
  /** Address from the banner, with a trailing slash. */
  url = "";
  #pid = 0;
  #child: Deno.ChildProcess;
  #output: Promise<unknown>;
  #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  #mark = crypto.randomUUID();
  #complaintsExpected: boolean;
  #root: string;
  #ended = false;

  /** Use {@link startServer}. */
  constructor(args: string[], options: ServerOptions, root: string) {
    this.#root = root;
    this.#complaintsExpected = options.complaintsExpected ?? false;
    let [program, ...words] = [
      ...options.wrapper ?? [],
      ...options.command ?? command(),
      ...args,
    ] as [
      string,
      ...string[],
    ];
    if (options.terminal) {
      words = [`${ROOT}/tests/blackbox/terminal.py`, "24", "80", program, ...words];
      program = newestPython().executable;
    }
    this.#child = new Deno.Command(program, {
      args: words,
      env: { ...cleanEnvironment(options.env), [MARK]: this.#mark },
      clearEnv: true,
      cwd: options.cwd ?? APPS,
      stdin: options.terminal ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (options.terminal) this.#input = this.#child.stdin.getWriter();
    else this.#pid = this.#child.pid;
    this.#output = Promise.all([
      this.log.collect("stdout", this.#child.stdout),
      this.log.collect("stderr", this.#child.stderr),
    ]);
    this.exited = this.#child.status.then(({ code, signal }) => {
      this.#ended = true;
      return { code, signal };
    });
  }

  /** Waits for the banner's address and the "ready" line. */
  async becomeReady(milliseconds: number): Promise<void> {
    if (this.#input !== undefined) {
      this.#pid = Number((await this.log.waitFor(/^pid (\d+)$/, milliseconds))[1]);
    }
    try {
      const url = await this.log.waitFor(/^Server URL +: (http:\/\/\S+)$/, milliseconds);
      this.url = url[1]!;
      await this.log.waitFor(/ready in \d+ ms/, milliseconds);
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      if (this.#ended || /output ended/.test(error.message)) {
        throw new NotStartedError(await this.exited, this.log);
      }
      throw error;
    }
  }

  /** Process id of the server process. */
  get pid(): number {
    return this.#pid;
  }

  /** Every process of this server that runs now, the server process among them. */
  processes(): Process[] {
    return processesMarked(this.#mark).filter((process) =>
      this.#input === undefined || process.pid !== this.#child.pid
    );
  }

  /** Ids of the application processes that run now. */
  applicationPids(): number[] {
    return this.processes()
      .filter(({ command }) => command.includes("__application__"))
      .map(({ pid }) => pid);
  }

  /** Sends a signal to the server process. */
  signal(signal: Deno.Signal): void {
    Deno.kill(this.#pid, signal);
  }

  /** Types on the pseudo-terminal. */
  type(text: string): Promise<void> {
    return this.#order({ write: text });
  }

  /** Changes the window size of the pseudo-terminal. */
  resize(rows: number, columns: number): Promise<void> {
    return this.#order({ resize: [rows, columns] });
  }

  /** Closes the pseudo-terminal, as a closed window does. */
  hangup(): Promise<void> {
    return this.#order({ hangup: true });
  }

  #order(order: unknown): Promise<void> {
    if (this.#input === undefined) throw new Error("the server is on no pseudo-terminal");
    return this.#input.write(new TextEncoder().encode(JSON.stringify(order) + "\n"));
  }

  /** A connection of its own, for a test that minds the bytes. */
  connect(): Promise<Connection> {
    return Connection.open(this.url);
  }

  /** One request on a connection of its own. */
  async request(
    path: string,
    options: RequestOptions & { deadline?: number } = {},
  ): Promise<Response> {
    using connection = await this.connect();
    connection.deadline = options.deadline ?? connection.deadline;
    await connection.send(requestBytes(this.url, path, options));
    const response = await connection.readResponse(options.method);
    if (response === undefined) throw new Error(`no response for ${path}`);
    return response;
  }

  /**
   * Stops the server with SIGTERM, or what `WSGI_EXPRESS_TEST_STOP_SIGNAL` names: under wine SIGINT is Ctrl-C.
   *
   * @throws DeadlineError when it does not end in time; then it is killed first.
   */
  async stop(milliseconds = ORDINARY_DEADLINE): Promise<ExitStatus> {
    if (!this.#ended) {
      try {
        this.signal(STOP_SIGNAL);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return await this.waitForExit(milliseconds);
  }

  /** Waits until the server takes no connection any more. */
  async waitForEndOfListening(): Promise<void> {
    await until(async () => {
      try {
        (await this.connect()).close();
        return false;
      } catch {
        return true;
      }
    }, "end of listening");
  }

  /** Waits until the server and all of its processes have ended, by whatever cause. */
  async waitForExit(milliseconds = ORDINARY_DEADLINE): Promise<ExitStatus> {
    try {
      const exit = await within(this.exited, milliseconds, "end of the server process");
      await until(
        () => processesMarked(this.#mark).length === 0,
        "end of the processes that the server left",
        milliseconds,
      );
      await within(this.#output, milliseconds, "end of the output");
      return exit;
    } catch (error) {
      const left = processesMarked(this.#mark).map(({ pid, state, command }) =>
        `  ${pid} ${state} ${command.join(" ").slice(0, 200)}`
      );
      (error as Error).message += `\nleft:\n${left.join("\n")}\noutput:\n${this.log.tail()}`;
      await this.destroy();
      throw error;
    }
  }

  /** Kills everything that is left, without complaint. */
  async destroy(): Promise<void> {
    for (let round = 0; round < 50; round++) {
      const left = processesMarked(this.#mark);
      if (left.length === 0) break;
      for (const { pid } of left) {
        try {
          Deno.kill(pid, "SIGKILL");
        } catch {
          // Ended meanwhile.
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.exited;
    await this.#output.catch(() => {});
    await this.#input?.close().catch(() => {});
    try {
      Deno.removeSync(this.#root, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } finally {
      await this.destroy();
    }
    const complaint = this.#complaintsExpected ? undefined : this.log.matches(COMPLAINTS)[0];
    if (complaint !== undefined) {
      throw new Error(`complaint in the output: ${complaint.input}\n${this.log.tail()}`);
    }
  }
}
