"""The trunk: the socket over which all requests of the process come and its small answers go.

One thread at a time reads it. For short requests that is always the same one: it takes a batch of
requests with one system call, serves them one after the other without giving up the GIL, and sends
their answers with one call. The gateway wakes more threads when a request turns out to take longer.
"""

from __future__ import annotations

from collections import deque
from struct import Struct

import _socket

from . import bell, frames
from .channel import ProtocolError, open_socket
from .environ import EnvironShapes
from .memory_pipe import MemoryPipe
from .threads import allocate_lock

READ_SIZE = 65536  # bytes asked of one recv
_PREFIX = frames.REQUEST_PREFIX
_PREFIX_SIZE = _PREFIX.size
_unpack_request = _PREFIX.unpack_from
_pack_take = Struct("<BII").pack

# An answer may wait for those of the requests after it, if these are short too.
SHORT_REQUEST = 0.0001  # seconds
LONGEST_WAIT = 0.0003  # seconds


class Inbox:
    """Requests that wait for a thread, and answers that wait to be sent. Used by all workers."""

    def __init__(self, trunk, shapes: EnvironShapes) -> None:
        """``trunk`` is a connected socket, or what stands for one."""
        self._shapes = shapes
        self.parked: set[int] = set()  # numbers of the workers that wait on their own channel
        self._queue: deque = deque()
        self._answers: deque = deque()
        self._oldest = 0.0  # when the first of them was put there (`time.monotonic`)
        self._rest = b""
        self._reading = allocate_lock()
        self._sending = allocate_lock()
        self._bell = bell.Bell() if bell.NEEDED else None
        self._socket = trunk
        self._queues_up = False  # threads wait for their turn to receive

    def next(self) -> tuple[int, str, int, bytes] | None:
        """The next request: number, environ text, kind of body, what came of the body. Waits for
        one, unless another thread does already and is enough: then, and at the end of the trunk,
        None."""
        queue = self._queue
        while True:
            if queue:
                try:
                    return queue.popleft()
                except IndexError:
                    pass  # another thread was faster
            if self._answers:
                self.flush()
            if not self._reading.acquire(self._queues_up):
                return None
            try:
                if not queue and not self._receive():
                    return None
            finally:
                self._reading.release()

    def _receive(self) -> bool:
        """Waits for requests and queues them; False at the end of the trunk."""
        rest = self._rest
        while True:
            try:
                if self._bell is not None and not self._bell.wait(self._socket):
                    return False
                data = self._socket.recv(READ_SIZE)
            except OSError:
                data = b""
            if not data:
                return False
            if rest:
                data = rest + data
            self._rest = rest = self._split(data)
            if self._queue:
                return True

    def _split(self, data: bytes) -> bytes:
        """Queues the requests that are complete in ``data``, and gives what is left."""
        at = 0
        size = len(data)
        while size - at >= _PREFIX_SIZE:
            kind, length, number, environ_length, body_kind = _unpack_request(data, at)
            end = at + 5 + length
            if end > size:
                break
            if kind != frames.REQUEST:
                if kind != frames.SHAPE:
                    raise ProtocolError("frame of type %d where a request was expected" % kind)
                self._shapes.define(data[at + 5 : end].decode("latin-1"))
                at = end
                continue
            environ_end = at + _PREFIX_SIZE + environ_length
            text = data[at + _PREFIX_SIZE : environ_end].decode("latin-1")
            self._queue.append((number, text, body_kind, data[environ_end:end]))
            at = end
        return data[at:] if at else data

    def answer(self, number: int, frame: bytes, now: float, duration: float) -> None:
        """Sends the frame that answers a request, or keeps it for the next `flush` where that will
        be soon. ``now`` is `time.monotonic`, ``duration`` how many seconds the request took."""
        answers = self._answers
        if not answers:
            self._oldest = now
        answers.append(_pack_take(frames.TAKE, 4, number) + frame)
        if (
            duration > SHORT_REQUEST
            or not self._queue
            or not self.parked  # nobody would send it if the next request took long
            or now - self._oldest > LONGEST_WAIT
        ):
            self.flush()

    def flush(self) -> None:
        """Sends the answers that wait."""
        answers = self._answers
        with self._sending:
            parts = []
            try:
                while True:
                    parts.append(answers.popleft())
            except IndexError:
                pass
            if parts:
                try:
                    self._socket.sendall(b"".join(parts) if len(parts) > 1 else parts[0])
                except OSError:
                    pass  # the server is gone, and this process will be

    def set_pace(self, long: bool) -> None:
        """Where threads run at the same time: whether requests take long, so that each thread is to
        go on to the next one, or one thread is enough."""
        self._queues_up = long
        with self._sending:
            try:
                self._socket.sendall(frames.pace_frame(long))
            except OSError:
                pass  # as in `flush`

    def stop(self) -> None:
        """Wakes the threads that wait for requests."""
        if self._bell is not None:
            self._bell.ring()
            return
        try:
            self._socket.shutdown(_socket.SHUT_RD)
        except OSError:
            pass

    def refuse_rest(self) -> None:
        """Gives back the requests that no thread has taken."""
        request = self.next()
        while request is not None:
            self.answer(request[0], frames.not_taken_frame("shutting_down"), 0.0, 1.0)
            request = self.next()

    def leave_to_child(self) -> None:
        """After a fork, in the child: the socket is the parent's, and a thread that held a lock
        doesn't exist."""
        self._socket.close()
        self._reading = allocate_lock()
        self._sending = allocate_lock()


class MemoryInbox(Inbox):
    """The inbox of a process whose trunk is memory: sending costs no system call, so an answer goes
    at once."""

    def answer(self, number: int, frame: bytes, now: float, duration: float) -> None:
        self._socket.sendall(_pack_take(frames.TAKE, 4, number) + frame)


def make_inbox(process) -> Inbox:
    """The inbox of a process, connected. Raises OSError."""
    plan = process.plan
    bells = plan.get("bells")
    if bells:
        pipe = MemoryPipe(process.memory, bells["reader"], bells["loop"])
        return MemoryInbox(pipe, process.shapes)
    trunk = open_socket(plan["gateway"], 0)
    trunk.sendall(frames.hello_frame(plan["secret"], plan["instance"], 0, 0))
    return Inbox(trunk, process.shapes)
