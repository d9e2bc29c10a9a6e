/**
 * The Python half of an application process: starts the interpreter, loads the application, talks to its manager thread,
 * ends the interpreter.
 *
 * @module
 */
import { PythonException } from "../../ffi/errors.ts";
import { Interpreter } from "../../ffi/interpreter.ts";
import type { SubInterpreter } from "../../ffi/sub_interpreter.ts";
import { lockOptions } from "../free_threading.ts";
import type { Transport } from "../net/transport.ts";
import { bootstrapSource, packedSources } from "../python/sources.ts";
import { ManagerConnection } from "./manager.ts";
import type { SharedMemory } from "./memory_trunk.ts";
import { applicationPlan, type Endpoint } from "./python_plan.ts";
import type { ProcessSetup, Summons } from "./setup.ts";

/** What Python is given where the thread that speaks HTTP calls the application. */
export interface DirectEndpoint {
  /** Address of the function that it calls where the client may be slow. */
  readonly function: number;
  /** Descriptor of the connection to the server, which that thread can't listen to while the application runs. */
  readonly control: number;
}

/** A started interpreter with the application loaded and its threads running. */
export class PythonHalf {
  readonly interpreter: Interpreter;
  readonly manager: ManagerConnection;
  /** The application group's interpreter, where it is not the main one. */
  readonly #group: SubInterpreter | undefined;
  #orphan: boolean;

  private constructor(
    interpreter: Interpreter,
    group: SubInterpreter | undefined,
    manager: ManagerConnection,
    orphan: boolean,
  ) {
    this.interpreter = interpreter;
    this.#group = group;
    this.manager = manager;
    this.#orphan = orphan;
  }

  /**
   * Starts Python on this thread, which becomes Python's main thread and holds the GIL afterwards.
   *
   * @param gateway where the worker threads connect to.
   * @param direct what requests without threads need, or undefined.
   * @param memory what is shared with the worker threads, or undefined.
   * @param logFd descriptor of the error log, where it is not opened by path.
   * @throws {PythonNotUsableError} where the interpreter can't be started.
   */
  static async start(
    setup: ProcessSetup,
    summons: Summons,
    gateway: Endpoint,
    direct: DirectEndpoint | undefined,
    memory: SharedMemory | undefined,
    transport: Transport,
    logFd: number | undefined,
  ): Promise<PythonHalf> {
    const { plan, python } = setup;
    const [manager, managerAddress] = await ManagerConnection.open(transport);
    const half = applicationPlan(plan, { ...summons, gateway, manager: managerAddress });
    const interpreter = Interpreter.start(python, {
      argv: half.sysArgv,
      pythonOptions: [
        ...lockOptions(python, plan.python.freeThreading),
        ...plan.python.warnings.flatMap((filter) => ["-W", filter]),
      ],
    });
    const { applicationGroup, applicationGroupGil } = plan.application;
    const group = applicationGroup === ""
      ? undefined
      : interpreter.newSubInterpreter(applicationGroupGil);
    const json = JSON.stringify({
      ...half,
      ...(logFd === undefined ? {} : { log: { fd: logFd } }),
      ...(direct === undefined ? {} : { direct }),
      ...(memory === undefined ? {} : { bells: memory.bells }),
    });
    const boot = () => {
      using bootstrap = interpreter.run(bootstrapSource, "<wsgi-express>/bootstrap.py");
      if (memory !== undefined) interpreter.shareMemory(bootstrap, "memory", memory.bytes);
      using boot = interpreter.attribute(bootstrap, "boot");
      interpreter.call(boot, packedSources, json);
    };
    if (group === undefined) boot();
    else group.with(boot);
    return new PythonHalf(interpreter, group, manager, plan.python.orphanInterpreter);
  }

  /** Runs the handlers of signals that have come, which the application has set with `signal.signal`. */
  runSignalHandlers(): void {
    try {
      this.interpreter.checkSignals();
    } catch (error) {
      // What a handler raises belongs to no request.
      console.error(error instanceof PythonException ? error.traceback.trimEnd() : error);
    }
  }

  /**
   * Waits for Python's non-daemon threads and runs its `atexit` functions. The watchdog of the Python half cuts it at
   * `--shutdown-timeout`.
   *
   * @returns the exit status of the process.
   */
  end(): number {
    if (this.#orphan) return 0;
    // With daemon threads left in a sub-interpreter, neither it nor the main one can be ended: the process just exits.
    // So it does where the sub-interpreter had a GIL and memory pools of its own: CPython 3.12 then crashes at the end of
    // the main one, which had nothing to do.
    if (this.#group !== undefined && (!this.#group.end() || this.#group.gil === "own")) return 0;
    return this.interpreter.finalize() === 0 ? 0 : 1;
  }
}
