"""Watches the files of all loaded modules and asks for a restart when one changes."""

from __future__ import annotations

import os
import sys

from .threads import allocate_lock, start_new_thread


class Reloader:
    """One thread that looks at every file once per interval."""

    def __init__(self, restart) -> None:
        """``restart(reason)`` is called, once, when something has changed."""
        self._restart = restart
        self._times: dict[str, int | None] = {}
        self._tracked: set[str] = set()
        self._running = False
        self._stop = allocate_lock()
        self._stop.acquire()

    def track(self, path: str) -> None:
        path = os.path.abspath(os.fspath(path))
        self._tracked.add(path)
        self._times.setdefault(path, _modified(path))

    def start(self, interval: float) -> None:
        """Starts the thread unless it runs. What is loaded now counts as unchanged."""
        if self._running:
            return
        self._running = True
        self.changed()
        start_new_thread(self._run, (interval,))

    def stop(self) -> None:
        if self._running:
            self._running = False
            self._stop.release()

    def _run(self, interval: float) -> None:
        while not self._stop.acquire(timeout=interval):
            if self.changed():
                self._restart("script_reload")
                return

    def changed(self) -> bool:
        """Whether a file differs from when it was seen first (or has gone)."""
        times = self._times
        for path in self._module_files() | self._tracked:
            modified = _modified(path)
            if times.setdefault(path, modified) != modified:
                return True
        return False

    def _module_files(self) -> set[str]:
        files = set()
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if isinstance(path, str) and not path.startswith("<"):
                if path.endswith((".pyc", ".pyo")):
                    path = path[:-1]
                files.add(path)
        return files


def _modified(path: str) -> int | None:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None
