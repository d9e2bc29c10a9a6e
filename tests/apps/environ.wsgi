"""Shows the environ and what the application finds around it, as JSON."""

import json
import os
import sys
import threading

from wsgiref.validate import validator


def plain(value):
    if isinstance(value, tuple):
        return {"tuple": list(value)}
    if value is None or isinstance(value, (str, int, bool)):
        return value
    return "type:%s.%s" % (type(value).__module__, type(value).__qualname__)


def unchecked(environ, start_response):
    found = {
        "environ": {key: plain(value) for key, value in environ.items()},
        "unusual keys": [repr(key) for key in environ if type(key) is not str],
        "environ type": type(environ).__name__,
        "name": __name__,
        "file": __file__,
        "argv": sys.argv,
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "path": sys.path,
        "version": list(sys.version_info[:3]),
        "cwd": os.getcwd(),
        "os.environ": {key: value for key, value in os.environ.items() if key.startswith(("MOD_WSGI", "TEST_"))},
        "pid": os.getpid(),
        "thread": threading.current_thread().name,
        "streams": [sys.stdout.name, sys.stderr.name, sys.stdin.read() if sys.stdin else ""],
    }
    body = json.dumps(found, indent=1).encode()
    # The dictionary is the application's.
    environ.clear()
    environ["HTTP_SPOILED"] = "yes"
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    )
    return [body]


# wsgiref.validate wraps the streams: --callable-object unchecked shows their own types.
application = validator(unchecked)
