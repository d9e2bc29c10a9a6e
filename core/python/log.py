"""The error log: one record a line, in the format of Apache's error log.

``[Mon Nov 23 09:42:51.123668 2026] [wsgi:error] [pid 7311:tid 7327] [remote 127.0.0.1:46866] text``
"""

from __future__ import annotations

import os
import sys
import time

from .threads import get_native_id, RLock, sleep

# From severe to chatty, as Apache's LogLevel has them.
LEVELS = ("emerg", "alert", "crit", "error", "warn", "notice", "info", "debug", "trace")

# Not strftime: its names follow the locale.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

_RETRY_DELAY = 0.002  # seconds, for a non-blocking descriptor that is full


class ErrorLog:
    """Writes records to a file descriptor. Never raises: there is nowhere to report to."""

    def __init__(self, target: dict, level: str) -> None:
        """``target`` is ``{"fd": n}`` or ``{"path": text}``; records less severe than ``level``
        are dropped. Raises OSError when the file can't be opened."""
        if "path" in target:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
            self._fd = os.open(target["path"], flags, 0o640)
        else:
            self._fd = target["fd"]
        self._limit = LEVELS.index(level) if level in LEVELS else LEVELS.index("warn")
        self._second = -1
        self._date = ("", "")
        self.reset()

    def fileno(self) -> int:
        return self._fd

    def reset(self) -> None:
        """Takes note of a new process: after a fork the lock may be held by a thread that no longer
        exists."""
        self._lock = RLock()
        self._pid = os.getpid()

    def allows(self, level: str) -> bool:
        return LEVELS.index(level) <= self._limit

    def write(self, level: str, lines: list[bytes], remote: str = "") -> None:
        """One record for each of ``lines``, written together. ``remote`` is the client's
        ``address:port`` inside a request."""
        if LEVELS.index(level) > self._limit:
            return
        prefix = self._prefix(level, remote)
        data = b"".join([prefix + line + b"\n" for line in lines])
        with self._lock:
            self._write_all(data)

    def text(self, level: str, message: str, remote: str = "") -> None:
        """The same for text."""
        lines = message.encode("utf-8", "backslashreplace").split(b"\n")
        self.write(level, lines, remote)

    def _prefix(self, level: str, remote: str) -> bytes:
        now = time.time_ns() // 1000
        second, micro = divmod(now, 1000000)
        if second != self._second:
            at = time.localtime(second)
            day = "[%s %s %02d %02d:%02d:%02d." % (
                _DAYS[at.tm_wday],
                _MONTHS[at.tm_mon - 1],
                at.tm_mday,
                at.tm_hour,
                at.tm_min,
                at.tm_sec,
            )
            date = (day, " %04d]" % at.tm_year)
            self._date = date
            self._second = second
        else:
            date = self._date
        text = "%s%06d%s [wsgi:%s] [pid %d:tid %d] " % (
            date[0],
            micro,
            date[1],
            level,
            self._pid,
            get_native_id(),
        )
        if remote:
            text += "[remote %s] " % remote
        return text.encode("ascii", "backslashreplace")

    def _write_all(self, data: bytes) -> None:
        while data:
            try:
                count = os.write(self._fd, data)
            except BlockingIOError:
                sleep(_RETRY_DELAY)
            except OSError:
                return
            else:
                data = data[count:]


def format_exception(error: BaseException) -> str:
    """The traceback of ``error`` without the frames of wsgi-express that lead to the application.
    Does not raise, whatever the exception's own methods do."""
    try:
        import traceback

        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename.startswith("<wsgi-express>"):
            trace = trace.tb_next
        lines = traceback.format_exception(type(error), error, trace)
        return "".join(lines).rstrip("\n")
    except Exception:
        return "%s (the exception could not be formatted: %s)" % (
            type(error).__name__,
            sys.exc_info()[0].__name__,
        )
