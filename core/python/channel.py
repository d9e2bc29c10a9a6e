"""A thread's channel: one stream socket to the gateway, for bodies and responses in parts.

What the rest of the Python half uses of a channel is small, so that another transport can stand in:
``broken``, ``bound``, ``sending``, ``receiving``, ``release_locks()``, ``check_thread()``,
``send(frame)``, ``send_data(data)``, ``send_file(fd, offset, count)``, ``request_body()``,
``receive_body()`` and ``drop_body()``.
"""

from __future__ import annotations

import os
import select
import sys

import _socket

from . import bell, frames
from .pace import has_gil
from .threads import get_native_id, poll, RLock, wait_readable

BODY_READ_SIZE = 262144  # bytes asked of one recv while a body is streamed
_unpack_frame = frames.FRAME.unpack


class ProtocolError(Exception):
    """The gateway sent something the protocol has no place for."""


def open_socket(address: dict, thread: int) -> _socket.socket:
    """A connected, blocking socket to ``address``, one of the forms of the plan: ``unix`` (path),
    ``tcp`` (host, port), ``fd`` (fd) or ``fds`` (that of the trunk, then one for each thread).
    Raises OSError."""
    kind = address["kind"]
    if kind == "fd":
        return _socket.socket(fileno=address["fd"])
    if kind == "fds":
        return _socket.socket(fileno=address["fds"][thread])
    if kind == "unix":
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        target = address["path"]
    else:
        connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        target = (address["host"], address["port"])
    try:
        connection.connect(target)
        if kind == "tcp":
            connection.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
    except BaseException:
        connection.close()
        raise
    return connection


def readable(sockets: list, timeout: float | None) -> list:
    """Those of ``sockets`` that have something to read or have ended, after waiting for the first
    at most ``timeout`` seconds."""
    if poll is None:
        return wait_readable(sockets, [], [], timeout)[0]
    poller = poll()
    by_fd = {}
    for each in sockets:
        by_fd[each.fileno()] = each
        poller.register(each, select.POLLIN)
    found = poller.poll(None if timeout is None else timeout * 1000)
    return [by_fd[fd] for fd, _ in found]


