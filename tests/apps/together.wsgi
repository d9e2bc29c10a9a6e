"""Short requests of several kinds, which note what happens in which order."""

import os
import sys

from routing import arguments, note, text, wait_for_file


if "TOGETHER_EVENTS" in os.environ:
    import mod_wsgi

    mod_wsgi.subscribe_events(lambda name, **event: None)


class Rest:
    """One part, complete by its Content-Length, and something to do behind it."""

    def __init__(self, name):
        self.name = name

    def __iter__(self):
        yield self.name.encode()
        note("order", "rest " + self.name)

    def close(self):
        note("order", "close " + self.name)


def application(environ, start_response):
    path = environ["PATH_INFO"]
    name = arguments(environ).get("name", "")
    if path == "/count":
        return text(start_response, "counted")
    note("order", path[1:] + " " + name)
    if path == "/fault":
        raise RuntimeError(name)
    if path == "/exit":
        sys.exit(name)
    if path == "/hold":
        assert wait_for_file("go-" + name)
    elif path == "/lasting":
        start_response("200 OK", [("Content-Length", str(len(name)))])
        return Rest(name)
    elif path == "/parts":
        start_response("200 OK", [])
        return Rest(name)
    elif path == "/large":
        start_response("200 OK", [])
        return [b"x" * 3_000_000]
    elif path == "/write":
        start_response("200 OK", [])(name.encode())
        return []
    elif path == "/body":
        name = environ["wsgi.input"].read().decode()
    return text(start_response, name)
