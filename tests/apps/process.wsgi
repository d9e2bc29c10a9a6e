"""The life and death of the process that runs the application."""

import atexit
import ctypes
import os
import signal
import sys
import threading
import time

from routing import FOLDER, arguments, as_json, note, routes, text, wait_for_file

if FOLDER:
    note("loaded", str(os.getpid()))
    atexit.register(note, "atexit", str(os.getpid()))
print("loaded in %d" % os.getpid())


def pid(environ, start_response):
    return text(start_response, str(os.getpid()))


def wait(environ, start_response):
    """Notes its start and runs until the test makes the file `go`."""
    note("started", arguments(environ).get("name", "?"))
    done = wait_for_file("go", float(arguments(environ).get("seconds", "30")))
    return text(start_response, "waited %s in %d" % (done, os.getpid()))


def sleep(environ, start_response):
    time.sleep(float(arguments(environ)["seconds"]))
    return text(start_response, str(os.getpid()))


def nap(environ, start_response):
    """Sleeps, and tells when and where."""
    begin = time.monotonic()
    time.sleep(float(arguments(environ)["seconds"]))
    return as_json(start_response, {"pid": os.getpid(), "begin": begin, "end": time.monotonic()})


def stubborn(environ, start_response):
    """Goes on for a minute, whatever happens."""
    note("started", "stubborn")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            time.sleep(0.1)
        except BaseException:
            pass
    return text(start_response, "ended")


def exit_now(environ, start_response):
    os._exit(int(arguments(environ)["status"]))


def kill(environ, start_response):
    os.kill(os.getpid(), getattr(signal, arguments(environ)["signal"]))
    time.sleep(30)
    return text(start_response, "survived")


def crash(environ, start_response):
    ctypes.string_at(0)
    return text(start_response, "survived")


def background_thread(environ, start_response):
    """A thread that is no daemon keeps a process from leaving until it ends."""
    def work():
        while not os.path.exists(os.path.join(FOLDER, "end")):
            time.sleep(0.01)
        note("background", "ended")

    # A worker thread is a daemon for threading, and a thread made by a daemon is one by default.
    threading.Thread(target=work, daemon=False).start()
    return text(start_response, "started")


def subscribe(environ, start_response):
    import mod_wsgi

    mod_wsgi.subscribe_shutdown(lambda name, **more: note("shutdown", "%s %s" % (name, more.get("shutdown_reason"))))
    return text(start_response, "subscribed")


def subprocesses(environ, start_response):
    import subprocess

    out = subprocess.run([sys.executable, "-c", "print(6 * 7)"], stdout=subprocess.PIPE, check=True).stdout
    return text(start_response, out.decode().strip())


def cpu(environ, start_response):
    end = time.process_time() + float(arguments(environ)["seconds"])
    while time.process_time() < end:
        pass
    return text(start_response, str(os.getpid()))


def stats(environ, start_response):
    return as_json(start_response, {"pid": os.getpid(), "threads": threading.active_count()})


application = routes(
    {
        "/pid": pid,
        "/wait": wait,
        "/sleep": sleep,
        "/nap": nap,
        "/stubborn": stubborn,
        "/exit": exit_now,
        "/kill": kill,
        "/crash": crash,
        "/background-thread": background_thread,
        "/subscribe": subscribe,
        "/subprocess": subprocesses,
        "/cpu": cpu,
        "/stats": stats,
    }
)
