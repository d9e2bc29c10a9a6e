"""What an application may do with start_response, write() and its iterable, right and wrong."""

import os
import sys

from routing import arguments, note, routes, text

PLAIN = [("Content-Type", "text/plain")]


def status(environ, start_response):
    return text(start_response, "as told", arguments(environ)["line"])


def repeated(environ, start_response):
    return text(
        start_response,
        "repeated",
        headers=[
            ("X-A", "1"),
            ("Set-Cookie", "a=1"),
            ("X-A", "2"),
            ("Set-Cookie", "b=2; Path=/"),
            ("X-MiXeD", "Case"),
            ("WWW-Authenticate", "Basic"),
            ("WWW-Authenticate", "Bearer"),
        ],
    )


def latin(environ, start_response):
    return text(start_response, "latin", "200 Fen\xeatre", [("X-Name", "caf\xe9 \xff")])


def generator(environ, start_response):
    start_response("200 OK", PLAIN)
    yield b"one,"
    yield b""
    yield b"two,"
    yield b"three"


def empty_list(environ, start_response):
    start_response("200 OK", PLAIN)
    return []


def empty_items(environ, start_response):
    start_response("200 OK", PLAIN)
    return [b"", b"", b""]


def one_item(environ, start_response):
    start_response("200 OK", PLAIN)
    return [b"only"]


def several_items(environ, start_response):
    start_response("200 OK", PLAIN)
    return [b"a", b"b", b"c"]


def write(environ, start_response):
    send = start_response("200 OK", PLAIN)
    send(b"written,")
    send(b"twice,")
    return [b"returned"]


def write_only(environ, start_response):
    send = start_response("200 OK", PLAIN)
    send(b"written")
    return []


def write_with_length(environ, start_response):
    send = start_response("200 OK", PLAIN + [("Content-Length", "6")])
    send(b"abc")
    return [b"def"]


def no_content(environ, start_response):
    start_response("204 No Content", [])
    return []


def no_content_with_body(environ, start_response):
    start_response("204 No Content", [])
    return [b"must not be sent"]


def not_modified(environ, start_response):
    start_response("304 Not Modified", [("ETag", '"x"')])
    return []


def too_long(environ, start_response):
    start_response("200 OK", PLAIN + [("Content-Length", "4")])
    return [b"12", b"345678"]


def too_short(environ, start_response):
    start_response("200 OK", PLAIN + [("Content-Length", "10")])
    return [b"1234"]


def head_checked(environ, start_response):
    note("methods", environ["REQUEST_METHOD"])
    start_response("200 OK", PLAIN + [("Content-Length", "9")])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [b"with body"]


def head_with_body(environ, start_response):
    start_response("200 OK", PLAIN + [("Content-Length", "9")])
    return [b"with body"]


def hop_by_hop(environ, start_response):
    return text(
        start_response,
        "hop",
        headers=[("Transfer-Encoding", "gzip"), ("Keep-Alive", "timeout=1"), ("Upgrade", "x")],
    )


def closing(environ, start_response):
    return text(start_response, "closing", headers=[("Connection", "close")])


def own_headers(environ, start_response):
    return text(
        start_response,
        "own",
        headers=[("Server", "Mine/1"), ("Date", "Thu, 01 Jan 1970 00:00:00 GMT")],
    )


MISUSE = {
    "status bytes": (b"200 OK", PLAIN),
    "status number": (200, PLAIN),
    "status short": ("20 OK", PLAIN),
    "status letters": ("abc OK", PLAIN),
    "status newline": ("200 OK\r\nX: y", PLAIN),
    "status non-latin-1": ("200 \u20ac", PLAIN),
    "headers tuple": ("200 OK", (("Content-Type", "text/plain"),)),
    "headers none": ("200 OK", None),
    "header list": ("200 OK", [["Content-Type", "text/plain"]]),
    "header triple": ("200 OK", [("Content-Type", "text/plain", "x")]),
    "name bytes": ("200 OK", [(b"X-A", "b")]),
    "name empty": ("200 OK", [("", "b")]),
    "name space": ("200 OK", [("X A", "b")]),
    "name colon": ("200 OK", [("X:A", "b")]),
    "name newline": ("200 OK", [("X\n", "b")]),
    "name non-latin-1": ("200 OK", [("X\u20ac", "b")]),
    "value bytes": ("200 OK", [("X-A", b"b")]),
    "value number": ("200 OK", [("Content-Length", 5)]),
    "value newline": ("200 OK", [("X-A", "b\nX-C: d")]),
    "value return": ("200 OK", [("X-A", "b\rc")]),
    "value nul": ("200 OK", [("X-A", "b\0c")]),
    "value non-latin-1": ("200 OK", [("X-A", "\u20ac")]),
    "length text": ("200 OK", [("Content-Length", "many")]),
    "length negative": ("200 OK", [("Content-Length", "-1")]),
    "no arguments": (),
}


def misuse(environ, start_response):
    """Answers with the name of the exception that the wrong call raised."""
    wrong = MISUSE[arguments(environ)["kind"]]
    try:
        start_response(*wrong)
    except Exception as error:
        return text(start_response, type(error).__name__)
    return [b"accepted"]


