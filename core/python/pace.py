"""Whether requests take long, where threads run Python code at the same time.

Then a thread for each request is worth waking as soon as the request comes. Short ones are served
faster by one thread that takes them one after the other: waking a second takes longer than that.
"""

from __future__ import annotations

import sys

from .threads import allocate_lock

_LONG = 0.0001  # seconds
_MOST = 24  # weight of the requests that change the verdict
_WEIGHT = 3  # of a long one: it is worth a thread where there are several short ones for it


def has_gil() -> bool:
    """Whether one thread at a time runs Python code."""
    is_enabled = getattr(sys, "_is_gil_enabled", None)  # since 3.13
    return is_enabled is None or is_enabled()


class Pace:
    """The requests of a process without the global interpreter lock."""

    def __init__(self, inbox) -> None:
        self._inbox = inbox
        self._long = False
        self._count = 0
        self._changing = allocate_lock()

    def note(self, seconds: float) -> None:
        """A request took so long. That two threads at once may count as one does not matter."""
        count = self._count
        if seconds > _LONG:
            if count < _MOST:
                self._count = count + _WEIGHT
            elif not self._long:
                self._change(True)
        elif count > 0:
            self._count = count - 1
        elif self._long:
            self._change(False)

    def _change(self, long: bool) -> None:
        with self._changing:
            if self._long is not long:
                self._long = long
                self._inbox.set_pace(long)


def paced(base: type, pace: Pace) -> type:
    """The class of workers ``base``, whose requests are noted."""

    class PacedWorker(base):
        __slots__ = ()

        def _end(self, frame, *served) -> bytes | None:
            frame = super()._end(frame, *served)
            pace.note(self.ended - self.started)
            return frame

    return PacedWorker