class SocketChannel:
    """Receives body parts, sends frames. It belongs to one thread, but an application may read the
    body of a request by one thread while another sends the response: whoever calls ``send``,
    ``send_data`` or ``request_body`` holds the lock ``sending``, and whoever calls
    ``receive_body`` the lock ``receiving``, which is taken first where both are.

    ``bound``: something of the request ``request_number`` has been sent here, so that its answer
    must end here too; a request that needs no channel is answered over the trunk. ``broken``: the
    client of that request is gone, or the channel itself is ``closed``.
    """

    __slots__ = (
        "broken",
        "bound",
        "closed",
        "request_number",
        "sending",
        "receiving",
        "_address",
        "_secret",
        "_instance",
        "_thread",
        "_socket",
        "_left",
        "_body_open",
        "_torn",
    )

    def __init__(self, address: dict, secret: str, instance: int, thread: int) -> None:
        self.broken = self.closed = True
        self.bound = False
        self.request_number = 0
        self.sending = RLock()
        self.receiving = RLock()
        self._address = address
        self._secret = secret
        self._instance = instance
        self._thread = thread
        self._socket: _socket.socket | None = None
        self._left = 0  # bytes of the current body frame not yet received
        self._body_open = False  # asked for, and its end not yet received
        self._torn = False  # where its next frame begins is not known any more

    @property
    def can_reconnect(self) -> bool:
        return self._address["kind"] in ("unix", "tcp")

    def connect(self) -> None:
        """Connects and says hello. Raises OSError."""
        connection = open_socket(self._address, self._thread)
        self._socket = connection
        self._left = 0
        self._body_open = self._torn = False
        self.broken = self.closed = self.bound = False
        native_id = get_native_id() if has_gil() else 0
        self._send(frames.hello_frame(self._secret, self._instance, self._thread, native_id))

    def close(self) -> None:
        connection = self._socket
        self.broken = self.closed = True
        if connection is not None:
            self._socket = None
            try:
                connection.close()
            except OSError:
                pass

    def fileno(self) -> int:
        return self._socket.fileno()

    def stop_receiving(self) -> None:
        """Wakes the thread that waits in `wait`. What has already arrived can still be read. May be
        called by any thread."""
        connection = self._socket
        if connection is not None:
            try:
                # Where that wakes nobody the gateway, seeing the end, closes the channel.
                connection.shutdown(_socket.SHUT_WR if bell.NEEDED else _socket.SHUT_RD)
            except OSError:
                pass

    def wait(self) -> int:
        """Waits until the gateway wants this thread to look for requests: `frames.PROMOTE` or
        `frames.VISIT`. 0 when it has closed the channel."""
        while not self.closed:
            kind = self._receive_notice()
            if kind == frames.PROMOTE or kind == frames.VISIT:
                return kind
        return 0

    def _receive_notice(self) -> int:
        """Receives a frame that is no part of a body, and gives its type; 0 at the channel's end."""
        prefix = bytearray()
        if not self._extend(prefix, 5):
            return 0
        kind, length = _unpack_frame(prefix)
        if kind == frames.ABANDON and length == 4:
            number = bytearray()
            # It may have crossed with the end of that request.
            if self._extend(number, 4) and self.bound:
                if int.from_bytes(number, "little") == self.request_number:
                    self.broken = True
        elif kind not in (frames.PROMOTE, frames.VISIT) or length:
            raise ProtocolError("unexpected frame of type %d" % kind)
        return kind

    def _check_client(self) -> None:
        """Looks whether the client is gone. Raises BrokenPipeError then."""
        # While a body is under way the gateway closes the channel instead, and what comes is for
        # the thread that reads.
        while not self._body_open and not self.closed and readable([self], 0):
            self._receive_notice()
        if self.broken:
            raise BrokenPipeError("the client connection was closed")

    def release_locks(self) -> None:
        """Releases what the calling thread holds of the locks, although it is in no `with` any
        more: an exception that is raised in a thread from outside can come right behind the
        acquiring (CPython 3.14)."""
        for lock in (self.sending, self.receiving):
            try:
                while True:
                    lock.release()
            except RuntimeError:
                pass  # not, or no longer, this thread's

    def check_thread(self) -> None:
        """Raises RuntimeError where the calling thread can't use the channel."""

    def park(self) -> None:
        """Tells the gateway that this thread has nothing to do. Raises OSError."""
        self._send(frames.PARKED_FRAME)

    def _extend(self, data: bytearray, size: int) -> bool:
        """Receives until ``data`` has ``size`` bytes; False when the channel ends before."""
        while len(data) < size:
            part = self._recv(min(size - len(data), BODY_READ_SIZE))
            if not part:
                return False
            data += part
        return True

    def _recv(self, size: int) -> bytes:
        try:
            part = self._socket.recv(size)
        except OSError:
            part = b""
        if not part:
            self.broken = self.closed = True
        return part

    def request_body(self) -> None:
        """Asks the gateway for the body (which answers `Expect: 100-continue`)."""
        frame = self._begin_send(frames.WANT_BODY_FRAME)
        self._body_open = True
        self._send(frame)

    def receive_body(self, limit: int = BODY_READ_SIZE) -> bytes | int:
        """The next part of the body, not empty and at most ``limit`` bytes, or the cause of its end
        (see `frames`). A channel that ends counts as a client that went away."""
        if self._torn:
            return frames.CLIENT_GONE
        try:
            return self._receive_part(limit)
        except BaseException:  # RequestTimeout can come between receiving bytes and keeping them
            self._torn = True
            raise

    def _receive_part(self, limit: int) -> bytes | int:
        while not self._left:
            prefix = bytearray()
            if not self._extend(prefix, 5):
                return frames.CLIENT_GONE
            kind, length = _unpack_frame(prefix)
            if kind == frames.PROMOTE or kind == frames.VISIT:  # before it knew of this request
                continue
            if kind == frames.ABANDON and length == 4:  # of an earlier request, or the end follows
                self._extend(bytearray(), 4)
                continue
            if kind == frames.END_OF_BODY and length == 1:
                cause = self._recv(1)
                self._body_open = False  # last: a thread that sends may look for notices now
                return cause[0] if cause else frames.CLIENT_GONE
            if kind != frames.BODY:
                raise ProtocolError("frame of type %d where a body was expected" % kind)
            self._left = length
        part = self._recv(min(self._left, limit))
        if not part:
            return frames.CLIENT_GONE
        self._left -= len(part)
        return part

    def drop_body(self) -> None:
        """Receives what the gateway still sends of a body that it was asked for, once the request
        has ended. A thread that reads it leaves the channel first."""
        if not self._body_open:
            return
        if self.closed:
            self._end_receiving()
        with self.receiving:
            try:
                while self._body_open and not self.broken and not self._torn:
                    self.receive_body()
            finally:
                if self._torn:
                    self._leave_body()

    def _leave_body(self) -> None:
        """Ends the channel, behind what was sent: closed at once it could be reset before the
        gateway has read that."""
        try:
            self._socket.shutdown(_socket.SHUT_WR)
        except (OSError, AttributeError):
            pass
        while self._recv(BODY_READ_SIZE):
            pass

    def _end_receiving(self) -> None:
        """Lets a thread that waits for more of a body find the end."""
        try:
            self._socket.shutdown(_socket.SHUT_RDWR)
        except (OSError, AttributeError):
            pass

    def send(self, frame: bytes) -> None:
        """Sends a frame of the request that is being served. Raises OSError."""
        self._send(self._begin_send(frame))

    def _begin_send(self, frame: bytes) -> bytes:
        """What to send for ``frame``: the first one binds the channel. Raises BrokenPipeError."""
        if self.bound:
            self._check_client()
            return frame
        self.bound = True
        return frames.take_frame(self.request_number) + frame

    def finish(self, frame: bytes | None) -> None:
        """Sends the frame that ends the request bound here; one whose client is gone ends too."""
        with self.sending:
            self.bound = False
            if self.broken and not self.closed:
                self.broken = False
                frame = frames.abort_frame(500)
            if frame is not None and not self.closed:
                try:
                    self._send(frame)
                except OSError:
                    pass  # the channel is closed, which the thread will see

    def _send(self, frame: bytes) -> None:
        """Sends by one system call unless the socket is full."""
        try:
            self._socket.sendall(frame)
        except (OSError, AttributeError):
            self._fail()

    def send_data(self, data) -> None:
        """Sends a part of the body, bytes or a memoryview, which is not copied. Raises OSError."""
        header = self._begin_send(frames.FRAME.pack(frames.DATA, len(data)))
        try:
            connection = self._socket
            sent = connection.sendmsg((header, data)) if _HAS_SENDMSG else 0
            if sent < len(header):
                connection.sendall(header[sent:])
                sent = len(header)
            if sent < len(header) + len(data):
                connection.sendall(memoryview(data)[sent - len(header) :])
        except (OSError, AttributeError):
            self._fail()
        except BaseException:  # RequestTimeout: whatever followed would belong to this part
            self.broken = self.closed = True
            raise

    def send_file(self, fd: int, offset: int, count: int) -> None:
        """Sends ``count`` bytes of a regular file as data frames without reading them into Python.
        A file that is shorter than that breaks the channel. Takes the lock ``sending`` for one
        frame after the other. Raises OSError."""
        while count:
            size = min(count, BODY_READ_SIZE)
            with self.sending:
                try:
                    self.send(frames.FRAME.pack(frames.DATA, size))
                    self._send_file_part(fd, offset, size)
                except OSError:
                    raise
                except BaseException:  # RequestTimeout: whatever followed would belong to the file
                    self.broken = self.closed = True
                    raise
            count -= size
            offset += size

    def _send_file_part(self, fd: int, offset: int, size: int) -> None:
        while size:
            try:
                sent = os.sendfile(self._socket.fileno(), fd, offset, size)
            except OSError:  # some file systems can't
                sent = self._send_read(fd, offset, size)
            if not sent:
                self._fail()
            offset += sent
            size -= sent

    def _send_read(self, fd: int, offset: int, size: int) -> int:
        try:
            data = os.pread(fd, size, offset)
        except OSError:
            data = b""
        self._send(data)
        return len(data)

    def _fail(self) -> None:
        self.broken = self.closed = True
        raise BrokenPipeError("the client connection was closed")


_HAS_SENDMSG = hasattr(_socket.socket, "sendmsg")

CAN_SEND_FILE = sys.platform.startswith("linux") and hasattr(os, "sendfile")
