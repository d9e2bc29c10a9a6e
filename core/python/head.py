"""The head of a response: checks and encoding of the status and the headers (PEP 3333, "The
``start_response()`` Callable").

Checking and encoding a header costs more than looking it up, and applications send the same headers
again and again, so both are done by dictionaries that compute what they miss.
"""

from __future__ import annotations

from . import frames

# RFC 9110 section 5.6.2, tchar.
_TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CONTROLS = bytes(range(32)) + b"\x7f"
_CONTROLS_BUT_TAB = _CONTROLS.replace(b"\t", b"")

# RFC 9110 section 7.6.1: about one connection, so not the application's to send (PEP 3333, "Other
# HTTP Features"). `Connection: close` is understood as a wish.
_HOP_BY_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "trailers",
        "transfer-encoding",
        "upgrade",
    )
)
_OFTEN_DIFFERENT = frozenset(("set-cookie", "etag", "location", "last-modified", "date", "expires"))
_MAXIMUM_KEPT = 1024  # status and header lines
_MAXIMUM_KEPT_VALUE = 100  # characters
_MAXIMUM_KEPT_HEADS = 256
_MAXIMUM_KEPT_HEAD = 2048  # bytes

_pack_prefix = frames.HEAD_PREFIX.pack

# What stands in the encoded head for `Connection: close`, and behind a line of that name; no valid
# line can contain NUL.
CLOSE_MARK = b"\0close\r\n"
DATE_MARK = b"\0date\r\n"
SERVER_MARK = b"\0server\r\n"

_FLAGS = {
    CLOSE_MARK: frames.CLOSE_CONNECTION,
    DATE_MARK: frames.GIVEN_DATE,
    SERVER_MARK: frames.GIVEN_SERVER,
}

_LENGTH_LINE = b"\r\nContent-Length: "
_MAXIMUM_LENGTH = 2**63 - 1


class StatusLines(dict):
    """Status text, such as ``200 OK``, → encoded line."""

    def __missing__(self, status: str) -> bytes:
        if not isinstance(status, str):
            raise TypeError("the status must be a str, not %s" % type(status).__name__)
        line = status.encode("latin-1")
        code = line[:3]
        if len(line.translate(None, _CONTROLS)) != len(line):
            raise ValueError("control character in the status %r" % status)
        # The text may be empty, the space not be missing (RFC 9112 section 4).
        if not code.isdigit() or line[3:4] != b" " or code < b"200":
            raise ValueError(
                "the status must be a number from 200 to 999, a space and a text, not %r" % status
            )
        line += b"\r\n"
        if len(self) < _MAXIMUM_KEPT:
            self[status] = line
        return line


class HeaderLines(dict):
    """(name, value) → encoded line; empty for what must not be passed on."""

    def __missing__(self, header: tuple[str, str]) -> bytes:
        name, value = _check_pair(header)
        encoded_name = name.encode("latin-1")
        encoded_value = value.encode("latin-1")
        if not encoded_name or encoded_name.translate(None, _TOKEN):
            raise ValueError("invalid character in the header name %r" % name)
        if len(encoded_value.translate(None, _CONTROLS_BUT_TAB)) != len(encoded_value):
            raise ValueError("control character in the value %r of header %s" % (value, name))
        lower = name.lower()
        if lower == "content-length":
            if not encoded_value.isdigit() or int(encoded_value) > _MAXIMUM_LENGTH:
                raise ValueError("Content-Length must be a number of bytes, not %r" % value)
            line = b"Content-Length: %d\r\n" % int(encoded_value)
        elif lower in _HOP_BY_HOP:
            line = b""
            if lower == "connection" and "close" in _list_items(value):
                line = CLOSE_MARK
        else:
            line = encoded_name + b": " + encoded_value + b"\r\n"
            line += DATE_MARK if lower == "date" else SERVER_MARK if lower == "server" else b""
        if len(value) <= _MAXIMUM_KEPT_VALUE and lower not in _OFTEN_DIFFERENT:
            if len(self) >= _MAXIMUM_KEPT:
                self.clear()
            self[header] = line
        return line


