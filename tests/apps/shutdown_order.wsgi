"""A process with a thread that is no daemon, and what runs at its end, in the log as "order: …".

With UNSUBSCRIBED in the environment nothing tells the thread to end.
"""

import atexit
import os
import threading

import mod_wsgi
from routing import arguments, note, routes, text, wait_for_file

told = threading.Event()


def work():
    told.wait()
    print("order: thread ended")


thread = threading.Thread(target=work, name="lasting work")
thread.start()
atexit.register(print, "order: atexit")


@mod_wsgi.subscribe_events
def on_event(name, **payload):
    if name == "process_stopping":
        print("order: event %s %s" % (name, sorted(payload.items())))


def on_shutdown(name, **payload):
    print("order: shutdown callback %s %s" % (name, sorted(payload.items())))
    told.set()
    thread.join()
    print("order: joined")


def failing(name, **payload):
    print("order: failing callback")
    raise ValueError("a callback that fails")


if "UNSUBSCRIBED" not in os.environ:
    mod_wsgi.subscribe_shutdown(failing)
    assert mod_wsgi.subscribe_shutdown(on_shutdown) is on_shutdown


def hello(environ, start_response):
    return text(start_response, str(os.getpid()))


def slow(environ, start_response):
    """Runs until the test makes the file `go`."""
    note("started", "slow")
    wait_for_file("go")
    print("order: request ended")
    return text(start_response, "served, thread alive: %s" % thread.is_alive())


application = routes({"/": hello, "/slow": slow})
