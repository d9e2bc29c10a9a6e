/**
 * The application process of daemon mode: loads libpython, prepares the interpreter, loads the application, runs the
 * worker threads, and ends when it is told to or when the server process is gone.
 *
 * The order of its life is that of this file. It imports nothing of the command line.
 *
 * @module
 */
import { exitNow, redirectOutput } from "../../ffi/posix.ts";
import { Interpreter } from "../../ffi/interpreter.ts";
import { ControlConnection, type ProcessMessage, type ServerMessage } from "../gateway/control.ts";
import { controlHello } from "../gateway/reception.ts";
import { openTransport } from "../net/open.ts";
import { applicationPlan } from "../plan.ts";
import { bootstrapSource, packedSources } from "../python/sources.ts";
import { ManagerConnection } from "./manager.ts";
import { type ProcessSetup, type Summons, SUMMONS_VARIABLE } from "./setup.ts";

/** Exit status of a process whose Python can't be started: another start would not help. */
const PYTHON_NOT_USABLE = 4;

await main();

async function main(): Promise<void> {
  const text = Deno.env.get(SUMMONS_VARIABLE);
  if (text === undefined) {
    console.error(
      "wsgi-express: this command starts application processes and is not for use by hand",
    );
    Deno.exit(2);
  }
  Deno.env.delete(SUMMONS_VARIABLE);
  const summons: Summons = JSON.parse(text);
  const transport = await openTransport();
  const stream = await transport.connect(summons.gateway);
  const control = new ControlConnection<ServerMessage<ProcessSetup>, ProcessMessage>(stream);
  // Whatever Python is doing: without its server the process has nothing to live for.
  control.onClosed = () => exitNow(1);
  const setup = Promise.withResolvers<ProcessSetup>();
  control.onMessage = (message) => {
    if (message.type === "setup") setup.resolve(message.setup);
  };
  const hello = controlHello(summons.secret, summons.instance);
  stream.write(hello, 0, hello.length);
  const [manager, managerAddress] = await ManagerConnection.open(transport);
  await run(await setup.promise);

  async function run({ plan, python }: ProcessSetup): Promise<void> {
    const { error } = plan.log;
    const logFd = error.kind === "file" ? redirectOutput(error.path) : undefined;
    const half = applicationPlan(plan, { ...summons, manager: managerAddress });
    const interpreter = startPython();
    const stopped = Promise.withResolvers<void>();
    manager.onMessage = (message) => {
      if (message.type === "ready") control.send({ type: "ready" });
      else if (message.type === "restart") {
        control.send({ type: "replace", reason: message.reason, handover: false });
      } else if (message.type === "stopped") stopped.resolve();
    };
    control.onMessage = (message) => {
      if (message.type === "stop") manager.send({ type: "stop", reason: message.reason });
      else if (message.type === "dump") manager.send({ type: "dump" });
    };
    askOnSignals(control);
    interpreter.releaseGil();
    await stopped.promise;
    // Waits for Python's non-daemon threads and runs its atexit functions. The Python half cuts it at --shutdown-timeout.
    const status = plan.python.orphanInterpreter ? 0 : interpreter.finalize();
    exitNow(status === 0 ? 0 : 1);

    function startPython(): Interpreter {
      try {
        const interpreter = Interpreter.start(python, {
          argv: half.sysArgv,
          pythonOptions: plan.python.warnings.flatMap((filter) => ["-W", filter]),
        });
        const bootstrap = interpreter.run(bootstrapSource, "<wsgi-express>/bootstrap.py");
        const boot = interpreter.attribute(bootstrap, "boot");
        interpreter.call(
          boot,
          packedSources,
          JSON.stringify(logFd === undefined ? half : { ...half, log: { fd: logFd } }),
        );
        boot.release();
        bootstrap.release();
        return interpreter;
      } catch (error) {
        console.error(`wsgi-express: error: ${error instanceof Error ? error.message : error}`);
        exitNow(PYTHON_NOT_USABLE);
      }
    }
  }
}

/** A signal to an application process asks its server to replace it, as mod_wsgi's processes replace themselves. */
function askOnSignals(
  control: ControlConnection<ServerMessage<ProcessSetup>, ProcessMessage>,
): void {
  const on = (signal: Deno.Signal, reason: string, handover: boolean) =>
    Deno.addSignalListener(signal, () => control.send({ type: "replace", reason, handover }));
  on("SIGINT", "shutdown_signal", false);
  if (Deno.build.os === "windows") return;
  on("SIGTERM", "shutdown_signal", false);
  on("SIGUSR1", "eviction_signal", true);
}
