"""What makes a server replace its processes, and what the application hears of it."""

import atexit
import ctypes
import os
import sys
import time

import mod_wsgi
from routing import FOLDER, arguments, as_json, note, routes, text, wait_for_file

if FOLDER and os.path.exists(os.path.join(FOLDER, "hang")):
    note("hanging", str(os.getpid()))
    while os.path.exists(os.path.join(FOLDER, "hang")):
        time.sleep(0.01)
if FOLDER and os.path.exists(os.path.join(FOLDER, "hang-in-c")):
    note("hanging", str(os.getpid()))
    ctypes.PyDLL(None).sleep(600)  # keeps the GIL

UIDS = {"application": getattr(os, "getuid", int)(), "sitecustomize": getattr(sys, "uid_of_sitecustomize", None),
        "pth": getattr(sys, "uid_of_pth", None)}


def on_shutdown(name, shutdown_reason, **more):
    if FOLDER:
        note("reasons", "%s %d" % (shutdown_reason, os.getpid()))


mod_wsgi.subscribe_shutdown(on_shutdown)
if FOLDER:
    atexit.register(note, "atexit", str(os.getpid()))


def pid(environ, start_response):
    return text(start_response, str(os.getpid()))


def loop(environ, start_response):
    """Goes on for ever, in Python code."""
    note("started", "loop")
    while True:
        time.sleep(0.01)


def wait(environ, start_response):
    """Runs until the test makes the file `go`."""
    note("started", str(os.getpid()))
    wait_for_file("go")
    return text(start_response, "waited in %d" % os.getpid())


def nap(environ, start_response):
    """Sleeps in one call of a C function, with the GIL released."""
    note("started", "nap")
    time.sleep(float(arguments(environ)["seconds"]))
    return text(start_response, "slept in %d" % os.getpid())


def keep_gil(environ, start_response):
    """Sleeps in C without releasing the GIL."""
    note("started", "keep_gil")
    ctypes.PyDLL(None).sleep(int(arguments(environ)["seconds"]))
    return text(start_response, "slept in %d" % os.getpid())


def burn(environ, start_response):
    """Burns CPU time, and says in which process."""
    end = time.process_time() + float(arguments(environ)["seconds"])
    while time.process_time() < end:
        pass
    return text(start_response, str(os.getpid()))


def identity(environ, start_response):
    return as_json(
        start_response,
        {
            "uids": UIDS,
            "ids": [getattr(os, name, int)() for name in ("getuid", "geteuid", "getgid", "getegid")],
            "groups": os.getgroups(),
            "environment": {k: os.environ.get(k) for k in ("HOME", "USER", "USERNAME", "LOGNAME")},
        },
    )


def say(environ, start_response):
    print("said by the application")
    return text(start_response, environ["mod_wsgi.ignore_activity"])


application = routes(
    {
        "/pid": pid,
        "/loop": loop,
        "/wait": wait,
        "/nap": nap,
        "/keep-gil": keep_gil,
        "/burn": burn,
        "/identity": identity,
        "/say": say,
    }
)
