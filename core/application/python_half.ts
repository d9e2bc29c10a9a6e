/**
 * The Python half of an application process: starts the interpreter, loads the application, talks to its manager thread,
 * ends the interpreter.
 *
 * @module
 */
import { Interpreter } from "../../ffi/interpreter.ts";
import type { Transport } from "../net/transport.ts";
import { applicationPlan, type Endpoint } from "../plan.ts";
import { bootstrapSource, packedSources } from "../python/sources.ts";
import { ManagerConnection } from "./manager.ts";
import type { ProcessSetup, Summons } from "./setup.ts";

/** A started interpreter with the application loaded and its threads running. */
export class PythonHalf {
  readonly interpreter: Interpreter;
  readonly manager: ManagerConnection;
  #orphan: boolean;

  private constructor(interpreter: Interpreter, manager: ManagerConnection, orphan: boolean) {
    this.interpreter = interpreter;
    this.manager = manager;
    this.#orphan = orphan;
  }

  /**
   * Starts Python on this thread, which becomes Python's main thread and holds the GIL afterwards.
   *
   * @param gateway where the worker threads connect to.
   * @param logFd descriptor of the error log, where it is not opened by path.
   * @throws {PythonNotUsableError} where the interpreter can't be started.
   */
  static async start(
    setup: ProcessSetup,
    summons: Summons,
    gateway: Endpoint,
    transport: Transport,
    logFd: number | undefined,
  ): Promise<PythonHalf> {
    const { plan, python } = setup;
    const [manager, managerAddress] = await ManagerConnection.open(transport);
    const half = applicationPlan(plan, { ...summons, gateway, manager: managerAddress });
    const interpreter = Interpreter.start(python, {
      argv: half.sysArgv,
      pythonOptions: plan.python.warnings.flatMap((filter) => ["-W", filter]),
    });
    using bootstrap = interpreter.run(bootstrapSource, "<wsgi-express>/bootstrap.py");
    using boot = interpreter.attribute(bootstrap, "boot");
    const json = JSON.stringify(logFd === undefined ? half : { ...half, log: { fd: logFd } });
    interpreter.call(boot, packedSources, json);
    return new PythonHalf(interpreter, manager, plan.python.orphanInterpreter);
  }

  /**
   * Waits for Python's non-daemon threads and runs its `atexit` functions. The watchdog of the Python half cuts it at
   * `--shutdown-timeout`.
   *
   * @returns the exit status of the process.
   */
  end(): number {
    if (this.#orphan) return 0;
    return this.interpreter.finalize() === 0 ? 0 : 1;
  }
}
