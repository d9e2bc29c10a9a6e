/**
 * The Python half as text, embedded in the program.
 *
 * `bootstrapSource` is executed once in a namespace of its own; its function
 * `boot(sources: str, plan: str)` is then called with `packedSources` and the plan as JSON, on the
 * thread that initialised the interpreter, holding the GIL.
 *
 * @module
 */
import activity from "./activity.py" with { type: "text" };
import bell from "./bell.py" with { type: "text" };
import bootstrap from "./bootstrap.py" with { type: "text" };
import channel from "./channel.py" with { type: "text" };
import direct from "./direct.py" with { type: "text" };
import directManager from "./direct_manager.py" with { type: "text" };
import environ from "./environ.py" with { type: "text" };
import events from "./events.py" with { type: "text" };
import fileWrapper from "./file_wrapper.py" with { type: "text" };
import frames from "./frames.py" with { type: "text" };
import head from "./head.py" with { type: "text" };
import inbox from "./inbox.py" with { type: "text" };
import input from "./input.py" with { type: "text" };
import interrupt from "./interrupt.py" with { type: "text" };
import loader from "./loader.py" with { type: "text" };
import log from "./log.py" with { type: "text" };
import manager from "./manager.py" with { type: "text" };
import memoryPipe from "./memory_pipe.py" with { type: "text" };
import metrics from "./metrics.py" with { type: "text" };
import moduleText from "./module.py" with { type: "text" };
import observation from "./observation.py" with { type: "text" };
import pace from "./pace.py" with { type: "text" };
import process from "./process.py" with { type: "text" };
import recycling from "./recycling.py" with { type: "text" };
import reloader from "./reloader.py" with { type: "text" };
import requestHandler from "./request_handler.py" with { type: "text" };
import response from "./response.py" with { type: "text" };
import script from "./script.py" with { type: "text" };
import searchPath from "./search_path.py" with { type: "text" };
import server from "./server.py" with { type: "text" };
import service from "./service.py" with { type: "text" };
import serviceStart from "./service_start.py" with { type: "text" };
import coverageReport from "./coverage_report.py" with { type: "text" };
import debuggerText from "./debugger.py" with { type: "text" };
import debugging from "./debugging.py" with { type: "text" };
import profiler from "./profiler.py" with { type: "text" };
import recorder from "./recorder.py" with { type: "text" };
import shutdown from "./shutdown.py" with { type: "text" };
import signals from "./signals.py" with { type: "text" };
import stacks from "./stacks.py" with { type: "text" };
import streams from "./streams.py" with { type: "text" };
import threads from "./threads.py" with { type: "text" };
import worker from "./worker.py" with { type: "text" };

/** A Python module of the in-memory package `_wsgi_express`. */
export interface PythonSource {
  /** Module name without package and without `.py`. */
  readonly name: string;
  /** Source text. */
  readonly text: string;
}

/** The program that installs the modules and starts the application process. */
export const bootstrapSource: string = bootstrap;

/** The code of `python -c` for a service script. */
export const serviceStartSource: string = serviceStart;

/** All modules, in alphabetical order. */
export const pythonSources: readonly PythonSource[] = [
  { name: "activity", text: activity },
  { name: "bell", text: bell },
  { name: "channel", text: channel },
  { name: "direct", text: direct },
  { name: "direct_manager", text: directManager },
  { name: "environ", text: environ },
  { name: "events", text: events },
  { name: "file_wrapper", text: fileWrapper },
  { name: "frames", text: frames },
  { name: "head", text: head },
  { name: "inbox", text: inbox },
  { name: "input", text: input },
  { name: "interrupt", text: interrupt },
  { name: "loader", text: loader },
  { name: "log", text: log },
  { name: "manager", text: manager },
  { name: "memory_pipe", text: memoryPipe },
  { name: "metrics", text: metrics },
  { name: "module", text: moduleText },
  { name: "observation", text: observation },
  { name: "pace", text: pace },
  { name: "process", text: process },
  { name: "recycling", text: recycling },
  { name: "reloader", text: reloader },
  { name: "request_handler", text: requestHandler },
  { name: "response", text: response },
  { name: "script", text: script },
  { name: "search_path", text: searchPath },
  { name: "server", text: server },
  { name: "service", text: service },
  { name: "coverage_report", text: coverageReport },
  { name: "debugger", text: debuggerText },
  { name: "debugging", text: debugging },
  { name: "profiler", text: profiler },
  { name: "recorder", text: recorder },
  { name: "shutdown", text: shutdown },
  { name: "signals", text: signals },
  { name: "stacks", text: stacks },
  { name: "streams", text: streams },
  { name: "threads", text: threads },
  { name: "worker", text: worker },
];

/** The modules in the form `boot` takes: name, NUL, text, NUL, name, NUL, text … */
export const packedSources: string = pythonSources
  .flatMap(({ name, text }) => [name, text])
  .join("\0");
