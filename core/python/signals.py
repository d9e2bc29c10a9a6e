"""Keeps applications from taking over the signals that run the process."""

from __future__ import annotations

import os
import signal


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
    original = signal.signal
    pid = os.getpid()

    def intercepted(signalnum, handler):
        """signal.signal() of a process that a server manages: the handler is not installed."""
        if os.getpid() != pid:
            return original(signalnum, handler)
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