def _check_pair(header: object) -> tuple[str, str]:
    if not isinstance(header, tuple) or len(header) != 2:
        raise TypeError("a header must be a tuple of a name and a value, not %r" % (header,))
    for text in header:
        if not isinstance(text, str):
            raise TypeError(
                "name and value of a header must be str, not %s in %r"
                % (type(text).__name__, header)
            )
    return header


def _list_items(value: str) -> list[str]:
    return [item.strip().lower() for item in value.split(",")]


class Head:
    """An encoded head. ``length`` is the Content-Length or -1, ``flags`` those of the head frame,
    ``whole`` the frame up to the body if the body has that length, ``early`` the same where the
    thread goes on with the request; ``again``: it has been asked for more than once."""

    __slots__ = ("status", "text", "length", "flags", "whole", "early", "again")

    def __init__(self, text: bytes) -> None:
        self.again = False
        self.flags = 0
        if b"\0" in text:
            for mark, flag in _FLAGS.items():
                if mark in text:
                    text = text.replace(mark, b"")
                    self.flags |= flag
        self.length, self.text = _find_content_length(text)
        self.status = int(text[:3])
        self.whole = self.early = b""
        if self.length >= 0:
            self.whole = self.prefix(self.length, frames.WHOLE_RESPONSE) + self.text
            flags = frames.WHOLE_RESPONSE | frames.LINGERS
            self.early = self.prefix(self.length, flags) + self.text

    def prefix(self, body_size: int, flags: int = 0) -> bytes:
        """The beginning of a head frame that carries ``body_size`` bytes of the body."""
        size = len(self.text)
        return _pack_prefix(
            frames.HEAD,
            frames.HEAD_FIELDS + size + body_size,
            self.status,
            self.length,
            self.flags | flags,
            size,
        )


class Heads(dict):
    """Status line and header lines, joined → Head."""

    def __missing__(self, text: bytes) -> Head:
        head = Head(text)
        if len(text) <= _MAXIMUM_KEPT_HEAD:
            if len(self) >= _MAXIMUM_KEPT_HEADS:
                self.clear()
            self[text] = head
        return head


def _find_content_length(head: bytes) -> tuple[int, bytes]:
    """(Content-Length or -1, head). Repetitions of the same length are removed from the head; a
    different one raises ValueError."""
    at = head.find(_LENGTH_LINE)
    if at < 0:
        return -1, head
    end = head.index(b"\r\n", at + 2)
    line = head[at:end]
    again = head.find(_LENGTH_LINE, end)
    while again >= 0:
        again_end = head.index(b"\r\n", again + 2)
        if head[again:again_end] != line:
            raise ValueError("two different Content-Length headers")
        head = head[:again] + head[again_end:]
        again = head.find(_LENGTH_LINE, end)
    return int(line[len(_LENGTH_LINE) :]), head


def _check_arguments(status: object, headers: object) -> None:
    """Raises the TypeError that says what is wrong with arguments that can't be looked up."""
    if not isinstance(status, str):
        raise TypeError("the status must be a str, not %s" % type(status).__name__)
    if not isinstance(headers, list):
        raise TypeError("headers must be a list, not %s" % type(headers).__name__)
    for header in headers:
        _check_pair(header)


_status_line = StatusLines().__getitem__
_header_line = HeaderLines().__getitem__
_head = Heads().__getitem__
# (status, header, header, …) → Head: those that came again, found without their lines.
_heads_again: dict[tuple, Head] = {}
_head_again = _heads_again.get


def encode_head(status: str, headers: list) -> Head:
    """The Head for the arguments of ``start_response``. Raises TypeError, ValueError or
    UnicodeEncodeError for what can't be sent."""
    if type(headers) is not list:
        _check_arguments(status, headers)
    try:
        arguments = (status, *headers)
        head = _head_again(arguments)
        if head is not None:
            return head
        head = _head(_status_line(status) + b"".join(map(_header_line, headers)))
    except TypeError:
        _check_arguments(status, headers)
        raise
    if head.again:
        if len(_heads_again) >= _MAXIMUM_KEPT_HEADS:
            _heads_again.clear()
        _heads_again[arguments] = head
    head.again = True
    return head
