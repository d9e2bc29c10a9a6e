"""The application behind the wire tests: it shows what it got and answers what the query asks for.

Any path      JSON of the texts of the environ and of the request body, one character a byte; run below
              wsgiref.validate except under /raw. The body is read with read(n), with ?form= by
              readline, readlines or iteration; an error of the read gives a 400, with ?uncaught it
              is let through
/noread       the same without reading the body
/read0        the same after read(0) only
/respond?...  status, header (repeatable), body (repeatable: one item each), write (repeatable),
              form=list|generator|answer, repeat=N (of the items), sleep=SECONDS before the answer,
              fail=PLACE
/closed       how often close() of a form=answer iterable was called in this process; ?reset
"""

import json
import time
from urllib.parse import parse_qsl
from wsgiref.validate import validator

closed = 0


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/respond":
        return respond(query(environ), start_response)
    if path == "/closed":
        return closed_count(environ, start_response)
    if path.startswith("/raw"):
        return echo(environ, start_response)
    return checked_echo(environ, start_response)


def query(environ):
    return parse_qsl(environ["QUERY_STRING"], keep_blank_values=True, encoding="latin-1")


def closed_count(environ, start_response):
    global closed
    if environ["QUERY_STRING"] == "reset":
        closed = 0
    body = str(closed).encode("ascii")
    start_response(
        "200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    )
    return [body]


def echo(environ, start_response):
    try:
        data = read_input(environ)
    except OSError:
        if environ["QUERY_STRING"] == "uncaught":
            raise
        start_response("400 Bad Request", [("Content-Type", "text/plain")])
        return [b"OSError"]
    answer = {
        "environ": {k: v for k, v in environ.items() if isinstance(v, str)},
        "input": data.decode("latin-1"),
    }
    body = json.dumps(answer).encode("ascii")
    start_response(
        "200 OK",
        [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
    )
    return [body]


checked_echo = validator(echo)


def read_input(environ):
    source = environ["wsgi.input"]
    path = environ["PATH_INFO"]
    if path == "/noread":
        return b""
    if path == "/read0":
        return source.read(0)
    form = dict(query(environ)).get("form", "read")
    if form == "readline":
        return b"|".join(iter(source.readline, b""))
    if form == "readlines":
        return b"|".join(source.readlines())
    if form == "iteration":
        return b"|".join(source)
    size = int(form[4:]) if form.startswith("read") and form[4:] else 65536
    separator = b"|" if form[4:] else b""
    return separator.join(iter(lambda: source.read(size), b""))


class Answer:
    """An iterable that is neither list nor generator and counts its close()."""

    def __init__(self, items, fail):
        self.items = iter(items)
        self.fail = fail
        self.first = True

    def __iter__(self):
        return self

    def __next__(self):
        if self.fail == "first" or (self.fail == "second" and not self.first):
            raise RuntimeError("secret text of the failure")
        self.first = False
        return next(self.items)

    def close(self):
        global closed
        closed += 1
        if self.fail == "close":
            raise RuntimeError("secret text of the failure")


def respond(pairs, start_response):
    options = dict(pairs)
    fail = options.get("fail")
    status = options.get("status", "200 OK")
    headers = []
    for name, value in pairs:
        if name == "header":
            name, _, value = value.partition(":")
            headers.append((name, value.lstrip(" ")))
    items = [value.encode("latin-1") for name, value in pairs if name == "body"]
    items *= int(options.get("repeat", "1"))
    time.sleep(float(options.get("sleep", "0")))
    if fail == "start":
        raise RuntimeError("secret text of the failure")
    if fail == "exit":
        raise SystemExit(3)
    if fail == "never":
        return items
    write = start_response(status, wrong_headers(headers, fail))
    for name, value in pairs:
        if name == "write":
            write(value.encode("latin-1"))
    return finish(start_response, fail, items, options.get("form", "list"))


def wrong_headers(headers, fail):
    if fail == "headers-tuple":
        return tuple(headers)
    if fail == "header-bytes":
        return [*headers, (b"X-Name", b"value")]
    if fail == "header-number":
        return [*headers, ("X-Name", 5)]
    if fail == "header-line":
        return [*headers, ("X-Name", "a\r\nInjected: yes")]
    if fail == "header-name":
        return [*headers, ("X Name:", "a")]
    if fail == "header-letter":
        return [*headers, ("X-Name", "\u20ac")]
    return headers


def finish(start_response, fail, items, form):
    if fail == "after-start":
        raise RuntimeError("secret text of the failure")
    if fail == "twice":
        start_response("202 Accepted", [])
    if fail == "replaced":
        try:
            raise RuntimeError("secret text of the failure")
        except RuntimeError as error:
            start_response(
                "503 Replaced",
                [("Content-Type", "text/plain")],
                (type(error), error, error.__traceback__),
            )
    if fail == "none":
        return None
    if fail == "text":
        return ["a text"]
    if fail == "number":
        return [5]
    if form == "generator":
        return (item for item in items)
    if form == "answer":
        return Answer(items, fail)
    return items
