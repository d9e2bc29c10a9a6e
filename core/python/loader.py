"""Loads the application: a script file by its path, or a module by import."""

from __future__ import annotations

import os
import sys
from time import monotonic
from types import ModuleType

from .log import format_exception
from .script import execute_script
from .threads import RLock

SCRIPT_MODULE = "__wsgi__"

# Microseconds during which one look at the script file counts for the requests that follow.
LOOK_INTERVAL = 200

_IN_SUB_INTERPRETERS = "does not support loading in subinterpreters"


class ApplicationNotLoaded(Exception):
    """There is no application to call, and the log says why. ``status`` is for the client."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Loader:
    """Holds the application. ``application`` is the callable, or None while there is none."""

    def __init__(self, plan: dict, log) -> None:
        application = plan["application"]
        self.application = None
        self.is_script = application["type"] == "script"
        self.entry_point = application["entryPoint"]
        self.callable_name = application["callable"]
        self.watches = self.is_script and plan["reloading"]
        self._log = log
        self.wrap = None  # a function that gives the application to call instead of the loaded one
        self._plan = plan
        self._lock = RLock()
        self._modified: int | None = None
        self._looked = 0
        self._reload_required = None
        self.loading_since = 0.0  # `time.monotonic`; 0 while nobody loads
        self.on_failure = None  # called with each file that a failed load has to do with

    def load(self):
        """Loads the application unless another thread has done it meanwhile. A failure is logged,
        leaves nothing behind and is tried again by the next call. Raises ApplicationNotLoaded."""
        with self._lock:
            if self.application is not None:
                return self.application
            before = set(sys.modules)
            self.loading_since = monotonic()
            try:
                module = self._execute() if self.is_script else self._import()
            except BaseException as error:
                self._log_failure(error)
                if self.on_failure is not None:
                    for path in _files_of(error, set(sys.modules) - before):
                        self.on_failure(path)
                self._forget(before)  # last: a traceback's suggestions import the module again
                raise ApplicationNotLoaded(500) from None
            finally:
                self.loading_since = 0.0
            application = getattr(module, self.callable_name, None)
            if application is None:
                self._forget(before)
                self._log.text(
                    "error",
                    "mod_wsgi (pid=%d): Target WSGI script '%s' does not contain WSGI application "
                    "'%s'." % (os.getpid(), self.entry_point, self.callable_name),
                )
                raise ApplicationNotLoaded(404)
            self._reload_required = getattr(module, "reload_required", None)
            self.application = application if self.wrap is None else self.wrap(application)
            return self.application

    def _execute(self) -> ModuleType:
        self._modified = _modified(self.entry_point)
        return execute_script(SCRIPT_MODULE, self.entry_point)

    def _import(self) -> ModuleType:
        __import__(self.entry_point)
        return sys.modules[self.entry_point]

    def _log_failure(self, error: BaseException) -> None:
        if self.is_script:
            action = "Failed to exec Python script file"
        else:
            action = "Failed to import Python module"
        self._log.text(
            "error",
            "mod_wsgi (pid=%d): %s '%s'.\n%s"
            % (os.getpid(), action, self.entry_point, format_exception(error)),
        )
        if isinstance(error, ImportError) and _IN_SUB_INTERPRETERS in str(error):
            self._log.text("error", _refusal(error, self._plan))

    def _forget(self, before: set[str]) -> None:
        """Removes what a failed load has imported, so that the next try sees the files as they are
        then. Installed packages stay: many of them can't be loaded twice."""
        from importlib import invalidate_caches

        invalidate_caches()
        for name in set(sys.modules) - before:
            module = sys.modules.get(name)
            filename = getattr(module, "__file__", None)
            if name == SCRIPT_MODULE or (
                isinstance(filename, str) and filename.endswith(".py") and _is_own(filename)
            ):
                sys.modules.pop(name, None)

    def is_outdated(self, now: int) -> bool:
        """Whether the script has changed since it was loaded, or its ``reload_required`` says so.
        ``now`` is in microseconds."""
        if self.application is None or not self.watches:
            return False
        if self._reload_required is not None and self._asks_for_reload():
            return True
        if -1 < now - self._looked < LOOK_INTERVAL:
            return False
        modified = _modified(self.entry_point)
        if modified != self._modified and modified is not None:
            return True
        self._looked = now
        return False

    def _asks_for_reload(self) -> bool:
        try:
            return bool(self._reload_required(self.entry_point))
        except BaseException as error:
            self._log.text(
                "error",
                "mod_wsgi (pid=%d): Exception in reload_required() of '%s'.\n%s"
                % (os.getpid(), self.entry_point, format_exception(error)),
            )
            return False


def _refusal(error: ImportError, plan: dict) -> str:
    """What to do about a module that can't be loaded in a sub-interpreter. CPython's own text is
    "module NAME does not support loading in subinterpreters"."""
    text = str(error)
    name = error.name or text.split(_IN_SUB_INTERPRETERS)[0].replace("module", "", 1).strip()
    advice = "run the application in the main interpreter, without --application-group"
    if plan["applicationGroupGil"] == "own":
        advice = "leave --application-group-gil own out"
    message = "mod_wsgi (pid=%d): The module '%s' can't be loaded in the application group"
    return (message + " '%s': %s.") % (os.getpid(), name, plan["applicationGroup"], advice)


def _modified(path: str) -> int | None:
    """Time in nanoseconds; None while there is no such file, as when an editor replaces it."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


def _files_of(error: BaseException, modules: set[str]) -> set[str]:
    """Files whose change may mend a failed load: of the modules that it has imported, of the
    places in the traceback, and of a syntax error."""
    files = {getattr(sys.modules.get(name), "__file__", None) for name in modules}
    trace = error.__traceback__
    while trace is not None:
        files.add(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        files.add(error.filename)
    return {path for path in files if isinstance(path, str) and os.path.isabs(path)}


def _is_own(filename: str) -> bool:
    """Whether a module file is the user's own rather than Python's or an installed package's."""
    if "site-packages" in filename or "dist-packages" in filename:
        return False
    return not filename.startswith(os.path.dirname(os.__file__) + os.sep)
