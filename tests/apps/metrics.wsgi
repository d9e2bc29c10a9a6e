"""Metrics: a thread of the application writes request_metrics() to the file `metrics` each time the
test asks for it, so that no request is needed to look at the others."""

import json
import threading
import time

import mod_wsgi
from routing import arguments, as_json, note, routes, text, wait_for_file


def watch():
    number = 0
    while wait_for_file("take %d" % number, 600):
        while mod_wsgi.active_requests:
            time.sleep(0.001)
        note("metrics", json.dumps(mod_wsgi.request_metrics()))
        number += 1


threading.Thread(target=watch, daemon=True).start()


def sleep(environ, start_response):
    time.sleep(float(arguments(environ)["seconds"]))
    return text(start_response, "slept")


def process(environ, start_response):
    return as_json(start_response, mod_wsgi.process_metrics())


def server(environ, start_response):
    return as_json(start_response, mod_wsgi.server_metrics())


def start(environ, start_response):
    return as_json(start_response, mod_wsgi.start_recording_metrics())


def waiting(environ, start_response):
    note("started", "waiting")
    wait_for_file("go")
    return text(start_response, "waited")


application = routes(
    {
        "/sleep": sleep,
        "/process": process,
        "/server": server,
        "/start": start,
        "/waiting": waiting,
    }
)
