"""The part of the WSGI environ that is the same for every request (PEP 3333, "environ Variables").

The per-request part comes as text in the request frame; `worker` puts the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from sys import intern

from .file_wrapper import FileWrapper

_MAXIMUM_SETTERS = 256
# Keys that every request sets: a copy of a template with room for them need not grow.
_SET_BY_EVERY_REQUEST = """REQUEST_METHOD SCRIPT_NAME PATH_INFO QUERY_STRING SERVER_NAME
SERVER_PORT SERVER_PROTOCOL REQUEST_URI REQUEST_SCHEME SERVER_ADDR REMOTE_ADDR REMOTE_PORT
mod_wsgi.request_id mod_wsgi.request_start mod_wsgi.script_start mod_wsgi.thread_id
mod_wsgi.thread_requests mod_wsgi.total_requests wsgi.input wsgi.errors wsgi.url_scheme""".split()

MOD_WSGI_VERSION = (4, 8, 0)
APACHE_VERSION = (2, 4, 71)  # what the environ of mod_wsgi-express 4.8.0 names


def environ_template(plan: dict) -> dict:
    """The entries that all requests of the process share. Text values come from the plan."""
    application = plan["application"]
    template = dict(plan["environ"])
    template.setdefault("mod_wsgi.callable_object", application["callable"])
    template.setdefault("mod_wsgi.process_group", plan["processGroup"])
    template.setdefault("mod_wsgi.application_group", plan["applicationGroup"])
    template["mod_wsgi.version"] = MOD_WSGI_VERSION
    template["apache.version"] = APACHE_VERSION
    template["wsgi.version"] = (1, 0)
    template["wsgi.multithread"] = plan["multithread"]
    template["wsgi.multiprocess"] = plan["multiprocess"]
    template["wsgi.run_once"] = plan["run_once"]
    template["wsgi.input_terminated"] = True
    template["wsgi.file_wrapper"] = FileWrapper
    # As with mod_wsgi, this variable is not passed on but tells the scheme.
    https = template.pop("HTTPS", None)
    if https is not None:
        template["wsgi.url_scheme"] = "https" if https.lower() in ("on", "1") else "http"
    for name in _SET_BY_EVERY_REQUEST:
        template.setdefault(name, "")
    return template


class EnvironShapes:
    """Names of the environ texts. A text is the values of a shape and at last its marker, or else
    name, value, name, value … with NUL between them."""

    def __init__(self, template: dict) -> None:
        """``template`` is what all requests have in common."""
        self.template = template
        # Marker → template for the requests of a shape that is a connection's own.
        self.templates: dict[str, dict] = {}
        # Marker → names. The gateway bounds what it puts in.
        self.names: dict[str, tuple[str, ...]] = {}
        # Marker → function (environ, values) that sets the values of the names, for the shapes that
        # came first.
        self.setters: dict[str, Callable[[dict, list], None]] = {}
        # Marker → what texts of such a shape have in common and leave out.
        self.common: dict[str, dict[str, str]] = {}

    def define(self, text: str) -> None:
        """``text`` is a marker and the names, NUL between them; behind an empty name come name,
        value, name, value … that are common to all texts of the shape. A marker alone ends a shape.
        """
        marker, *names = text.split("\0")
        # Without the GIL a thread needs a lock to look past a key that is another thread's, unless
        # the key lives for ever.
        if not names:
            for known in (self.names, self.setters, self.common, self.templates):
                known.pop(marker, None)
            return
        if "" in names:
            end = names.index("")
            items = names[end + 1 :]
            names = names[:end]
            self.common[marker] = common = dict(zip(map(intern, items[::2]), items[1::2]))
            self.templates[marker] = {**self.template, **common}
            self.setters[marker] = _setter(tuple(names))
        else:
            marker = intern(marker)
            if len(self.setters) - len(self.common) < _MAXIMUM_SETTERS:
                self.setters[marker] = _setter(tuple(names))
        self.names[marker] = tuple(map(intern, names))

    def values(self, text: str) -> dict[str, str]:
        """The values of a text by their names. Raises KeyError for a shape that is not known."""
        values = text.split("\0")
        marker = values[-1]
        if marker[:1] != "\1":
            return dict(zip(values[::2], values[1::2]))
        found = dict(zip(self.names[marker], values))
        found.update(self.common.get(marker, ()))
        return found


@lru_cache(_MAXIMUM_SETTERS)
def _setter(names: tuple[str, ...]):
    """A function (environ, values) for one more value than there are names. An assignment written
    out takes half the time of ``environ.update(zip(names, values))``."""
    targets = "".join("environ[%r], " % name for name in names)
    namespace: dict = {}
    exec("def set_values(environ, values):\n    %s_ = values\n" % targets, namespace)
    return namespace["set_values"]
