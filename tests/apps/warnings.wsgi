"""Warnings as errors, and much output to every log stream in one request."""

import os
import sys
import warnings

from routing import arguments, as_json, routes, text


def showwarning(message, category, filename, lineno, file=None, line=None):
    print("hook on stdout: %s" % message)
    sys.stderr.write("hook on stderr: %s\n" % message)


warnings.showwarning = showwarning


def deprecated():
    try:
        warnings.warn("old", DeprecationWarning)
    except DeprecationWarning:
        return "raised"
    return "shown"


def much(environ, start_response):
    errors = environ["wsgi.errors"]
    for number in range(1000):
        rest = "\0" if number % 10 == 0 else "x" * 20000 if number % 100 == 1 else ""
        sys.stdout.write("out %d %s.\n" % (number, rest))
        sys.stderr.write("err %d %s.\n" % (number, rest))
        errors.write("wsgi %d %s.\n" % (number, rest))
        if number % 100 == 0:
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn("shown %d" % number, DeprecationWarning)
    return text(start_response, deprecated())


def pid(environ, start_response):
    deprecated()
    print("a line")
    return text(start_response, str(os.getpid()))


def filters(environ, start_response):
    return as_json(start_response, [warnings.filters[0][0], sys.warnoptions])


application = routes({"/much": much, "/pid": pid, "/filters": filters})
