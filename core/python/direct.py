"""Embedded mode with one thread: the thread that speaks HTTP calls the application itself.

A request comes as the argument of a call and a small answer leaves as its result. Bodies and
responses in parts go through a function of TypeScript's that blocks where the client is slow; the
GIL is free meanwhile.
"""

from __future__ import annotations

from . import frames
from .channel import BODY_READ_SIZE, SocketChannel
from .worker import Worker

_SEND = 1
_RECEIVE = 2

worker: DirectWorker | None = None  # the worker of this process, once it is made


class DirectSocket:
    """The part of a socket's methods that a channel uses, over the function of TypeScript's at
    ``address``: ``int function(int operation, void *data, int size)``, negative when the client has
    gone."""

    def __init__(self, address: int) -> None:
        self._address = address
        self._function = None
        self._buffer = None

    def _call(self, operation: int, data, size: int) -> int:
        if self._function is None:
            # Loaded for the first request that needs it: many applications never do.
            import ctypes

            prototype = ctypes.CFUNCTYPE(
                ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_int
            )
            self._function = prototype(self._address)
            self._buffer = ctypes.create_string_buffer(BODY_READ_SIZE)
            self._string_at = ctypes.string_at
        return self._function(operation, self._buffer if data is None else data, size)

    def sendall(self, data: bytes) -> None:
        if type(data) is not bytes:
            data = bytes(data)
        if self._call(_SEND, data, len(data)) < 0:
            raise BrokenPipeError("the client connection was closed")

    def sendmsg(self, parts: list) -> int:
        size = 0
        for part in parts:
            self.sendall(part)
            size += len(part)
        return size

    def recv(self, size: int) -> bytes:
        count = self._call(_RECEIVE, None, min(size, BODY_READ_SIZE))
        return self._string_at(self._buffer, count) if count > 0 else b""

    def shutdown(self, how: int) -> None:
        pass

    def close(self) -> None:
        pass


class DirectChannel(SocketChannel):
    """A channel that is always connected."""

    __slots__ = ("_direct",)

    def __init__(self, address: int) -> None:
        super().__init__({"kind": "direct"}, "", 0, 1)
        self._direct = DirectSocket(address)
        self.reset()

    def reset(self) -> None:
        """A new request begins."""
        self._socket = self._direct
        self._left = 0
        self.broken = False
        self.closed = self.bound = self._body_open = False
        self.request_number = 1

    def _check_client(self) -> None:
        """Sending tells whether the client is gone."""

    def send_file(self, fd: int, offset: int, count: int) -> None:
        """Sends ``count`` bytes of a regular file as data frames. Raises OSError."""
        with open(fd, "rb", buffering=0, closefd=False) as file:
            file.seek(offset)
            while count:
                data = file.read(min(count, BODY_READ_SIZE))
                if not data:
                    self._fail()
                self.send(frames.FRAME.pack(frames.DATA, len(data)))
                self.send(data)
                count -= len(data)


class DirectInbox:
    """In the place of `Inbox`, for what `Worker` asks of it."""

    def __init__(self, channel: DirectChannel) -> None:
        self.parked: set[int] = set()
        self._channel = channel

    def answer(self, number: int, frame: bytes, now: float, duration: float) -> None:
        """Sends the frame that answers the request."""
        try:
            self._channel.send(frame)
        except OSError:
            pass  # the client has gone

    def stop(self) -> None:
        """There is no thread to wake."""

    def refuse_rest(self) -> None:
        """Nothing waits."""

    def leave_to_child(self) -> None:
        """There is no socket to close."""


class DirectWorker(Worker):
    """The one worker; its thread is Python's main thread, and serves between its other duties."""

    __slots__ = ()

    def adopt_thread(self) -> None:
        """To be called once by the thread that will call `serve`. There is no thread to wait for."""
        self._take_thread()
        self.left.release()

    def define(self, text: str) -> bytes:
        """Learns the names of a shape, see `EnvironShapes`."""
        self._process.shapes.define(text)
        return b""

    def serve(self, text: str) -> bytes:
        """Serves a request without a body; the frame that completes its response, or nothing when it
        was sent. Where the frame says that the request lingers, `go_on` is to be called next."""
        return self._serve_one(text, 0, b"")

    def serve_with_body(self, data: str) -> bytes:
        """The same with a body. ``data`` is ISO 8859-1 text: kind of body (a character), length of
        the environ text (8 hexadecimal digits), environ text, body."""
        end = 9 + int(data[1:9], 16)
        return self._serve_one(data[9:end], ord(data[0]), data[end:].encode("latin-1"))

    def go_on(self, text: str) -> bytes:
        """Serves the rest of a request whose frame says that it lingers, once that is sent."""
        self.serve_rest(None)
        return b""

    def _serve_one(self, text: str, kind: int, body: bytes) -> bytes:
        channel = self.channel
        if self._process.stopping:
            return frames.not_taken_frame("shutting_down")
        channel.reset()
        frame = self.handle(text, kind, body)
        if channel.bound:
            channel.finish(frame)
            return b""
        return frame if frame is not None else b""
