"""Activity of a process where some requests are none (``--ignore-activity``)."""

from __future__ import annotations

from time import monotonic

from .worker import Worker


class Activity:
    """Notes when a request that counts last began or ended (``last``: `time.monotonic`, 0 before
    the first)."""

    def __init__(self, ignored: list) -> None:
        """``ignored``: URL paths that stand for themselves and all that lies below them."""
        self.last = 0.0
        self._ignored = [path.rstrip("/") for path in ignored]

    def ignores(self, path: str) -> bool:
        return any(path == each or path.startswith(each + "/") for each in self._ignored)

    def note(self) -> None:
        self.last = monotonic()


class ActivityWorker(Worker):
    """A worker that tells which requests count."""

    __slots__ = ()

    def handle(self, text: str, kind: int, body: bytes) -> bytes | None:
        activity = self._process.activity
        environ = self._process.shapes.values(text)
        if activity.ignores(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")):
            environ["mod_wsgi.ignore_activity"] = "1"
            text = "\0".join("%s\0%s" % pair for pair in environ.items())
        else:
            activity.note()
        return super().handle(text, kind, body)

    def _end(self, frame, *served) -> bytes | None:
        counts = not self.field("mod_wsgi.ignore_activity")
        try:
            return super()._end(frame, *served)
        finally:
            if counts:
                self._process.activity.note()
