"""The module ``mod_wsgi.server``: reloading on changes (see `reloader`)."""

from __future__ import annotations

import sys
from types import ModuleType


def install(process) -> None:
    module = ModuleType("mod_wsgi.server", "Source code reloading for applications.")
    module.__path__ = []

    def start_reloader(interval: float = 1.0) -> None:
        """Restarts the process when a file of a loaded module changes. ``interval`` in seconds."""
        process.reloader().start(interval)

    def track_changes(path: str) -> None:
        """Adds a file to those whose change restarts the process."""
        process.reloader().track(path)

    def start(*arguments: str) -> None:
        """mod_wsgi-express starts a server here; an application already has one."""
        raise RuntimeError("mod_wsgi.server.start() can't be used inside of an application")

    for function in (start_reloader, track_changes, start):
        function.__module__ = module.__name__
        function.__qualname__ = function.__name__
        setattr(module, function.__name__, function)
    sys.modules[module.__name__] = module
    sys.modules["mod_wsgi"].server = module
