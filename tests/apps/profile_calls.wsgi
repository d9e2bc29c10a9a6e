"""Counts the Python functions that a request calls, on the thread that serves it."""

import json
import sys

calls = []


def note(frame, event, argument):
    if event == "call":
        calls.append(frame.f_code.co_filename)


def application(environ, start_response):
    path = environ["PATH_INFO"]
    body = b"hello"
    if path == "/on":
        sys.setprofile(note)
    elif path == "/off":
        sys.setprofile(None)
        body = json.dumps(calls).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
