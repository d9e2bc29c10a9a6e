/**
 * The application process: loads libpython, prepares the interpreter, loads the application, runs the worker threads, and
 * ends when it is told to or when the server process is gone. In embedded mode it accepts connections too.
 *
 * The order of its life is that of this file. It imports nothing of the command line.
 *
 * @module
 */
import { ServerError } from "../errors.ts";
import { ControlConnection, type ProcessMessage, type ServerMessage } from "../gateway/control.ts";
import { controlHello } from "../gateway/reception.ts";
import type { Logs } from "../log/open.ts";
import { openTransport } from "../net/open.ts";
import type { Transport } from "../net/transport.ts";
import type { Plan } from "../plan.ts";
import { platform } from "../platform/platform.ts";
import type { EmbeddedFront } from "./embedded.ts";
import { type DirectEndpoint, PythonHalf } from "./python_half.ts";
import { becomeUser, limitCpuTime } from "./rights.ts";
import { type ProcessSetup, type Summons, SUMMONS_VARIABLE } from "./setup.ts";

/** Exit status of a process whose Python can't be started: another start would not help. */
const PYTHON_NOT_USABLE = 4;
/** Debug mode: how often Python looks whether a signal has come. */
const SIGNAL_LOOK_MS = 100;

type Control = ControlConnection<ServerMessage<ProcessSetup>, ProcessMessage>;

await main();

async function main(): Promise<void> {
  const summons = takeSummons();
  const parent = Deno.ppid;
  const transport = await openTransport();
  const { control, setup } = await report(summons, transport);
  const { plan } = setup;
  // Before the process becomes another user, who may not be allowed to.
  const logFd = openErrorLog(plan);
  const notice = limitCpuTime(
    plan,
    () => control.send({ type: "replace", reason: "cpu_time_limit", handover: true }),
  );
  if (notice !== undefined) control.send({ type: "notice", text: notice });
  const logs = plan.mode === "embedded" ? await openLogs(plan) : undefined;
  await orExit(() => becomeUser(setup.identity));
  const embedded = logs && await openEmbedded(setup, summons, transport, logs, control);
  const direct = directEndpoint(embedded, control);
  const half = await startPython(setup, summons, embedded, direct, transport, logFd, parent);
  embedded?.connect(half);
  const stopped = Promise.withResolvers<void>();
  half.manager.onMessage = async (message) => {
    if (message.type === "ready") {
      await embedded?.serve();
      control.send({ type: "ready" });
    } else if (message.type === "restart") {
      control.send({ type: "replace", reason: message.reason, handover: message.handover });
    } else if (message.type === "pong" || message.type === "server_metrics") {
      control.send(message);
    } else if (message.type === "relayed") {
      await obey(message.message);
      // Python has left off listening.
      if (message.message.type === "stop") control.resume();
    } else if (message.type === "stopped") stopped.resolve();
  };
  const obey = async (message: ServerMessage<ProcessSetup>) => {
    if (message.type === "drain") {
      await embedded?.drain();
      control.send({ type: "drained" });
    } else if (message.type === "stop") embedded?.stop();
  };
  control.onMessage = (message) => {
    void obey(message);
    if (direct === undefined && message.type !== "setup" && message.type !== "drain") {
      half.manager.send(message);
    }
  };
  if (plan.debug === null) askOnSignals(control);
  else debugSignals(half);
  platform.onTerminalEnd(() => control.send({ type: "terminal_end" }));
  half.interpreter.releaseGil();
  await stopped.promise;
  await embedded?.close();
  platform.exitNow(half.end());
}

/** Reads what the server process left in the environment, and takes it out: the application is not to see it. */
function takeSummons(): Summons {
  const text = Deno.env.get(SUMMONS_VARIABLE);
  if (text === undefined) {
    console.error(
      "wsgi-express: this command starts application processes and is not for use by hand",
    );
    Deno.exit(2);
  }
  Deno.env.delete(SUMMONS_VARIABLE);
  Deno.env.delete("DENO_NO_UPDATE_CHECK");
  return JSON.parse(text);
}

