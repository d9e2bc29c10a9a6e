"""Shows whether two threads run Python at the same time."""

import sys
import threading
import time

_arrived = []
_lock = threading.Lock()


def application(environ, start_response):
    """Waits for another request without ever giving up the interpreter, which with a lock around it
    would keep that one out. Says whether it came, and whether there is a lock. The query is the number of seconds."""
    # A thread that wants the lock has to wait that long.
    sys.setswitchinterval(100)
    with _lock:
        _arrived.append(environ["mod_wsgi.total_requests"])
        turn = (len(_arrived) + 1) // 2 * 2
    end = time.monotonic() + float(environ["QUERY_STRING"])
    while len(_arrived) < turn and time.monotonic() < end:
        pass
    locked = getattr(sys, "_is_gil_enabled", lambda: True)()
    body = b"%s %s" % (
        b"together" if len(_arrived) >= turn else b"alone",
        b"locked" if locked else b"free",
    )
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
