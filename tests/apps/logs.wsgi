"""Writes to the log in every way there is."""

import logging
import sys
import threading
import warnings

from routing import arguments, routes, text

logging.basicConfig(level=logging.INFO, format="%(levelname)s:%(name)s:%(message)s")
print("printed while loading")


def everything(environ, start_response):
    print("by print")
    sys.stdout.write("by stdout\n")
    sys.stderr.write("by stderr\n")
    environ["wsgi.errors"].write("by wsgi.errors\n")
    environ["wsgi.errors"].writelines(["by ", "writelines\n"])
    logging.getLogger("shop").warning("by logging")
    sys.stderr.buffer.write(b"by buffer\n")
    sys.stderr.buffer.flush()
    print("two\nlines")
    print("unicode \u20ac \U0001f600")
    print()
    print("after an empty line")
    return text(start_response, "done")


def warning(environ, start_response):
    try:
        warnings.warn("take care", UserWarning)
    except UserWarning:
        return text(start_response, "raised")
    return text(start_response, "warned")


def partial(environ, start_response):
    sys.stderr.write("first ")
    sys.stderr.write("second ")
    print("on stdout meanwhile")
    sys.stderr.write("third\n")
    sys.stderr.write("flushed without newline")
    sys.stderr.flush()
    environ["wsgi.errors"].write("ended by the request")
    return text(start_response, "done")


def numbered(environ, start_response):
    given = arguments(environ)
    for number in range(int(given["count"])):
        print("%s line %d" % (given["name"], number))
    return text(start_response, "done")


def long_line(environ, start_response):
    size = int(arguments(environ)["size"])
    print("begin " + "x" * size + " end")
    print("with a nul \0 inside")
    return text(start_response, "done")


def background(environ, start_response):
    def work():
        print("from a background thread")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return text(start_response, "done")


kept = []


def kept_errors(environ, start_response):
    """Keeps wsgi.errors beyond its request; a second call writes to the old one."""
    old = kept.pop() if kept else None
    kept.append(environ["wsgi.errors"])
    if old is None:
        return text(start_response, "kept")
    try:
        old.write("after its request\n")
        old.flush()
    except Exception as error:
        return text(start_response, type(error).__name__)
    return text(start_response, "accepted")


def streams(environ, start_response):
    found = []
    for stream in (sys.stdout, sys.stderr, environ["wsgi.errors"]):
        try:
            stream.fileno()
            number = "number"
        except Exception as error:
            number = isinstance(error, OSError)
        found.append("%s %s %s" % (stream.name, stream.isatty(), number))
    return text(start_response, "\n".join(found))


application = routes(
    {
        "/everything": everything,
        "/warning": warning,
        "/partial": partial,
        "/numbered": numbered,
        "/long-line": long_line,
        "/background": background,
        "/kept-errors": kept_errors,
        "/streams": streams,
    },
    # wsgiref.validate's wrapper of wsgi.errors has no isatty() and no name.
    unchecked=["/streams", "/kept-errors"],
)
