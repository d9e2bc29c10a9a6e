"""``sys.stdout``, ``sys.stderr`` and ``wsgi.errors``: text streams whose lines are log records."""

from __future__ import annotations

import io
from sys import getrefcount

from .threads import get_ident, local, RLock

LEVEL = "error"  # of everything an application prints


def text_stream(log: Log) -> io.TextIOWrapper:
    """The text layer of a Log. It hands on every write at once; `Log` is what waits for the end of
    the line."""
    return io.TextIOWrapper(log, "utf-8", "replace", newline="", write_through=True)


class Log:
    """A binary stream, write-only. Each line is one record; a part of a line waits for its newline,
    for ``flush()`` or for the end of the request."""

    __module__ = "mod_wsgi"
    encoding = "utf-8"
    errors = "replace"
    closed = False
    mode = "w"

    def __init__(self, log, workers: dict, name: str) -> None:
        """``workers``: thread identifier → worker, to find the request a thread is serving."""
        self.name = name
        self._log = log
        self._workers = workers
        self._local = local()

    def __repr__(self) -> str:
        return "<mod_wsgi.Log name=%r>" % self.name

    def write(self, data) -> int:
        """Takes bytes, anything with a buffer, and str. Returns the length of ``data``."""
        size = len(data)
        if isinstance(data, str):
            data = data.encode("utf-8", "backslashreplace")
        elif not isinstance(data, bytes):
            data = memoryview(data).tobytes()
            size = len(data)
        pending = self._pending()
        end = data.rfind(b"\n")
        if end < 0:
            if data:
                pending.keep(data)
        else:
            lines = (pending.take() + data[:end]).split(b"\n")
            self._emit(lines, pending)
            if end + 1 < len(data):
                pending.keep(data[end + 1 :])
        return size

    def writelines(self, lines) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        pending = self._pending()
        if pending.parts:
            pending.flush()

    def close(self) -> None:
        """Only flushes: the log stays open as long as the process."""
        self.flush()

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        raise io.UnsupportedOperation("a log stream has no file descriptor")

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def _pending(self) -> _Pending:
        """The part of a line the calling thread has written so far."""
        local = self._local
        try:
            pending = local.pending
        except AttributeError:
            pending = local.pending = _Pending(self._log, None)
        if pending.worker is None:
            # The thread may have become a worker's since it wrote for the first time.
            worker = self._workers.get(get_ident())
            if worker is not None:
                pending.worker = worker
                worker.printed.append(pending)
        return pending

    def _emit(self, lines: list[bytes], pending: _Pending) -> None:
        worker = pending.worker
        self._log.write(LEVEL, lines, worker.remote() if worker is not None else "")


class RequestLog(Log):
    """The Log of one request's ``wsgi.errors``. After the request it refuses to be written to."""

    __module__ = "mod_wsgi"

    def __init__(self, log, worker) -> None:
        self.name = "<wsgi.errors>"
        self.pending = _Pending(log, worker)
        self._log = log

    def _pending(self) -> _Pending:
        return self.pending

    def write(self, data) -> int:
        if self.pending is _EXPIRED:
            raise RuntimeError("wsgi.errors can't be used after the end of the request")
        return super().write(data)

    def expire(self) -> None:
        self.flush()
        self.pending = _EXPIRED


class RequestErrors(io.TextIOWrapper):
    """``wsgi.errors``: the text layer of a RequestLog, which an application knows as what it is
    derived from."""

    __module__ = "_io"


RequestErrors.__name__ = RequestErrors.__qualname__ = "TextIOWrapper"


class _UnusedErrors(RequestErrors):
    """A RequestErrors before its first use, which most requests never see. What the text layer
    needs takes ten times as long as making this, and is made when the application asks for the
    first attribute."""

    __module__ = "_io"

    def __init__(self, streams: RequestStreams) -> None:
        self._streams = streams

    def __getattribute__(self, attribute: str):
        return getattr(_used(self), attribute)

    def __repr__(self) -> str:
        return repr(_used(self))

    def __del__(self) -> None:
        """Nothing was written."""


_UnusedErrors.__name__ = _UnusedErrors.__qualname__ = "TextIOWrapper"


def _used(stream: _UnusedErrors) -> RequestErrors:
    with _first_use:
        if type(stream) is _UnusedErrors:  # no other thread was faster
            log = object.__getattribute__(stream, "_streams").log_of(stream)
            RequestErrors.__init__(stream, log, "utf-8", "replace", newline="", write_through=True)
            stream.__class__ = RequestErrors
    return stream


_first_use = RLock()


class RequestStreams:
    """The ``wsgi.errors`` of one worker's requests: the same for many, until an environ outlives
    its request and so gets its stream taken away. ``stream`` is that of the running request."""

    __slots__ = ("stream", "_request_log", "_log", "_worker", "_references")

    def __init__(self, log, worker) -> None:
        self._log = log
        self._worker = worker
        self._renew()

    def _renew(self) -> None:
        self._request_log: RequestLog | None = None
        self.stream = _UnusedErrors(self)
        self._references = getrefcount(self.stream)

    def log_of(self, stream: RequestErrors) -> RequestLog:
        """The log for a stream that is used for the first time."""
        log = RequestLog(self._log, self._worker)
        if stream is self.stream:
            self._request_log = log
        else:
            log.expire()
        return log

    def end_request(self) -> None:
        """Writes what is unfinished; prepares for the next request."""
        log = self._request_log
        if getrefcount(self.stream) != self._references:
            if log is not None:
                log.expire()
            self._renew()
        elif log is not None and log.pending.parts:
            log.flush()


class _Pending:
    """The unfinished line of one thread. A thread that ends leaves it to be written."""

    __slots__ = ("worker", "parts", "_log")

    def __init__(self, log, worker) -> None:
        self._log = log
        self.worker = worker
        self.parts: list[bytes] = []

    def keep(self, data: bytes) -> None:
        self.parts.append(data)

    def take(self) -> bytes:
        parts = self.parts
        if not parts:
            return b""
        self.parts = []
        return b"".join(parts)

    def flush(self) -> None:
        if self.parts:
            worker = self.worker
            self._log.write(LEVEL, [self.take()], worker.remote() if worker is not None else "")

    def __del__(self) -> None:
        self.flush()


_EXPIRED = _Pending(None, None)
