"""Keeps applications from taking over the signals that run the process."""

from __future__ import annotations

import os
import signal

from .threads import local

_set_handler = signal.signal
# What the process does about these is the business of threads that a forked child doesn't have.
_HANDLED_OUTSIDE = ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1")


def dump_on_signal(log_fd: int) -> None:
    """Lets SIGQUIT write the stacks of all Python threads to the log. The handler is C code that
    does not wait for the GIL, so it also shows what holds it."""
    try:
        import faulthandler

        faulthandler.register(signal.SIGQUIT, file=log_fd, all_threads=True, chain=False)
    except (ImportError, AttributeError, OSError, ValueError, RuntimeError):
        pass  # not on this system (Windows)


def intercept_signals(log) -> None:
    """Replaces ``signal.signal`` by a function that changes nothing and logs a warning with the
    place it was called from. In a forked child it works as ever."""
    pid = os.getpid()

    def intercepted(signalnum, handler):
        """signal.signal() of a process that a server manages: the handler is not installed."""
        if os.getpid() != pid:
            return _set_handler(signalnum, handler)
        import traceback

        stack = "".join(traceback.format_stack()[:-1])
        log.text(
            "warn",
            "mod_wsgi (pid=%d): Callback registration for signal %d ignored.\n%s"
            % (pid, int(signalnum), stack.rstrip("\n")),
        )
        return signal.getsignal(signalnum)

    intercepted.__name__ = intercepted.__qualname__ = "signal"
    intercepted.__module__ = "signal"
    signal.signal = intercepted


class ForkSignals:
    """Gives a forked child the signals that end or replace the process: they do to it what they do
    to any program, unless Python has a handler for them. Between the fork and that, they wait."""

    def __init__(self) -> None:
        self._numbers = {
            getattr(signal, name) for name in _HANDLED_OUTSIDE if hasattr(signal, name)
        }
        self._held = local()  # those that the forking thread holds back

    def before(self) -> None:
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, self._numbers)
        self._held.numbers = self._numbers - blocked

    def after_in_parent(self) -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._held.numbers)

    def after_in_child(self) -> None:
        for number in self._numbers:
            if callable(signal.getsignal(number)):
                continue
            try:
                _set_handler(number, signal.SIG_DFL)
            except ValueError:
                pass  # not on the main thread of the main interpreter
        self.after_in_parent()
