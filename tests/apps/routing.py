"""Small helpers that the test applications share."""

import json
import os
import time
from contextlib import contextmanager
from urllib.parse import parse_qsl
from wsgiref.validate import validator

FOLDER = os.environ.get("TEST_FOLDER", "")
NOTE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


def arguments(environ):
    """The query string as a dict of str; the last value of a name wins."""
    return dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))


def text(start_response, body, status="200 OK", headers=()):
    """A whole plain text response."""
    data = body.encode("utf-8")
    start_response(
        status,
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(data))),
            *headers,
        ],
    )
    return [data]


def as_json(start_response, value):
    """A whole JSON response."""
    data = json.dumps(value).encode("utf-8")
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
    )
    return [data]


def routes(table, unchecked=()):
    """An application that goes by PATH_INFO; all but the `unchecked` paths run under wsgiref.validate."""
    checked = {path: validator(application) for path, application in table.items()}

    def not_found(environ, start_response):
        return text(start_response, "no such route", "404 Not Found")

    def application(environ, start_response):
        path = environ["PATH_INFO"]
        if path in unchecked:
            return table[path](environ, start_response)
        return checked.get(path, validator(not_found))(environ, start_response)

    return application


def wait_for_file(name, seconds=30):
    """Waits until the test has made the file `name` in its folder; False when it did not in time."""
    end = time.monotonic() + seconds
    path = os.path.join(FOLDER, name)
    while not os.path.exists(path):
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def note(name, line):
    """Appends one line to the file `name` in the test's folder; safe from several threads and processes."""
    descriptor = os.open(
        os.path.join(FOLDER, name), NOTE_FLAGS, 0o600
    )
    try:
        with alone(descriptor):
            os.write(descriptor, line.encode("utf-8") + b"\n")
    finally:
        os.close(descriptor)


@contextmanager
def alone(descriptor):
    """Keeps others that note from writing at the same time: appending is two steps on Windows, to go to the end and to write."""
    if os.name != "nt":
        yield
        return
    import msvcrt

    def lock(mode):
        # Of a place where nothing is ever written, as a locked one can't be read.
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        msvcrt.locking(descriptor, mode, 1)

    while True:
        try:
            lock(msvcrt.LK_NBLCK)
            break
        except OSError:
            time.sleep(0.001)
    try:
        yield
    finally:
        lock(msvcrt.LK_UNLCK)
