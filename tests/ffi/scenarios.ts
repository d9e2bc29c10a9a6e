/**
 * What the interpreter tests run in a process of its own: `deno run scenarios.ts NAME JSON` starts
 * the interpreter that the JSON describes, runs the scenario and prints its result as JSON in the
 * last line. Started by `run_scenario.ts`.
 *
 * @module
 */
import { DirectFunction } from "../../ffi/direct_function.ts";
import type { PythonInfo } from "../../ffi/discovery.ts";
import { PythonException } from "../../ffi/errors.ts";
import { Interpreter, type StartOptions } from "../../ffi/interpreter.ts";

/** What a scenario is given. */
export interface ScenarioInput {
  readonly python: PythonInfo;
  readonly start?: StartOptions;
  readonly texts?: readonly string[];
}

type Scenario = (interpreter: Interpreter, input: ScenarioInput) => unknown | Promise<unknown>;

const FACTS = `
import json
import signal
import sys
import threading

def facts(_):
    unimportable = []
    for name in ("_ctypes", "_json", "_ssl", "_decimal", "_asyncio", "_sqlite3"):
        try:
            __import__(name)
        except ImportError as error:
            unimportable.append(str(error))
    return json.dumps({
        "version": "%d.%d.%d" % sys.version_info[:3],
        "prefix": sys.prefix,
        "basePrefix": sys.base_prefix,
        "executable": sys.executable,
        "baseExecutable": sys._base_executable,
        "argv": sys.argv,
        "path": sys.path,
        "utf8Mode": sys.flags.utf8_mode,
        "devMode": sys.flags.dev_mode,
        "inMainThread": threading.current_thread() is threading.main_thread(),
        "sigint": repr(signal.getsignal(signal.SIGINT)),
        "sigintIsPythons": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
        "sigxfsz": repr(signal.getsignal(signal.SIGXFSZ)) if hasattr(signal, "SIGXFSZ") else "",
        "name": __name__,
        "file": __file__,
        "inModules": sys.modules.get(__name__) is not None,
        "unimportable": unimportable,
    })
`;

/** Calls a function of a module made of `source`. */
function callOnce(interpreter: Interpreter, source: string, name: string, ...texts: string[]) {
  using module = interpreter.run(source, "/embedded/scenario.py");
  using callable = interpreter.attribute(module, name);
  return interpreter.call(callable, ...texts);
}

/** The Python exception that `action` throws. */
function exceptionOf(action: () => unknown) {
  try {
    action();
  } catch (error) {
    if (!(error instanceof PythonException)) throw error;
    const { type, message, traceback, name } = error;
    return { type, message, traceback, name };
  }
  throw new Error("nothing was thrown");
}

/** Whether a call has left an exception behind; the GIL must be held. */
function isExceptionPending({ python }: Interpreter): boolean {
  const { symbols } = Deno.dlopen(python.library, {
    PyErr_Occurred: { parameters: [], result: "pointer" /* borrowed */ },
  });
  return symbols.PyErr_Occurred() !== null;
}

