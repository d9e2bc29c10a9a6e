"""One response: ``start_response``, ``write`` and the frames that carry it (PEP 3333)."""

from __future__ import annotations

from . import frames
from .head import (
    CLOSE_MARK,
    check_headers,
    find_content_length,
    header_lines,
    status_lines,
)

SMALL_BODY = 65536  # bytes; up to this the whole response is one frame
DATA_SIZE = 262144  # bytes; the largest data frame

_pack_head = frames.HEAD_PREFIX.pack
_pack_frame = frames.FRAME.pack
_header_line = header_lines.__getitem__
_HEAD = frames.HEAD
_HEAD_FIELDS = frames.HEAD_FIELDS
_WHOLE_RESPONSE = frames.WHOLE_RESPONSE


class Response:
    """What one call of the application answers. Attributes:

    ``begun``: the head has been sent; ``ended``: the channel's part is over; ``status``: code;
    ``length``: Content-Length given by the application or -1; ``sent``: bytes of body sent.
    """

    __slots__ = (
        "begun",
        "ended",
        "status",
        "length",
        "sent",
        "_channel",
        "_is_head",
        "_head",
        "_flags",
    )

    def __init__(self, channel, is_head: bool) -> None:
        self._channel = channel
        self._is_head = is_head
        self._head = None
        self.begun = False
        self.ended = False

    def start_response(self, status: str, headers: list, exc_info=None):
        """PEP 3333 ``start_response(status, response_headers, exc_info=None)`` → ``write``.

        Raises TypeError, ValueError or UnicodeEncodeError for what can't be sent, RuntimeError when
        the response has begun, and the exception of ``exc_info`` then if there is one.
        """
        if self.begun:
            self._refuse(exc_info)
        exc_info = None  # a traceback must not be kept alive by this frame
        try:
            code, line = status_lines[status]
            if not isinstance(headers, list):
                check_headers(headers)
            head = line + b"".join(map(_header_line, headers))
        except TypeError:
            if not isinstance(status, str):
                raise TypeError(
                    "the status must be a str, not %s" % type(status).__name__
                ) from None
            check_headers(headers)
            raise
        flags = 0
        if b"\0" in head:
            head = head.replace(CLOSE_MARK, b"")
            flags = frames.CLOSE_CONNECTION
        if b"\r\nContent-Length: " in head:
            length, head = find_content_length(head)
        else:
            length = -1
        self.status = code
        self.length = length
        self._flags = flags
        self._head = head
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
        if type(data) is not bytes:
            _check_item(data)
        if self.ended:
            raise RuntimeError("write() called after the end of the request")
        if data:
            self.put(data)
        elif not self.begun:
            self._begin(b"", 0)

    def whole(self, items) -> bytes | None:
        """The frame for a response whose body is the bytes in the list or tuple ``items``. None
        when it had to be sent in parts (and has been)."""
        if len(items) == 1:
            body = items[0]
            if type(body) is not bytes:
                _check_item(body)
        else:
            for body in items:
                if type(body) is not bytes:
                    _check_item(body)
            body = b"".join(items)
        size = len(body)
        head = self._head
        if head is None:
            raise RuntimeError("the application did not call start_response()")
        length = self.length
        if self.begun or size > SMALL_BODY or (length != size and length >= 0):
            return self._whole_in_parts(body)
        self.begun = self.ended = True
        self.sent = size
        head_size = len(head)
        return (
            _pack_head(
                _HEAD,
                _HEAD_FIELDS + head_size + size,
                self.status,
                length,
                self._flags | _WHOLE_RESPONSE,
                head_size,
            )
            + head
            + body
        )

    def _whole_in_parts(self, body: bytes) -> bytes | None:
        if not self.begun:
            self.set_length(len(body))
        if body:
            self.put(body)
        return self.finish()

    def set_length(self, length: int) -> None:
        """Adds a Content-Length, if the application has given none and may have one."""
        if self.length < 0 and self.status not in (204, 304):
            self.length = length
            self._head += b"Content-Length: %d\r\n" % length

    @property
    def is_bodiless(self) -> bool:
        """Whether no body is sent whatever the application yields (RFC 9110 section 6.4.1)."""
        return self._is_head or self.status == 204 or self.status == 304

    def put(self, data: bytes) -> None:
        """Sends a part of the body, not empty; what exceeds the Content-Length is dropped."""
        if not self.begun:
            if self._head is None:
                raise RuntimeError("the application did not call start_response()")
            if len(data) <= SMALL_BODY:
                self._begin(data, 0)
                return
            self._begin(b"", 0)
        if self.is_bodiless:
            return
        size = len(data)
        if self.length >= 0 and size > self.length - self.sent:
            size = self.length - self.sent
            if not size:
                return
            data = data[:size]
        self.sent += size
        if size <= 4096:
            self._channel.send(_pack_frame(frames.DATA, size) + data)
            return
        view = memoryview(data)
        for start in range(0, size, DATA_SIZE):
            part = view[start : start + DATA_SIZE]
            self._channel.send_parts([_pack_frame(frames.DATA, len(part)), part])

    def _begin(self, data: bytes, flags: int) -> None:
        """Sends the head and the first part of the body in one frame."""
        self._channel.send(self._begin_frame(data, flags))

    def _begin_frame(self, data: bytes, flags: int) -> bytes:
        head = self._head
        if head is None:
            raise RuntimeError("the application did not call start_response()")
        if self.is_bodiless:
            data = b""
        elif 0 <= self.length < len(data):
            data = data[: self.length]
        self.begun = True
        self.sent = size = len(data)
        prefix = _pack_head(
            _HEAD,
            _HEAD_FIELDS + len(head) + size,
            self.status,
            self.length,
            self._flags | flags,
            len(head),
        )
        return prefix + head + data

    def finish(self) -> bytes:
        """The frame that ends a response sent in parts; a body shorter than its Content-Length ends
        in an abort, so that the client can see that something is missing."""
        if not self.begun:
            if self._head is None or self.length <= 0 or self.is_bodiless:
                frame = self._begin_frame(b"", _WHOLE_RESPONSE)
                self.ended = True
                return frame
            self._begin(b"", 0)
        self.ended = True
        if self.length > self.sent and not self.is_bodiless:
            return frames.abort_frame(500)
        return frames.FINISH_FRAME

    def put_file(self, fd: int, offset: int, count: int) -> None:
        """Sends ``count`` bytes of a regular file as the body, from ``offset``."""
        self.set_length(count)
        if not self.begun:
            self._begin(b"", 0)
        if not self.is_bodiless:
            count = min(count, self.length - self.sent)
            self._channel.send_file(fd, offset, count)
            self.sent += count


def _check_item(item: object) -> None:
    if not isinstance(item, bytes):
        raise TypeError("the body must be made of bytes, not %s" % type(item).__name__)
