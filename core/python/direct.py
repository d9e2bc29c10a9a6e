"""Embedded mode with one thread: the thread that speaks HTTP calls the application itself.

Requests come as the argument of a call and small answers leave as its result. Bodies and responses
in parts go through a function of TypeScript's that blocks where the client is slow; the GIL is free
meanwhile.
"""

from __future__ import annotations

from time import monotonic

from . import frames
from .channel import BODY_READ_SIZE, SocketChannel
from .threads import get_ident
from .worker import Worker

# Operations of TypeScript's function: frames of a request that uses its channel, a part of its
# request's body to receive, answers of other requests, a part of its response's body.
_SEND = 1
_RECEIVE = 2
_ANSWER = 3
_SEND_DATA = 4

# Between environ texts. No value in them can be a control character: those that a client chooses
# are without (header values), or begin with a slash (paths).
_SEPARATOR = "\0\2\0"
TOGETHER = 0.002  # seconds; no request is begun behind others that took so long
MOST_TOGETHER = 16  # as `MOST` in core/application/batch_size.ts
_TAKES = tuple(map(frames.take_frame, range(MOST_TOGETHER + 1)))

worker: DirectWorker | None = None  # the worker of this process, once it is made


class DirectSocket:
    """The part of a socket's methods that a channel uses, over the function of TypeScript's at
    ``address``: ``int function(int operation, void *data, int size)``, negative when the client has
    gone. ``answers``: frames of other requests, which leave before anything else does. ``used``:
    it has been called for the request that is being served."""

    def __init__(self, address: int) -> None:
        self.answers: list[bytes] = []
        self.used = False
        self._address = address
        self._function = None
        self._buffer = None

    def _load(self) -> None:
        # For the first request that needs it: many applications never do.
        import ctypes

        prototype = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
        self._function = prototype(self._address)
        self._buffer = ctypes.create_string_buffer(BODY_READ_SIZE)
        self._string_at = ctypes.string_at

    def _call(self, operation: int, data, size: int) -> int:
        if self._function is None:
            self._load()
        if self.answers:
            self.flush()
        self.used = True
        return self._function(operation, self._buffer if data is None else data, size)

    def flush(self) -> None:
        """Sends the answers that there are."""
        if self._function is None:
            self._load()
        data = b"".join(self.answers)
        self.answers.clear()
        self._function(_ANSWER, data, len(data))

    def sendall(self, data: bytes) -> None:
        if type(data) is not bytes:
            data = bytes(data)
        if self._call(_SEND, data, len(data)) < 0:
            raise BrokenPipeError("the client connection was closed")

    def send_data(self, data) -> None:
        """Sends a part of the response's body, whose head has been sent."""
        if type(data) is not bytes:
            data = bytes(data)
        if self._call(_SEND_DATA, data, len(data)) < 0:
            raise BrokenPipeError("the client connection was closed")

    def recv(self, size: int) -> bytes:
        count = self._call(_RECEIVE, None, min(size, BODY_READ_SIZE))
        return self._string_at(self._buffer, count) if count > 0 else b""

    def leave_to_child(self) -> None:
        """After a fork, in the child: there is nobody to call."""
        self._function = lambda *_: -1

    def shutdown(self, how: int) -> None:
        pass

    def close(self) -> None:
        pass


