"""Reads request bodies in every way that PEP 3333 names, and in some that it does not."""

import hashlib

try:
    import resource
except ImportError:  # Windows
    resource = None

from routing import arguments, as_json, note, routes, text, wait_for_file

BLOCK = 65536


def blocks(stream):
    while True:
        block = stream.read(BLOCK)
        if not block:
            return
        yield block


def echo(environ, start_response):
    body = b"".join(blocks(environ["wsgi.input"]))
    start_response(
        "200 OK",
        [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(body)))],
    )
    return [body]


def peak_memory():
    """The largest resident set this process ever had, in bytes; 0 where that can't be asked."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 if resource else 0


def digest(environ, start_response):
    length, checksum = 0, hashlib.sha256()
    for block in blocks(environ["wsgi.input"]):
        length += len(block)
        checksum.update(block)
    return as_json(
        start_response,
        {
            "length": length,
            "sha256": checksum.hexdigest(),
            "peak": peak_memory(),
        },
    )


def count(environ, start_response):
    """As digest, without the checksum: for the speed and memory of large uploads."""
    length = 0
    for block in blocks(environ["wsgi.input"]):
        length += len(block)
    return as_json(start_response, {"length": length})


FORMS = {
    "read": lambda stream: [stream.read()],
    "read(-1)": lambda stream: [stream.read(-1)],
    "read(None)": lambda stream: [stream.read(None)],
    "read(4)": lambda stream: [stream.read(4), stream.read(4), stream.read(400)],
    "read(0)": lambda stream: [stream.read(0), stream.read(0), stream.read(100)],
    "past the end": lambda stream: [stream.read(100), stream.read(100), stream.read(), stream.read(1)],
    "readline": lambda stream: [stream.readline(), stream.readline(), stream.readline(), stream.readline()],
    "readline(2)": lambda stream: [stream.readline(2), stream.readline(200), stream.readline(-1)],
    "readlines": lambda stream: stream.readlines(),
    "readlines(1)": lambda stream: stream.readlines(1),
    "iteration": list,
    "next": lambda stream: [next(stream), next(stream, b"end")],
    "mixed": lambda stream: [stream.readline(), stream.read(1), *stream],
}


def forms(environ, start_response):
    form = FORMS[arguments(environ)["form"]]
    parts = form(environ["wsgi.input"])
    assert all(type(part) is bytes for part in parts), parts
    return as_json(start_response, [part.decode("latin-1") for part in parts])


def ignore(environ, start_response):
    return text(start_response, "ignored")


def partial(environ, start_response):
    size = int(arguments(environ)["size"])
    return text(start_response, environ["wsgi.input"].read(size).decode("latin-1"))


def read_on_order(environ, start_response):
    """Reads only after the test made the file `read`."""
    note("started", "started")
    assert wait_for_file("read")
    body = environ["wsgi.input"].read(BLOCK)
    return text(start_response, body.decode("latin-1"))


def respond_then_read(environ, start_response):
    """Begins its response before it reads."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"begun "
    yield environ["wsgi.input"].read(BLOCK)


def tolerant(environ, start_response):
    """Reads all; an error while reading is noted with its type."""
    try:
        body = b"".join(blocks(environ["wsgi.input"]))
    except Exception as error:
        again = ""
        try:
            environ["wsgi.input"].read(1)
        except Exception as second:
            again = type(second).__name__
        note("errors", f"{type(error).__name__} {isinstance(error, OSError)} {again}")
        return text(start_response, "gone")
    note("errors", f"none {len(body)}")
    return text(start_response, str(len(body)))


def full_duplex(environ, start_response):
    """Sends every line back as soon as it was read."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return iter(environ["wsgi.input"].readline, b"")


application = routes(
    {
        "/echo": echo,
        "/digest": digest,
        "/count": count,
        "/forms": forms,
        "/ignore": ignore,
        "/partial": partial,
        "/read-on-order": read_on_order,
        "/respond-then-read": respond_then_read,
        "/tolerant": tolerant,
        "/full-duplex": full_duplex,
    },
    # wsgiref.validate lets read() without a size through to no server; speed matters for count.
    unchecked=["/forms", "/count"],
)