def uncaught_misuse(environ, start_response):
    start_response(*MISUSE[arguments(environ)["kind"]])
    return [b"accepted"]


def twice(environ, start_response):
    """A second call before any output replaces the first in mod_wsgi; elsewhere it is an error."""
    start_response("404 Not Found", [("X-First", "1")])
    start_response("200 OK", PLAIN + [("X-Second", "2")])
    return [b"second"]


def twice_after_output(environ, start_response):
    start_response("200 OK", PLAIN)
    yield b"before,"
    try:
        start_response("500 Late", PLAIN)
    except Exception as error:
        yield type(error).__name__.encode()


def exc_info_before(environ, start_response):
    try:
        start_response("200 OK", PLAIN + [("X-First", "1")])
        raise KeyError("lost")
    except KeyError:
        start_response("503 Replaced", PLAIN + [("X-Second", "2")], sys.exc_info())
        return [b"replaced"]


def exc_info_after(environ, start_response):
    start_response("200 OK", PLAIN)
    yield b"before,"
    try:
        raise KeyError("late")
    except KeyError:
        try:
            start_response("500 Late", PLAIN, sys.exc_info())
        except Exception as error:
            yield type(error).__name__.encode()


def text_item(environ, start_response):
    start_response("200 OK", PLAIN)
    return ["text"]


def returns_none(environ, start_response):
    start_response("200 OK", PLAIN)


def never_started(environ, start_response):
    return [b"no start_response"]


def started_late(environ, start_response):
    """start_response called only by the iterable, which PEP 3333 allows."""
    start_response("200 OK", PLAIN)
    yield b"late"


def nothing_at_all(environ, start_response):
    return []


def error_before(environ, start_response):
    raise RuntimeError("before \u20ac")


def error_after_start(environ, start_response):
    start_response("200 OK", PLAIN + [("X-Lost", "1")])
    raise RuntimeError("after start_response")


def error_in_first(environ, start_response):
    start_response("200 OK", PLAIN)
    raise RuntimeError("in the iterable")
    yield b""


def error_midway(environ, start_response):
    start_response("200 OK", PLAIN)
    yield b"part of it"
    raise RuntimeError("midway")


def error_midway_with_length(environ, start_response):
    start_response("200 OK", PLAIN + [("Content-Length", "100")])
    yield b"part of it"
    raise RuntimeError("midway with length")


class Iterable:
    def __init__(self, parts, broken_close=False):
        self.parts, self.broken_close = parts, broken_close

    def __iter__(self):
        for part in self.parts:
            if isinstance(part, BaseException):
                raise part
            yield part

    def close(self):
        note("closed", str(os.getpid()))
        if self.broken_close:
            raise RuntimeError("in close")


def closes(environ, start_response):
    start_response("200 OK", PLAIN)
    return Iterable([b"a", b"b"])


def closes_after_error(environ, start_response):
    start_response("200 OK", PLAIN)
    return Iterable([b"a", RuntimeError("in the middle")])


def error_in_close(environ, start_response):
    start_response("200 OK", PLAIN + [("Content-Length", "2")])
    return Iterable([b"ok"], broken_close=True)


def system_exit(environ, start_response):
    raise SystemExit("leaving")


def keyboard_interrupt(environ, start_response):
    raise KeyboardInterrupt


def pid(environ, start_response):
    return text(start_response, str(os.getpid()))


TABLE = {
    "/status": status,
    "/repeated": repeated,
    "/latin": latin,
    "/generator": generator,
    "/empty-list": empty_list,
    "/empty-items": empty_items,
    "/one-item": one_item,
    "/several-items": several_items,
    "/write": write,
    "/write-only": write_only,
    "/write-with-length": write_with_length,
    "/no-content": no_content,
    "/not-modified": not_modified,
    "/head-checked": head_checked,
    "/head-with-body": head_with_body,
    "/closes": closes,
    "/exc-info-before": exc_info_before,
    "/started-late": started_late,
    "/pid": pid,
}
WRONG = {
    # Right, but only without the wrapper that wsgiref.validate puts around the iterable.
    "/single": one_item,
    "/empty": empty_list,
    "/no-content-with-body": no_content_with_body,
    "/too-long": too_long,
    "/too-short": too_short,
    "/hop-by-hop": hop_by_hop,
    "/closing": closing,
    "/own-headers": own_headers,
    "/misuse": misuse,
    "/uncaught-misuse": uncaught_misuse,
    "/twice": twice,
    "/twice-after-output": twice_after_output,
    "/exc-info-after": exc_info_after,
    "/text-item": text_item,
    "/returns-none": returns_none,
    "/never-started": never_started,
    "/nothing-at-all": nothing_at_all,
    "/error-before": error_before,
    "/error-after-start": error_after_start,
    "/error-in-first": error_in_first,
    "/error-midway": error_midway,
    "/error-midway-with-length": error_midway_with_length,
    "/closes-after-error": closes_after_error,
    "/error-in-close": error_in_close,
    "/system-exit": system_exit,
    "/keyboard-interrupt": keyboard_interrupt,
}
application = routes({**TABLE, **WRONG}, unchecked=WRONG)
