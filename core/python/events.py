"""Callbacks of ``mod_wsgi.subscribe_events`` and ``mod_wsgi.subscribe_shutdown``."""

from __future__ import annotations

import os

from .log import format_exception


class Events:
    """The two lists of callbacks. Applications see the lists themselves."""

    def __init__(self, log) -> None:
        self.callbacks: list = []
        self.shutdown_callbacks: list = []
        self._log = log

    def publish(self, name: str, payload: dict) -> dict:
        """Calls the event callbacks. A dictionary that one returns is merged into the payload that
        the next one gets; the merged payload is returned. An exception is logged."""
        for callback in list(self.callbacks):
            payload = self._call(callback, name, payload)
        return payload

    def publish_stopping(self, reason: str) -> None:
        """``process_stopping``: first to the event callbacks, then to the shutdown callbacks."""
        payload = self.publish("process_stopping", {"shutdown_reason": reason})
        for callback in list(self.shutdown_callbacks):
            payload = self._call(callback, "process_stopping", payload)

    def _call(self, callback, name: str, payload: dict) -> dict:
        try:
            result = callback(name, **payload)
            if isinstance(result, dict):
                payload = dict(payload)
                payload.update(result)
        except BaseException as error:
            self._log.text(
                "error",
                "mod_wsgi (pid=%d): Exception occurred in the callback for the event '%s'.\n%s"
                % (os.getpid(), name, format_exception(error)),
            )
        return payload
