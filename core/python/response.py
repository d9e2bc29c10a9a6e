"""One response: ``start_response``, ``write`` and the frames that carry it (PEP 3333)."""

from __future__ import annotations

from . import frames
from .head import Head, encode_head

SMALL_BODY = 65536  # bytes; up to this the whole response is one frame
SMALL_DATA = 4096  # bytes; up to this joining is cheaper than sending two buffers
DATA_SIZE = 262144  # bytes; the largest data frame

_pack_frame = frames.FRAME.pack


class Response:
    """What one call of the application answers; others may follow. Attributes:

    ``head``: the Head or None; ``begun``: it has been sent; ``ended``: the request is over;
    ``sent``: bytes of body sent.
    """

    __slots__ = ("head", "begun", "ended", "sent", "_channel", "_is_head")

    def __init__(self, channel) -> None:
        self._channel = channel
        self.ended = True

    def begin_request(self, is_head: bool) -> None:
        """Begins the answer of a request, whose method is HEAD or another one."""
        self._is_head = is_head
        self.head: Head | None = None
        self.begun = self.ended = False

    def start_response(self, status: str, headers: list, exc_info=None):
        """PEP 3333 ``start_response(status, response_headers, exc_info=None)`` → ``write``.

        Raises TypeError, ValueError or UnicodeEncodeError for what can't be sent, RuntimeError when
        the response has begun, and the exception of ``exc_info`` then if there is one.
        """
        if self.begun:
            self._refuse(exc_info)
        self.head = encode_head(status, headers)
        return self.write

    def _refuse(self, exc_info) -> None:
        if exc_info is None:
            raise RuntimeError("start_response() called again after the response has begun")
        try:
            raise exc_info[1].with_traceback(exc_info[2])
        finally:
            exc_info = None

    def write(self, data: bytes) -> None:
        """PEP 3333 ``write(body_data)``. Sends before it returns. Raises OSError when the client
        has gone, RuntimeError after the end of the request."""
        check_item(data)
        self._check()
        self._channel.check_thread()
        if data:
            self.put(data)
        elif not self.begun:
            self._send(self._begin(b""))

    def complete(self, item: bytes) -> Head | None:
        """The head, where ``item`` is all of the body and is now taken as sent together with it;
        None where the response has begun, or there is more to come."""
        head = self.head
        size = len(item)
        if head is None or size != head.length or size > SMALL_BODY or self.begun:
            return None
        self.begun = self.ended = True
        self.sent = size
        return head

    def whole(self, items) -> bytes | None:
        """The frame for a response whose body is the bytes in the list or tuple ``items``. None
        when it had to be sent in parts (and has been)."""
        if len(items) == 1:
            body = items[0]
            if type(body) is not bytes:
                check_item(body)
        else:
            for body in items:
                if type(body) is not bytes:
                    check_item(body)
            body = b"".join(items)
        size = len(body)
        head = self.head
        if head is None:
            raise RuntimeError("the application did not call start_response()")
        if size > SMALL_BODY or self.begun:
            return self._whole_in_parts(body)
        if size == head.length:
            frame = head.whole + body
        elif head.length < 0:
            frame = head.prefix(size, frames.WHOLE_RESPONSE) + head.text + body
        else:
            return self._whole_in_parts(body)
        self.begun = self.ended = True
        self.sent = size
        return frame

    def _whole_in_parts(self, body: bytes) -> bytes | None:
        if not self.begun:
            self.set_length(len(body))
        if body:
            self.put(body)
        return self.finish()

    def set_length(self, length: int) -> None:
        """Adds a Content-Length, if the application has given none and may have one."""
        head = self.head
        if head is not None and head.length < 0 and head.status not in (204, 304):
            text = head.text + b"Content-Length: %d\r\n" % length
            self.head = with_length = Head(text)
            with_length.flags = head.flags

    @property
    def is_bodiless(self) -> bool:
        """Whether no body is sent whatever the application yields (RFC 9110 section 6.4.1)."""
        return self._is_head or self.head.status == 204 or self.head.status == 304

    def put(self, data: bytes) -> None:
        """Sends a part of the body, not empty; what exceeds the Content-Length is dropped."""
        if not self.begun:
            if len(data) <= SMALL_BODY:
                self._send(self._begin(data))
                return
            self._send(self._begin(b""))
        if self.is_bodiless:
            return
        size = len(data)
        length = self.head.length
        if length >= 0 and size > length - self.sent:
            size = length - self.sent
            if not size:
                return
            data = data[:size]
        self.sent += size
        if size <= SMALL_DATA:
            self._send(_pack_frame(frames.DATA, size) + data)
            return
        if size <= DATA_SIZE:
            self._send_data(data)
            return
        view = memoryview(data)
        for start in range(0, size, DATA_SIZE):
            self._send_data(view[start : start + DATA_SIZE])

    def _send_data(self, data) -> None:
        with self._channel.sending:
            self._check()
            self._channel.send_data(data)

    def _send(self, frame: bytes) -> None:
        with self._channel.sending:
            self._check()
            self._channel.send(frame)

    def _check(self) -> None:
        if self.ended:  # a thread of the application's may be late
            raise RuntimeError("write() called after the end of the request")

    def _begin(self, data: bytes, flags: int = 0) -> bytes:
        """The frame with the head and the first part of the body."""
        head = self.head
        if head is None:
            raise RuntimeError("the application did not call start_response()")
        if self.is_bodiless:
            data = b""
        elif 0 <= head.length < len(data):
            data = data[: head.length]
        self.begun = True
        self.sent = size = len(data)
        return head.prefix(size, flags) + head.text + data

    def finish(self) -> bytes:
        """The frame that ends a response sent in parts; a body shorter than its Content-Length ends
        in an abort, so that the client can see that something is missing."""
        head = self.head
        if not self.begun:
            if head is None or head.length <= 0 or self.is_bodiless:
                frame = self._begin(b"", frames.WHOLE_RESPONSE)
                self.ended = True
                return frame
            self._send(self._begin(b""))
        self.ended = True
        if head.length > self.sent and not self.is_bodiless:
            return frames.abort_frame(500)
        return frames.FINISH_FRAME

    def put_file(self, fd: int, offset: int, count: int) -> None:
        """Sends ``count`` bytes of a regular file, from ``offset``, as the whole body."""
        self.set_length(count)
        self._send(self._begin(b""))
        if not self.is_bodiless:
            count = min(count, self.head.length - self.sent)
            self._channel.send_file(fd, offset, count)
            self.sent += count


def check_item(item: object) -> None:
    """Raises TypeError for what is no bytes (PEP 3333)."""
    if type(item) is not bytes and not isinstance(item, bytes):
        raise TypeError("the body must be made of bytes, not %s" % type(item).__name__)
