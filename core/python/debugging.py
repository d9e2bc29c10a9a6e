"""Debug mode: the tools that stand between the server and the application.

Each is a WSGI application that calls another one. There is one thread for requests in debug mode.
"""

from __future__ import annotations

import os
import sys
from time import time

from .file_wrapper import FileWrapper


class Tools:
    """The tools that the plan asks for."""

    def __init__(self, process, settings: dict) -> None:
        """``settings``: ``debugger`` (an object with ``atStartup``, or None) and the folders
        ``coverageDirectory``, ``profilerDirectory``, ``recorderDirectory`` (None: off)."""
        self._process = process
        self._settings = settings
        self._debugger = None
        self._profiler = None
        self._terminal = _terminal_attributes()
        if settings["debugger"]:
            from .debugger import Debugger

            self._debugger = Debugger()

    def start(self) -> None:
        """Before the application is loaded. Raises RuntimeError where a tool is not installed."""
        directory = self._settings["coverageDirectory"]
        if directory:
            from .coverage_report import start_coverage

            start_coverage(directory, self._process.log)
        directory = self._settings["profilerDirectory"]
        if directory:
            from .profiler import Profiler

            self._profiler = Profiler(directory, self._process.log)
            self._profiler.enable()

    def loaded(self) -> None:
        """After the application was loaded, or could not be."""
        if self._profiler is not None:
            self._profiler.disable()
        if self._debugger is not None and self._settings["debugger"]["atStartup"]:
            self._debugger.enter()

    def wrap(self, application):
        """The application to call in the place of ``application``."""
        if self._settings["coverageDirectory"]:
            from .coverage_report import Traced

            application = Traced(application)
        if self._profiler is not None:
            application = self._profiler.application(application)
        if self._debugger is not None:
            application = self._debugger.application(application)
        directory = self._settings["recorderDirectory"]
        if directory:
            from .recorder import Recorder

            application = Recorder(application, directory)
        return application

    def restore_terminal(self) -> None:
        """Before the process is cut while somebody types: readline has changed the terminal."""
        if self._terminal is not None:
            import termios

            termios.tcsetattr(0, termios.TCSANOW, self._terminal)


class Wrapper:
    """A WSGI application that calls another one. Subclasses say what happens around each step."""

    def __init__(self, application) -> None:
        self._application = application

    def __call__(self, environ, start_response):
        result = self.step(self._application, environ, start_response)
        if isinstance(result, (list, tuple, FileWrapper)):
            return result
        return Result(result, self.step)

    def step(self, function, *arguments):
        """Calls ``function(*arguments)``: the application, ``next`` of its result, or ``close``."""
        return function(*arguments)


class Result:
    """An iterable whose steps go through a function."""

    def __init__(self, result, step) -> None:
        self._result = result
        self._step = step
        self._iterator = None

    def __iter__(self):
        self._iterator = self._step(iter, self._result)
        return self

    def __next__(self):
        item = self._step(next, self._iterator, _END)
        if item is _END:
            raise StopIteration
        return item

    def close(self) -> None:
        close = getattr(self._result, "close", None)
        if close is not None:
            self._step(close)


_END = object()


def new_file(directory: str, name: str) -> str:
    """Path of a file in a folder that is made where it is missing; ``name`` follows the time in
    microseconds and the process id."""
    os.makedirs(directory, exist_ok=True)
    return os.path.join(directory, "%d-%d%s" % (time() * 1e6, os.getpid(), name))


def _terminal_attributes():
    try:
        import termios

        return termios.tcgetattr(0)
    except (ImportError, OSError, ValueError):
        return None
    except Exception:  # termios.error, which is no OSError
        return None


def keep_standard_streams() -> None:
    """Standard input and output are the terminal's; what is printed is to be seen at once."""
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)
