"""Keeps applications from taking over the signals that run the process."""

from __future__ import annotations

import os
import signal


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
