"""Responses that come in parts, small and huge, with the test as the one who sets the pace."""

import os

from routing import FOLDER, arguments, note, routes, text, wait_for_file

OCTETS = [("Content-Type", "application/octet-stream")]
BLOCK = bytes(range(256)) * 256


class Body:
    """An iterable that notes how it ended."""

    def __init__(self, parts):
        self.parts = parts
        self.closes = 0

    def __iter__(self):
        return self.parts

    def close(self):
        self.closes += 1
        self.parts.close()
        note("closed", str(self.closes))


def steps(environ, start_response):
    """Yields a part, then waits for the file `step-N` before each of the next ones."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    for number in range(1, int(arguments(environ)["count"]) + 1):
        yield b"part %d;" % number
        note("yielded", str(number))
        assert wait_for_file("step-%d" % number)


def steps_by_write(environ, start_response):
    send = start_response("200 OK", [("Content-Type", "text/plain")])
    for number in range(1, int(arguments(environ)["count"]) + 1):
        send(b"part %d;" % number)
        assert wait_for_file("step-%d" % number)
    return []


def endless(environ, start_response):
    start_response("200 OK", OCTETS)

    def parts():
        produced = 0
        with open(os.path.join(FOLDER, "produced"), "w") as progress:
            while True:
                produced += len(BLOCK)
                progress.seek(0)
                progress.write("%020d" % produced)
                progress.flush()
                yield BLOCK

    return Body(parts())


def endless_write(environ, start_response):
    send = start_response("200 OK", OCTETS)
    try:
        while True:
            send(BLOCK)
    except Exception as error:
        note("write-errors", "%s %s" % (type(error).__name__, isinstance(error, OSError)))
    return []


def sized(environ, start_response):
    size = int(arguments(environ)["size"])
    headers = list(OCTETS)
    if arguments(environ).get("length"):
        headers.append(("Content-Length", str(size)))
    start_response("200 OK", headers)

    def parts():
        left = size
        while left > 0:
            yield BLOCK[:left]
            left -= len(BLOCK)

    return Body(parts())


class Afterwork:
    """One part of the announced length, and work behind it that lasts until the test ends it."""

    def __iter__(self):
        yield b"whole"

    def close(self):
        note("lingering", "1")
        assert wait_for_file("go-on")
        note("closed", "1")


def afterwork(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return Afterwork()


def big_item(environ, start_response):
    """The whole response as one bytes object."""
    size = int(arguments(environ)["size"])
    start_response("200 OK", OCTETS + [("Content-Length", str(size))])
    return [bytes(size)]


def file_wrapper(environ, start_response):
    """The file named `file` in the test's folder, through wsgi.file_wrapper."""
    given = arguments(environ)
    stream = open(os.path.join(FOLDER, given["file"]), "rb")
    stream.seek(int(given.get("seek", "0")))
    start_response("200 OK", OCTETS)
    if "blocksize" in given:
        return environ["wsgi.file_wrapper"](stream, int(given["blocksize"]))
    return environ["wsgi.file_wrapper"](stream)


def hanging_file(environ, start_response):
    """The same, on a file system that can't `sendfile` and hangs behind the beginning of the file."""
    read = os.pread

    def sendfile(*_):
        raise OSError("not on this file system")

    def pread(fd, size, offset):
        assert offset == 0 or wait_for_file("go-on")
        return read(fd, size, offset)

    os.sendfile, os.pread = sendfile, pread
    return file_wrapper(environ, start_response)


class Stream:
    """A file-like object that is no file."""

    def __init__(self, data):
        self.data = data

    def read(self, size):
        part, self.data = self.data[:size], self.data[size:]
        return part

    def close(self):
        note("closed", "stream")


def file_like(environ, start_response):
    start_response("200 OK", OCTETS)
    return environ["wsgi.file_wrapper"](Stream(BLOCK * 3), 1000)


def file_wrapper_iterated(environ, start_response):
    """Middleware that looks into the iterable, so no fast path is possible."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    with open(os.path.join(FOLDER, arguments(environ)["file"]), "rb") as stream:
        return [b"<" + part + b">" for part in environ["wsgi.file_wrapper"](stream, 4)]


class Faulty:
    """One part of the announced length, and an exception behind it."""

    def __init__(self, fault):
        self.fault = fault

    def __iter__(self):
        yield b"whole"
        if self.fault == "item":
            yield "no bytes"
        if self.fault == "generator":
            raise KeyError("in the generator")

    def close(self):
        note("closed-" + self.fault, "1")
        if self.fault == "close":
            raise LookupError("in close")


def faulty(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return Faulty(arguments(environ)["fault"])


def pid(environ, start_response):
    return text(start_response, str(os.getpid()))


application = routes(
    {
        "/steps": steps,
        "/steps-by-write": steps_by_write,
        "/endless": endless,
        "/endless-write": endless_write,
        "/sized": sized,
        "/sized-unchecked": sized,
        "/afterwork": afterwork,
        "/faulty": faulty,
        "/big-item": big_item,
        "/file-wrapper": file_wrapper,
        "/file-wrapper-checked": file_wrapper,
        "/hanging-file": hanging_file,
        "/file-like": file_like,
        "/file-wrapper-iterated": file_wrapper_iterated,
        "/pid": pid,
    },
    # wsgiref.validate wraps the iterable, which hides the file_wrapper from the server.
    unchecked=[
        *("/afterwork", "/faulty", "/file-wrapper", "/hanging-file", "/file-like"),
        "/sized-unchecked",
    ],
)
