"""A service script: a Python script that runs beside the application, in a process of its own.

This process is a plain Python, started by the server. Its standard input is a pipe over which the
server has sent all this; the pipe's end means that the script is to end.
"""

from __future__ import annotations

import os
import signal
import sys
from time import sleep, time

import _thread

from .events import Events
from .log import ErrorLog, format_exception
from .metrics import Metrics
from .module import install_modules
from .script import execute_script
from .search_path import prepare_interpreter, set_locale
from .streams import Log, text_stream

SCRIPT_MODULE = "__service__"


class Service:
    """The part of a `process.Process` that the modules for applications look at."""

    def __init__(self, plan: dict) -> None:
        """``plan`` is the JSON object of the service's plan."""
        self.plan = plan
        self.log = ErrorLog(plan["log"], plan["logLevel"])
        self.is_daemon = True
        self.active_requests: dict[str, dict] = {}
        self.workers: list = []
        self.workers_by_thread: dict = {}
        self.events = Events(self.log)
        self.metrics = Metrics(self, 0, time())
        self.ending = False

    def reloader(self):
        raise RuntimeError("there is no reloading in a service script")

    def end(self, *_: object) -> None:
        """Handler of the signals that end the script: SystemExit in the main thread, once."""
        if not self.ending:
            self.ending = True
            sys.exit(0)


def run(plan: dict) -> None:
    """Runs the script on the main thread. Raises SystemExit when it has not just returned."""
    service = Service(plan)
    control = _take_standard_input()
    prepare_interpreter(plan)
    set_locale(plan, service.log)
    streams = [text_stream(Log(service.log, {}, name)) for name in ("<stdout>", "<stderr>")]
    sys.stdout, sys.stderr = streams
    install_modules(service)
    # Shutdown is a signal here.
    del sys.modules["mod_wsgi"].subscribe_shutdown
    del sys.modules["mod_wsgi"].shutdown_callbacks
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), service.end)
    _thread.start_new_thread(_watch, (control, plan["shutdownTimeout"]))
    _execute(service, plan["script"])


def _execute(service: Service, path: str) -> None:
    try:
        execute_script(SCRIPT_MODULE, path)
    except SystemExit:
        raise
    except BaseException as error:
        service.log.text(
            "error",
            "mod_wsgi (pid=%d): Exception occurred in the service script '%s'.\n%s"
            % (os.getpid(), path, format_exception(error)),
        )
        sys.exit(1)


def _take_standard_input() -> int:
    """A descriptor of the server's pipe; the script has an empty standard input instead."""
    control = os.dup(0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return control


def _watch(control: int, timeout: float) -> None:
    """Ends the script when the server closes the pipe or is gone, at the latest after ``timeout``
    seconds."""
    try:
        while os.read(control, 4096):
            pass
    except OSError:
        pass
    if sys.platform != "win32":
        os.kill(os.getpid(), signal.SIGTERM)
    elif sys.version_info >= (3, 10):
        _thread.interrupt_main(signal.SIGTERM)
    else:
        _thread.interrupt_main()
    sleep(timeout)
    os._exit(1)