class DirectChannel(SocketChannel):
    """A channel that is always connected. Only the thread that makes it can use it: what it calls
    is TypeScript's, which another thread would wait for until this one returns to the event loop.
    """

    __slots__ = ("socket", "_thread_id")

    def __init__(self, address: int) -> None:
        super().__init__({"kind": "direct"}, "", 0, 1)
        self._thread_id = get_ident()
        self.socket = DirectSocket(address)
        self.reset()

    def reset(self) -> None:
        """Forgets the request that used it."""
        self._socket = self.socket
        self.socket.used = False
        self._left = 0
        self.broken = False
        self.closed = self.bound = self._body_open = self._torn = False

    def check_thread(self) -> None:
        """Raises RuntimeError unless it is called by the one thread."""
        if get_ident() != self._thread_id:
            raise RuntimeError(
                "with --embedded-mode and --threads 1, only the thread that called the application "
                "can read a body that is not here yet, or write(); try --threads 2"
            )

    def _check_client(self) -> None:
        """Sending tells whether the client is gone."""

    def _leave_body(self) -> None:
        """The next request begins anew."""

    def send_data(self, data) -> None:
        try:
            self.socket.send_data(data)
        except OSError:
            self._fail()

    def send_file(self, fd: int, offset: int, count: int) -> None:
        """Sends ``count`` bytes of a regular file as data frames. A file that is shorter than that
        ends in an abort. Raises OSError."""
        with open(fd, "rb", buffering=0, closefd=False) as file:
            file.seek(offset)
            while count:
                data = file.read(min(count, BODY_READ_SIZE))
                if not data:
                    self.broken = True
                    raise BrokenPipeError("the file is shorter than it was")
                self.send_data(data)
                count -= len(data)


class DirectInbox:
    """In the place of `Inbox`, for what `Worker` asks of it."""

    def __init__(self, channel: DirectChannel) -> None:
        self.parked: set[int] = set()
        self._socket = channel.socket

    def answer(self, number: int, frame: bytes, now: float, duration: float) -> None:
        """Sends the frame that answers the request."""
        self._socket.answers.append(_TAKES[number] + frame)
        self._socket.flush()

    def stop(self) -> None:
        """There is no thread to wake."""

    def refuse_rest(self) -> None:
        """Nothing waits."""

    def leave_to_child(self) -> None:
        """After a fork, in the child."""
        self._socket.leave_to_child()


class DirectWorker(Worker):
    """The one worker; its thread is Python's main thread, and serves between its other duties."""

    __slots__ = ()

    def adopt_thread(self) -> None:
        """To be called once by the thread that will call `serve`. There is no thread to wait for."""
        self._take_thread()
        self.left.release()

    def define(self, text: str) -> bytes:
        """Learns or forgets a shape, see `EnvironShapes`."""
        self._process.shapes.define(text)
        return b""

    def serve(self, data: str) -> bytes:
        """Serves requests without a body, given as environ texts with `_SEPARATOR` between them, one
        after the other. Stops behind one that ends `TOGETHER` after the beginning.

        Returns the frames of their answers, each behind one with the number of its request (from
        1), but for what was sent already. Where the last one says that its request lingers, `go_on`
        is to be called next."""
        return self._serve(data.split(_SEPARATOR), 0, b"")

    def serve_with_body(self, data: str) -> bytes:
        """The same for one request with a body. ``data`` is ISO 8859-1 text: kind of body (a
        character), length of the environ text (8 hexadecimal digits), environ text, body."""
        end = 9 + int(data[1:9], 16)
        return self._serve((data[9:end],), ord(data[0]), data[end:].encode("latin-1"))

    def go_on(self, text: str) -> bytes:
        """Serves the rest of a request whose frame says that it lingers, once that is sent. Returns
        the frame that ends it."""
        frame = self.serve_rest(frames.FINISH_FRAME)
        self._process.leave_child()
        return frame or b""

    def _serve(self, texts, kind: int, body: bytes) -> bytes:
        channel = self.channel
        answers = channel.socket.answers
        answers.clear()
        if self._rest is not None:  # the call that should have gone on with it failed
            self.serve_rest(None)
        begun = monotonic()
        number = 0
        for text in texts:
            number += 1
            if self._process.stopping:
                frame = frames.not_taken_frame("shutting_down")
                answers.append(_TAKES[number] + frame)
                continue
            if channel.socket.used:
                channel.reset()
            channel.request_number = number
            frame = self.handle(text, kind, body)
            self._process.leave_child()
            if channel.bound:
                channel.finish(frame)
            elif frame is not None:
                answers.append(_TAKES[number] + frame)
            if self._rest is not None:
                if number == len(texts) or self.is_observed or monotonic() - begun > TOGETHER:
                    break
                frame = self.serve_rest(frames.FINISH_FRAME)
                self._process.leave_child()
                if frame is not None:
                    answers.append(frame)
            if self.ended - begun > TOGETHER:
                break
        frame = b"".join(answers)
        answers.clear()
        return frame
