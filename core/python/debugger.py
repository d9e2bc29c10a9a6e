"""pdb on the terminal: after an exception of the application, and at the start.

Requests run on a thread that is not Python's main thread; pdb reads from the terminal there too.
"""

from __future__ import annotations

import os
import sys
from bdb import BdbQuit
from pdb import Pdb

from .debugging import Wrapper


class ScriptPdb(Pdb):
    """Takes ``break PATH:LINE`` for files of any name: CPython 3.13 only looks for ``.py``."""

    def lookupmodule(self, filename):
        if os.path.isabs(filename) and os.path.isfile(filename):
            return filename
        return super().lookupmodule(filename)


class Debugger:
    """One pdb for all, so that breakpoints set at the start are still there in requests."""

    def __init__(self) -> None:
        # Without a SIGINT handler of its own: that signal ends the server.
        self._pdb = ScriptPdb(nosigint=True)

    def enter(self) -> None:
        """Stops here, for the commands of whoever sits at the terminal."""
        print("The application is loaded. Set breakpoints, then enter 'continue' to serve.")
        try:
            self._stop()
        except BdbQuit:
            pass  # 'quit' is as good

    def _stop(self) -> None:
        self._pdb.set_trace(sys._getframe())

    def application(self, application) -> Debugged:
        return Debugged(application, self._pdb)


class Debugged(Wrapper):
    """Enters pdb where the application, its iterable or ``close`` raises."""

    def __init__(self, application, pdb: Pdb) -> None:
        super().__init__(application)
        self._pdb = pdb

    def step(self, function, *arguments):
        if self._pdb.breaks:
            self._watch_breakpoints()
        try:
            return function(*arguments)
        except BdbQuit:
            raise
        except Exception:
            trace = sys.exc_info()[2]
            if trace is not None and trace.tb_next is not None:
                trace = trace.tb_next  # the application's frames only
            self._pdb.reset()
            self._pdb.interaction(None, trace)
            raise
        finally:
            if sys.gettrace() == self._pdb.trace_dispatch:
                sys.settrace(None)

    def _watch_breakpoints(self) -> None:
        """Tracing is a matter of each thread: pdb was told on another one."""
        pdb = self._pdb
        pdb.reset()
        pdb.botframe = sys._getframe(1)
        pdb.set_continue()
        sys.settrace(pdb.trace_dispatch)
