"""The head of a response: checks and encoding of the status and the headers (PEP 3333, "The
``start_response()`` Callable").

Checking and encoding a header costs more than looking it up, and applications send the same headers
again and again, so both are done by dictionaries that compute what they miss.
"""

from __future__ import annotations

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
_MAXIMUM_KEPT = 1024  # entries
_MAXIMUM_KEPT_VALUE = 100  # characters

# Stands in the encoded head for `Connection: close`; no valid line can contain NUL.
CLOSE_MARK = b"\0close\r\n"

_LENGTH_LINE = b"\r\nContent-Length: "
_MAXIMUM_LENGTH = 2**63 - 1


class StatusLines(dict):
    """Status text, such as ``200 OK``, → (status code, encoded line)."""

    def __missing__(self, status: str) -> tuple[int, bytes]:
        if not isinstance(status, str):
            raise TypeError("the status must be a str, not %s" % type(status).__name__)
        line = status.encode("latin-1")
        code = line[:3]
        if len(line.translate(None, _CONTROLS)) != len(line):
            raise ValueError("control character in the status %r" % status)
        if not code.isdigit() or len(line) < 5 or line[3] != 32 or code < b"200":
            raise ValueError(
                "the status must be a number from 200 to 999, a space and a text, not %r" % status
            )
        entry = (int(code), line + b"\r\n")
        if len(self) < _MAXIMUM_KEPT:
            self[status] = entry
        return entry


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


def check_headers(headers: object) -> None:
    """Raises the TypeError that says what is wrong with headers that could not be looked up."""
    if not isinstance(headers, list):
        raise TypeError("headers must be a list, not %s" % type(headers).__name__)
    for header in headers:
        _check_pair(header)


status_lines = StatusLines()
header_lines = HeaderLines()


def find_content_length(head: bytes) -> tuple[int, bytes]:
    """(content length or -1, head). Repetitions of the same length are removed from the head; a
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
    return int(line[18:]), head
