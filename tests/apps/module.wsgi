"""What `import mod_wsgi` gives, as the names of types and plain values."""

import sys
import threading

import apache
import mod_wsgi
import mod_wsgi.server
from routing import as_json, routes

LOADED = {"request_data outside a request": None}
try:
    mod_wsgi.request_data()
except RuntimeError:
    LOADED["request_data outside a request"] = "RuntimeError"
LOADED["on the main thread"] = threading.current_thread() is threading.main_thread()


def describe(value):
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if isinstance(value, (tuple, list)):
        return [describe(each) for each in value]
    if isinstance(value, dict):
        return {str(key): describe(value[key]) for key in sorted(value)}
    return "type:%s.%s" % (type(value).__module__, type(value).__name__)


def names(module):
    return {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}


def show(environ, start_response):
    callables = {name: callable(value) for name, value in names(mod_wsgi).items()}
    return as_json(
        start_response,
        describe(
            {
                "mod_wsgi": names(mod_wsgi),
                "callables": callables,
                "apache": names(apache),
                "server": names(mod_wsgi.server),
                "environ": environ,
                "loaded": LOADED,
                "process_metrics": mod_wsgi.process_metrics(),
                "first request_metrics": mod_wsgi.request_metrics(),
                "server_metrics": mod_wsgi.server_metrics(),
                "name": __name__,
                "modules": [name for name in ("__wsgi__", "mod_wsgi") if name in sys.modules],
                "argv": sys.argv,
                "main": threading.main_thread().ident == threading.get_ident(),
            }
        ),
    )


# Not under wsgiref.validate: its wrappers would stand in for wsgi.input and wsgi.errors.
application = routes({"/": show}, unchecked=["/"])