/** Connects to the server process and learns what to do. */
async function report(
  summons: Summons,
  transport: Transport,
): Promise<{ control: Control; setup: ProcessSetup }> {
  const stream = await transport.connect(summons.gateway);
  const control: Control = new ControlConnection(stream);
  // Whatever Python is doing: without its server the process has nothing to live for.
  control.onClosed = () => platform.exitNow(1);
  const setup = Promise.withResolvers<ProcessSetup>();
  control.onMessage = (message) => {
    if (message.type === "setup") setup.resolve(message.setup);
  };
  const hello = controlHello(summons.secret, summons.instance);
  stream.write(hello, 0, hello.length);
  return { control, setup: await setup.promise };
}

/** Gives the descriptor of the log file for Python, where there is one. */
function openErrorLog({ log: { error }, debug }: Plan): number | undefined {
  if (error.kind !== "file") return undefined;
  // In debug mode standard output stays the terminal's.
  return debug === null
    ? platform.redirectOutput(error.path)
    : platform.openForAppending(error.path);
}

/** The logs of a process that accepts connections, whose files may be open to the user alone who started the server. */
async function openLogs(plan: Plan): Promise<Logs> {
  // What only embedded mode needs is not loaded in daemon mode.
  const { openLogs } = await import("../log/open.ts");
  return openLogs(plan.log);
}

async function openEmbedded(
  setup: ProcessSetup,
  summons: Summons,
  transport: Transport,
  logs: Logs,
  control: Control,
): Promise<EmbeddedFront> {
  const { EmbeddedFront } = await import("./embedded.ts");
  return await EmbeddedFront.open(
    setup,
    summons,
    transport,
    logs,
    (reason) => control.send({ type: "replace", reason, handover: false }),
  );
}

/** Where this thread calls the application, a thread of Python's listens to the server from now on. */
function directEndpoint(
  embedded: EmbeddedFront | undefined,
  control: Control,
): DirectEndpoint | undefined {
  const address = embedded?.directFunction;
  if (address === undefined || control.fd === undefined) return undefined;
  control.pause();
  return { function: address, control: control.fd };
}

async function startPython(
  setup: ProcessSetup,
  summons: Summons,
  embedded: EmbeddedFront | undefined,
  direct: DirectEndpoint | undefined,
  transport: Transport,
  logFd: number | undefined,
  parent: number,
): Promise<PythonHalf> {
  const gateway = embedded?.address ?? summons.gateway;
  return await orExit(async () => {
    // An import that hangs keeps this thread from hearing that the server is gone.
    const leaveParent = platform.endWithParent();
    if (Deno.ppid !== parent) platform.exitNow(1);
    const half = await PythonHalf.start(
      setup,
      summons,
      gateway,
      direct,
      embedded?.memory,
      transport,
      logFd,
    );
    leaveParent?.();
    return half;
  });
}

/** Ends the process where `action` fails. */
async function orExit<Result>(action: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    console.error(`wsgi-express: error: ${error instanceof Error ? error.message : error}`);
    platform.exitNow(error instanceof ServerError ? error.exitStatus : PYTHON_NOT_USABLE);
  }
}

/**
 * Debug mode: Ctrl-C is for the server, which the terminal sends it to as well. Other signals are the application's:
 * Python runs its handlers on this thread, which otherwise executes no Python.
 */
function debugSignals(half: PythonHalf): void {
  Deno.addSignalListener("SIGINT", () => {});
  setInterval(() => half.runSignalHandlers(), SIGNAL_LOOK_MS);
}

/** A signal to an application process asks its server to replace it, as mod_wsgi's processes replace themselves. */
function askOnSignals(control: Control): void {
  for (const { signal, reason, handover } of platform.processSignals) {
    Deno.addSignalListener(signal, () => control.send({ type: "replace", reason, handover }));
  }
}
