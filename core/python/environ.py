"""The part of the WSGI environ that is the same for every request (PEP 3333, "environ Variables").

The per-request part comes as text in the request frame; `worker` puts the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import intern

from .file_wrapper import FileWrapper

_MAXIMUM_SETTERS = 256

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
    return template


class EnvironShapes:
    """Names of the environ texts. A text is the values of a shape and at last its marker, or else
    name, value, name, value … with NUL between them."""

    def __init__(self) -> None:
        # Marker → names. Nothing is ever taken out; the gateway bounds what it puts in.
        self.names: dict[str, tuple[str, ...]] = {}
        # Marker → function (environ, values) that sets the values of the names, for the shapes that
        # came first.
        self.setters: dict[str, Callable[[dict, list], None]] = {}

    def define(self, text: str) -> None:
        """``text`` is a marker and the names, NUL between them."""
        marker, *names = text.split("\0")
        # Without the GIL a thread needs a lock to look past a key that is another thread's, unless
        # the key lives for ever.
        marker = intern(marker)
        self.names[marker] = tuple(map(intern, names))
        if len(self.setters) < _MAXIMUM_SETTERS:
            self.setters[marker] = _setter(names)

    def pairs(self, text: str):
        """The pairs of a text, for `dict`."""
        values = text.split("\0")
        names = self.names.get(values[-1])
        if names is None:
            return zip(values[::2], values[1::2])
        return zip(names, values)


def _setter(names: list[str]):
    """A function (environ, values) for one more value than there are names. An assignment written
    out takes half the time of ``environ.update(zip(names, values))``."""
    targets = "".join("environ[%r], " % name for name in names)
    namespace: dict = {}
    exec("def set_values(environ, values):\n    %s_ = values\n" % targets, namespace)
    return namespace["set_values"]
