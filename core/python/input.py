"""``wsgi.input``: the body of a request (PEP 3333, "Input and Error Streams")."""

from __future__ import annotations

from . import frames

_ERRORS = {
    frames.CLIENT_GONE: (400, "the client connection was closed before the body was complete"),
    frames.TIMED_OUT: (408, "the client did not send the body in time"),
    frames.MALFORMED: (400, "the body is malformed"),
    frames.TOO_LARGE: (413, "the body is larger than allowed"),
}

# States of the channel's side.
_NOTHING_MORE = 0
_NOT_ASKED = 1
_STREAMING = 2
_EXPIRED = 3


class InputError(OSError):
    """Reading the body failed; every later read fails the same way. ``status`` is what the client
    is told when the application does not handle it."""

    __module__ = "mod_wsgi"

    def __init__(self, cause: int) -> None:
        self.status, reason = _ERRORS.get(cause, _ERRORS[frames.CLIENT_GONE])
        super().__init__("request data read error: " + reason)


class Input:
    """A binary stream without seek. Reads from the channel only what is asked for: the first read
    that needs more than the request frame brought is what starts the transfer."""

    __module__ = "mod_wsgi"
    __slots__ = ("_channel", "_state", "_data", "_at", "_cause")

    def __init__(self, channel, kind: int, data: bytes) -> None:
        self._channel = channel
        self._state = _NOT_ASKED if kind == 2 else _NOTHING_MORE
        self._data = data
        self._at = 0

    def read(self, size: int | None = -1) -> bytes:
        """``size`` bytes or what is left before the end; everything when ``size`` is negative or
        None. ``read(0)`` reads nothing, but makes the client start sending."""
        data = self._data
        if size is None or size < 0:
            if self._state:
                return self._read_all()
            at = self._at
            self._at = len(data)
            return data[at:] if at else data
        at = self._at
        end = at + size
        if end <= len(data) and (size or not self._state):
            self._at = end
            return data[at:end]
        if self._state:
            return self._read_exactly(size)
        self._at = len(data)
        return data[at:]

    def _read_all(self) -> bytes:
        parts = [self._take_buffered()]
        while True:
            part = self._receive()
            if not part:
                return b"".join(parts)
            parts.append(part)

    def _read_exactly(self, size: int) -> bytes:
        if not size:
            if self._state == _NOT_ASKED:
                self._ask()
            return b""
        first = self._take_buffered()
        parts = [first]
        missing = size - len(first)
        while missing:
            part = self._receive()
            if not part:
                break
            if len(part) > missing:
                self._data = part
                self._at = missing
                part = part[:missing]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def readline(self, size: int | None = -1) -> bytes:
        """Up to and with the next newline, at most ``size`` bytes unless negative or None."""
        limit = -1 if size is None or size < 0 else size
        if limit == 0:
            return self.read(0)
        if self._state:
            self._check()
        parts = []
        while True:
            data = self._data
            at = self._at
            end = data.find(b"\n", at) + 1 or len(data)
            if 0 <= limit < end - at:
                end = at + limit
            piece = data[at:end]
            self._at = end
            if piece:
                parts.append(piece)
                limit -= len(piece) if limit > 0 else 0
                if piece[-1] == 10 or limit == 0:
                    break
            part = self._receive()
            if not part:
                break
            self._data = part
            self._at = 0
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readlines(self, hint: int | None = -1) -> list[bytes]:
        """The remaining lines; stops after about ``hint`` bytes if that is positive."""
        lines = []
        total = 0
        for line in self:
            lines.append(line)
            total += len(line)
            if hint is not None and 0 < hint <= total:
                break
        return lines

    def __iter__(self) -> Input:
        return self

    def __next__(self) -> bytes:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def close(self) -> None:
        """Does nothing: the stream belongs to the server."""

    def _take_buffered(self) -> bytes:
        self._check()
        data = self._data[self._at :] if self._at else self._data
        self._data = b""
        self._at = 0
        return data

    def _ask(self) -> None:
        """Starts the transfer, unless another thread has done so, or ended the request."""
        self._check()
        channel = self._channel
        with channel.sending:
            if self._state == _NOT_ASKED:
                self._state = _STREAMING
                try:
                    channel.request_body()
                except OSError:
                    self._fail(frames.CLIENT_GONE)

    def _receive(self) -> bytes:
        """The next bytes from the channel, empty at the end of the body."""
        if self._state == _NOTHING_MORE:
            return b""
        self._check()
        channel = self._channel
        with channel.receiving:
            if self._state == _NOT_ASKED:
                self._ask()
            if self._state == _NOTHING_MORE:  # another thread was faster
                return b""
            self._check()
            part = channel.receive_body()
            self._check()
            if part.__class__ is bytes:
                return part
            if part == frames.COMPLETE:
                self._state = _NOTHING_MORE
                return b""
            return self._fail(part)

    def _check(self) -> None:
        """Raises what every read raises from now on, if there is such a thing; and what this thread
        is told where it can't use the channel."""
        if self._state == _EXPIRED:
            if self._cause:
                raise InputError(self._cause)
            raise RuntimeError("the request has ended, its body can no longer be read")
        self._channel.check_thread()

    def _fail(self, cause: int) -> bytes:
        self._state = _EXPIRED
        self._cause = cause
        raise InputError(cause)

    def expire(self) -> None:
        """To be called before the request ends: from now on every read fails, in whatever thread,
        and one that is under way as soon as something comes."""
        if self._state == _NOT_ASKED or self._state == _STREAMING:
            with self._channel.sending:
                self._cause = 0
                self._state = _EXPIRED
