"""Which interpreter the application runs in, and how it ends there."""

import atexit
import os
import sys
import threading

import mod_wsgi
from routing import arguments, as_json, note, routes, text

LOADED_ON_MAIN = threading.current_thread() is threading.main_thread()
told = threading.Event()
thread = threading.Thread(target=told.wait, name="lasting work")
thread.start()
if os.environ.get("DAEMON_THREAD"):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
if os.environ.get("STUBBORN"):
    threading.Thread(target=threading.Event().wait, name="stubborn").start()
for name in filter(None, os.environ.get("LOAD", "").split(",")):
    __import__(name)
atexit.register(print, "order: atexit")


@mod_wsgi.subscribe_shutdown
def on_shutdown(name, **payload):
    print("order: %s %s" % (name, payload["shutdown_reason"]))
    told.set()
    thread.join()


def show(environ, start_response):
    return as_json(
        start_response,
        {
            "group": mod_wsgi.application_group,
            "environ": environ["mod_wsgi.application_group"],
            "loaded on main": LOADED_ON_MAIN,
            "on main": threading.current_thread() is threading.main_thread(),
            "main name": threading.main_thread().name,
            "registered": sys.modules.get("__wsgi__") is not None,
            "argv": sys.argv,
            "pid": os.getpid(),
            "main interpreter": is_main(),
        },
    )


def is_main():
    """Only the main interpreter lets functions be called by signal."""
    import signal

    try:
        signal.set_wakeup_fd(-1)
    except ValueError as error:
        return "main interpreter" not in str(error) or None
    return None


def identity(environ, start_response):
    """The number of the interpreter; 0 is the main one."""
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters
    current = interpreters.get_current()
    return text(start_response, str(int(current[0] if isinstance(current, tuple) else current)))


application = routes({"/": show, "/identity": identity})
