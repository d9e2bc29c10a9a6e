"""Records what event callbacks are given, and shows it at /events."""

import time

import mod_wsgi
from routing import as_json, routes, text

events = []


@mod_wsgi.subscribe_events
def record(name, **payload):
    events.append((name, payload))
    return {"added": name}


@mod_wsgi.subscribe_events
def replace(name, **payload):
    assert payload["added"] == name
    environ = payload.get("request_environ")
    if environ is not None and environ["PATH_INFO"] == "/replaced":
        return {"application_object": replacement}


@mod_wsgi.subscribe_shutdown
def on_shutdown(name, **payload):
    print("shutdown callback got %s %s" % (name, sorted(payload)))


def replacement(environ, start_response):
    return text(start_response, "by the replacement")


def plain(value):
    return value if isinstance(value, (str, int, float, type(None))) else type(value).__name__


def show(environ, start_response):
    # A client has its answer a moment before the request is finished.
    while len(mod_wsgi.active_requests) > 1:
        time.sleep(0.001)
    shown = [[name, {key: plain(payload[key]) for key in sorted(payload)}] for name, payload in events]
    del events[:]
    return as_json(start_response, shown)


def hello(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    assert mod_wsgi.active_requests[environ["mod_wsgi.request_id"]] is mod_wsgi.request_data()
    return text(start_response, "%d bytes read" % len(body))


def failing(environ, start_response):
    raise ValueError("from the application")


def failing_iterable(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"first"
    raise ValueError("from the iterable")


application = routes(
    {
        "/": hello,
        "/events": show,
        "/failing": failing,
        "/failing-iterable": failing_iterable,
        "/replaced": hello,
    },
    unchecked=["/failing", "/failing-iterable"],
)