const scenarios: Record<string, Scenario> = {
  facts(interpreter) {
    using module = interpreter.run(FACTS, "/embedded/facts.py", "facts_module");
    using facts = interpreter.attribute(module, "facts");
    return JSON.parse(interpreter.call(facts, ""));
  },

  texts(interpreter, { texts = [] }) {
    const source = "def twice(text):\n    return text + text\n" +
      "def points(text):\n    return ' '.join(str(ord(c)) for c in text)\n" +
      "def join(*texts):\n    return '|'.join(texts)\ndef nothing(text):\n    pass\n";
    return {
      twice: texts.map((text) => callOnce(interpreter, source, "twice", text)),
      points: texts.map((text) => callOnce(interpreter, source, "points", text)),
      joined: callOnce(interpreter, source, "join", "a", "", "ä"),
      nothing: callOnce(interpreter, source, "nothing", "x"),
    };
  },

  exceptions(interpreter) {
    const source = `
class Special(Exception):
    pass
def cause(text):
    try:
        1 / 0
    except ZeroDivisionError as error:
        raise ValueError("bad " + text) from error
def special(text):
    raise Special(text)
def number(text):
    return 5
def leave(text):
    raise SystemExit(3)
def unprintable(text):
    class Odd(Exception):
        def __str__(self):
            raise RuntimeError("no text")
    raise Odd()
`;
    const from = (name: string, text: string) =>
      exceptionOf(() => callOnce(interpreter, source, name, text));
    return {
      cause: from("cause", "ä\udc80"),
      special: from("special", "x"),
      number: from("number", "x"),
      leave: from("leave", "x"),
      unprintable: from("unprintable", "x"),
      missing: exceptionOf(() => callOnce(interpreter, source, "not_there")),
      syntax: exceptionOf(() => interpreter.run("a = (\n", "/embedded/broken.py")),
      nul: exceptionOf(() => interpreter.run("a = '\0'\n", "/embedded/nul.py")),
      raising: exceptionOf(() => interpreter.run("1 / 0\n", "/embedded/raising.py", "raising")),
      stillInModules: callOnce(
        interpreter,
        "import sys\ndef f(name):\n    return str(name in sys.modules)\n",
        "f",
        "raising",
      ),
      pending: isExceptionPending(interpreter),
    };
  },

  direct(interpreter) {
    using module = interpreter.run(
      "def double(text):\n    return (text + text).encode('latin-1')\n" +
        "def fail(text):\n    raise KeyError(len(text))\n",
      "/embedded/direct.py",
    );
    using double = interpreter.attribute(module, "double");
    using fail = interpreter.attribute(module, "fail");
    const { python, runtime } = interpreter;
    const doubleFunction = new DirectFunction(runtime, python.library, double.pointer);
    const failFunction = new DirectFunction(runtime, python.library, fail.pointer);
    const big = new Uint8Array(300_000).map((_, index) => index & 255);
    const doubled = (length: number) => {
      doubleFunction.call(big, length);
      return doubleFunction.output.subarray(0, doubleFunction.size);
    };
    return {
      small: Array.from(doubled(3)),
      empty: Array.from(doubled(0)),
      bigSize: doubled(big.length).length,
      big: doubled(big.length).every((byte, index) => byte === (index % 300_000 & 255)),
      fail: exceptionOf(() => failFunction.call(big, 7)),
      sizeAfterwards: failFunction.size,
      again: Array.from(doubled(1)),
    };
  },

  memory(interpreter) {
    const source = `
import gc
import sys
def echo(text):
    return text * 2
def fail(text):
    raise ValueError(text)
def blocks(_):
    gc.collect()
    return str(sys.getallocatedblocks())
`;
    using module = interpreter.run(source, "/embedded/memory.py");
    using echo = interpreter.attribute(module, "echo");
    using fail = interpreter.attribute(module, "fail");
    using blocks = interpreter.attribute(module, "blocks");
    const work = (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        interpreter.call(echo, "a".repeat(100));
        interpreter.call(echo, "é".repeat(100));
        interpreter.call(echo, "\udc80".repeat(100));
        if (round % 20 === 0) {
          exceptionOf(() => interpreter.call(fail, "x"));
          interpreter.run("x = 1\n", "/embedded/again.py").release();
        }
      }
    };
    const measure = () => {
      (globalThis as { gc?: () => void }).gc?.();
      return {
        rss: Deno.memoryUsage().rss,
        blocks: Number(interpreter.call(blocks, "")),
      };
    };
    work(10_000);
    const before = measure();
    work(34_000);
    const after = measure();
    return { calls: 3 * 34_000, rss: after.rss - before.rss, blocks: after.blocks - before.blocks };
  },

  async threads(interpreter) {
    using module = interpreter.run(
      `
import _thread
import threading
done = []
def work():
    done.append(threading.current_thread() is threading.main_thread())
def start(_):
    _thread.start_new_thread(work, ())
def result(_):
    return repr(done)
`,
      "/embedded/threads.py",
    );
    using start = interpreter.attribute(module, "start");
    using result = interpreter.attribute(module, "result");
    interpreter.call(start, "");
    interpreter.releaseGil();
    const deadline = performance.now() + 10_000;
    let text = "[]";
    while (text === "[]" && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      text = interpreter.call(result, "");
    }
    return { text, held: interpreter.runtime.gil.held };
  },

  subInterpreter(interpreter) {
    const source = "import sys\nimport threading\ndef f(_):\n" +
      "    return '%s %s' % ('only_in_main' in sys.modules,\n" +
      "        threading.current_thread() is threading.main_thread())\n";
    interpreter.run("", "/embedded/main.py", "only_in_main").release();
    const sub = interpreter.newSubInterpreter();
    const inside = sub.with(() => callOnce(interpreter, source, "f", ""));
    const failure = sub.with(() => exceptionOf(() => callOnce(interpreter, source, "missing")));
    sub.end();
    sub.end();
    let ended = "";
    try {
      sub.with(() => {});
    } catch (error) {
      ended = String(error);
    }
    return { inside, type: failure.type, outside: callOnce(interpreter, source, "f", ""), ended };
  },

  manySubInterpreters(interpreter) {
    const source = `
import _thread
import atexit
import json
import sys
import threading
ended = []
atexit.register(ended.append, "atexit")
assert "left_behind" not in sys.modules
sys.modules["left_behind"] = threading
threading.Thread(target=lambda: None).start()
_thread.start_new_thread(lambda: None, ())
`;
    interpreter.releaseGil();
    for (let round = 0; round < 200; round++) {
      const sub = interpreter.newSubInterpreter();
      sub.with(() => interpreter.run(source, "/embedded/round.py").release());
      if (!sub.end()) return `round ${round} was not ended`;
    }
    const sub = interpreter.newSubInterpreter();
    const lasting = "import threading\n" +
      "threading.Thread(target=threading.Event().wait, daemon=True).start()\n";
    sub.with(() => interpreter.run(lasting, "/embedded/lasting.py").release());
    // Not to be finalized with a thread left: the process just ends.
    return { ended: sub.end(), exit: true };
  },

  misuse(interpreter) {
    const texts: string[] = [];
    const note = (action: () => unknown) => {
      try {
        action();
        texts.push("nothing");
      } catch (error) {
        texts.push(error instanceof Error ? error.message : String(error));
      }
    };
    const module = interpreter.run("", "/embedded/empty.py");
    module.release();
    module.release();
    note(() => interpreter.attribute(module, "x"));
    note(() => interpreter.runtime.gil.acquire());
    interpreter.releaseGil();
    note(() => interpreter.releaseGil());
    note(() => Interpreter.start(interpreter.python));
    const kept = interpreter.run("", "/embedded/kept.py");
    const status = interpreter.finalize();
    kept.release();
    note(() => interpreter.call(kept, ""));
    note(() => interpreter.finalize());
    return { texts, status };
  },

  async leak(interpreter) {
    (() => interpreter.run("", "/embedded/lost.py"))();
    const { gc } = globalThis as { gc?: () => void };
    for (let round = 0; round < 20; round++) {
      gc?.();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return "ended";
  },

  interruptDefault(interpreter) {
    interpreter.releaseGil();
    // The signal's default action ends the process here.
    Deno.kill(Deno.pid, "SIGINT");
    return new Promise((resolve) => setTimeout(() => resolve("survived"), 5000));
  },
};

