"""For debug mode: it fails where it is asked to."""

import os
import signal
import sys
import threading

import mod_wsgi
from routing import arguments, as_json, note, routes, text

got = []
if os.environ.get("SIGNALS"):
    signal.signal(signal.SIGUSR2, lambda number, frame: print("handler of", number))


def show(environ, start_response):
    return as_json(
        start_response,
        {
            "group": mod_wsgi.process_group,
            "threads": mod_wsgi.threads_per_process,
            "multithread": environ["wsgi.multithread"],
            "multiprocess": environ["wsgi.multiprocess"],
            "reloading": environ["mod_wsgi.script_reloading"],
            "queue": environ.get("mod_wsgi.queue_start"),
            "daemon": environ.get("mod_wsgi.daemon_start"),
            "stdin": sys.stdin.isatty(),
            "stdout": sys.stdout.isatty(),
            "stderr": type(sys.stderr.buffer).__name__,
            "path": sys.path[0],
            "pid": os.getpid(),
        },
    )


def failing(environ, start_response):
    local_value = 6 * 7
    raise ValueError("to be examined")


def failing_later(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])

    def parts():
        yield b"first"
        raise KeyError("in the iterable")

    return parts()


class Closing:
    def __iter__(self):
        return iter([b"closed badly"])

    def close(self):
        raise OSError("in close")


def failing_close(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return Closing()


def asking(environ, start_response):
    print("asking")
    return text(start_response, "answer: %s" % input("your answer? "))


def echo(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return text(start_response, body.decode("latin-1"))


def breakpoint_here(environ, start_response):
    value = "before"
    import pdb

    pdb.set_trace()
    return text(start_response, value)


application = routes(
    {
        "/": show,
        "/asking": asking,
        "/echo": echo,
        "/set-trace": breakpoint_here,
        "/failing": failing,
        "/failing-later": failing_later,
        "/failing-close": failing_close,
    },
    unchecked=["/failing", "/failing-later", "/failing-close"],
)