/** SIGINT with a listener of the program: set before the interpreter's start, called after it. */
async function interruptListener(input: ScenarioInput): Promise<unknown> {
  const interrupted = Promise.withResolvers<string>();
  const listener = () => interrupted.resolve("listener");
  Deno.addSignalListener("SIGINT", listener);
  const interpreter = Interpreter.start(input.python);
  const handler = callOnce(
    interpreter,
    "import signal\ndef f(_):\n    return repr(signal.getsignal(signal.SIGINT))\n",
    "f",
    "",
  );
  interpreter.releaseGil();
  Deno.kill(Deno.pid, "SIGINT");
  const by = await interrupted.promise;
  Deno.removeSignalListener("SIGINT", listener);
  return { by, handler };
}

if (import.meta.main) {
  const [name = "", json = ""] = Deno.args;
  const input = JSON.parse(json) as ScenarioInput;
  let result: unknown;
  if (name === "interruptListener") {
    result = await interruptListener(input);
  } else {
    const scenario = scenarios[name];
    if (scenario === undefined) throw new Error(`no scenario "${name}"`);
    const interpreter = Interpreter.start(input.python, input.start);
    result = await scenario(interpreter, input);
    const exits = typeof result === "object" && result !== null && "exit" in result;
    if (!exits && !interpreter.runtime.gil.ended && interpreter.finalize() !== 0) {
      throw new Error("finalize() failed");
    }
  }
  console.log(JSON.stringify(result));
}
